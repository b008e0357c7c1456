import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coordinator.errors import (
    CoordinatorError,
    MalformedBodyError,
    NonFiniteParametersError,
    ParameterMismatchError,
    ParametersUnavailableError,
    ProtocolVersionError,
    StudyMismatchError,
    StudyUnknownError,
)
from coordinator.parameters import Parameters
from coordinator.rounds.initial import approve_proposal, create_study, read_initial, reject_proposal
from coordinator.storage.studies import find_study, list_studies
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    global_body,
    refusal,
    tiny_moments,
    tiny_parameters,
    tiny_study,
)

LESION_WEIGHT = "lesion_classifier.weight"


def changed(name: str, array: Any) -> Parameters:
    return {**tiny_parameters(), name: array}


def without(prefix: str) -> Parameters:
    return {n: a for n, a in tiny_parameters().items() if not n.startswith(prefix)}


def written(folder: Path, body: bytes) -> Path:
    path = folder / "initial.safetensors"
    path.write_bytes(body)
    return path


def study_without_parameters(live: LiveCoordinator, **rounds: Any) -> list[LiveSite]:
    study = tiny_study(**rounds)
    study_id = live.create_study(study)
    first = live.join(study_id, study)
    live.clock.turn(1)
    return [first, live.join(study_id, study)]


def proposal(site: LiveSite, value: float = 0.0, **changes: Any) -> bytes:
    return global_body(site.study, site.study_id, tiny_parameters(value), **changes)


@pytest.mark.parametrize(
    ("parameters", "error", "sentence"),
    [
        (without("feature_extractor"), StudyMismatchError, "no feature extractor"),
        (without("lesion_classifier.bias"), ParameterMismatchError, "'lesion_classifier.bias'"),
        (without("domain_classifier"), ParameterMismatchError, "'domain_classifier.bias'"),
        (
            changed(LESION_WEIGHT, np.zeros((3, 2), np.float32)),
            ParameterMismatchError,
            r"'lesion_classifier.weight' has shape \[3, 2\]; the study's model has \[2, 2\]",
        ),
        (
            changed("domain_classifier.weight", np.zeros((8, 3), np.float32)),
            ParameterMismatchError,
            r"'domain_classifier.weight' has shape \[8, 3\]",
        ),
        (
            changed("lesion_classifier.scale", np.zeros(1, np.float32)),
            ParameterMismatchError,
            "'lesion_classifier.scale' is not part",
        ),
        (changed("head.bias", np.zeros(1, np.float32)), ParameterMismatchError, "'head.bias'"),
        (
            changed("feature_extractor.", np.zeros(1, np.float32)),
            ParameterMismatchError,
            "'feature_extractor.' belongs to none",
        ),
        ({**tiny_parameters(), **tiny_moments([0])}, ParameterMismatchError, "'moments.0"),
        (
            changed("lesion_classifier.bias", np.array([0, np.nan], np.float32)),
            NonFiniteParametersError,
            "'lesion_classifier.bias' holds 1 values that are not finite",
        ),
    ],
)
def test_parameters_that_are_no_model_of_the_study_are_refused_by_name(
    tmp_path: Path, parameters: Parameters, error: type[CoordinatorError], sentence: str
) -> None:
    study = tiny_study()
    with pytest.raises(error, match=sentence):
        read_initial(written(tmp_path, global_body(study, "any", parameters)), study)


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"protocol_version": 2}, ProtocolVersionError, "protocol 2; the coordinator serves 1"),
        ({"method_version": 7}, ProtocolVersionError, "method 7; the study by 1"),
        ({"study_digest": "0" * 64}, StudyMismatchError, r"another study\.toml"),
        ({"extractor": "resnet18"}, StudyMismatchError, "'resnet18'; the study wants 'small_cnn'"),
    ],
)
def test_parameters_made_for_something_else_are_refused(
    tmp_path: Path, changes: dict[str, Any], error: type[CoordinatorError], sentence: str
) -> None:
    study = tiny_study()
    body = global_body(study, "any", tiny_parameters(), **changes)
    with pytest.raises(error, match=sentence):
        read_initial(written(tmp_path, body), study)


def test_domain_classifier_has_an_answer_per_domain_and_where_asked_per_lesion_class(
    tmp_path: Path,
) -> None:
    wide = tiny_parameters(domain_width=2 * 8)
    study = tiny_study(model={"domain_classifier": "per_lesion"})
    path = written(tmp_path, global_body(study, "any", wide))
    assert read_initial(path, study)[0].shapes.keys() == wide.keys()
    with pytest.raises(ParameterMismatchError, match=r"has shape \[8, 2\]; .* has \[16, 2\]"):
        read_initial(written(tmp_path, global_body(study, "any", tiny_parameters())), study)


def test_study_is_not_kept_when_its_initial_parameters_are_refused(
    live: LiveCoordinator, tmp_path: Path
) -> None:
    path = written(tmp_path, b"\x80\x04pickle")
    with pytest.raises(MalformedBodyError):
        create_study(live.store, live.blobs, tiny_study(), [path], live.clock())
    with live.store.reading() as connection:
        assert list_studies(connection) == []


def test_owners_parameters_are_what_sites_download(live: LiveCoordinator) -> None:
    study = tiny_study()
    site = live.join(live.create_study(study, tiny_parameters(0.25)), study)
    arrays, message = site.download(0)
    assert {name: array.tolist() for name, array in arrays.items()} == {
        name: array.tolist() for name, array in tiny_parameters(0.25).items()
    }
    assert (message.study_id, message.round_number) == (site.study_id, 0)
    reference = site.round().global_parameters
    assert reference is not None
    body = site.request("GET", f"/v1/studies/{site.study_id}/parameters/0").content
    assert reference.digest == hashlib.sha256(body).hexdigest()


def test_site_longest_enrolled_is_asked_to_propose(live: LiveCoordinator) -> None:
    first, second = study_without_parameters(live)
    reply = first.round()
    assert reply.state == "waiting_for_parameters"
    assert reply.may_propose_parameters
    assert not second.round().may_propose_parameters


def test_next_site_is_asked_to_propose_when_the_first_stays_away(live: LiveCoordinator) -> None:
    _, second = study_without_parameters(live, seen_within_s=600)
    live.clock.turn(601)
    assert second.round().may_propose_parameters


def test_nobody_is_asked_to_propose_where_only_the_owner_has_the_weights(
    live: LiveCoordinator,
) -> None:
    study = tiny_study(model={"extractor": "resnet18", "weights": "file"})
    reply = live.join(live.create_study(study), study).round()
    assert (reply.state, reply.may_propose_parameters) == ("waiting_for_parameters", False)


def test_proposal_whose_file_was_swept_meanwhile_is_not_acknowledged(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _ = study_without_parameters(live)
    adopt = live.blobs.adopt

    def adopt_and_lose(path: Path, name: str) -> None:
        adopt(path, name)
        live.blobs.delete(name)

    with monkeypatch.context() as patched:
        patched.setattr(live.blobs, "adopt", adopt_and_lose)
        assert site.propose(proposal(site, 0.5)).status_code == 409
    assert site.propose(proposal(site, 0.5)).status_code == 200


def test_proposal_waits_for_the_owners_approval(live: LiveCoordinator) -> None:
    site, other = study_without_parameters(live)
    assert site.propose(proposal(site, 0.5)).status_code == 200
    reply = site.round()
    assert (reply.state, reply.may_propose_parameters) == ("waiting_for_parameters", False)
    assert "owner's approval" in reply.sentence
    missing = site.request("GET", f"/v1/studies/{site.study_id}/parameters/0")
    assert refusal(missing)[:2] == (404, "parameters_unavailable")
    approve_proposal(live.store, live.blobs, site.study_id, live.clock())
    assert other.round().state == "collecting"
    assert other.download(0)[0]["lesion_classifier.bias"].tolist() == [0.5, 0.5]


def test_first_proposal_is_accepted_at_once_if_the_owner_consented(live: LiveCoordinator) -> None:
    site, other = study_without_parameters(live, accept_first_proposal=True)
    response = site.propose(proposal(site, 0.5))
    reply = other.round()
    assert reply.state == "collecting"
    assert reply.global_parameters is not None
    assert reply.global_parameters.model_dump() == response.json()
    with live.store.reading() as connection:
        manifests = find_study(connection, site.study_id).manifests
    assert manifests["small_cnn"] == {
        name: array.shape for name, array in tiny_parameters().items()
    }


@pytest.mark.parametrize("consented", [False, True])
def test_same_proposal_may_come_again_and_another_is_refused(
    live: LiveCoordinator, consented: bool
) -> None:
    site, other = study_without_parameters(live, accept_first_proposal=consented)
    first = site.propose(proposal(site))
    assert other.propose(proposal(other)).json() == first.json()
    status, code, sentence = refusal(other.propose(proposal(other, 0.5)))
    assert (status, code) == (409, "round_closed")
    assert "already proposed or chosen" in sentence


def test_refused_proposal_leaves_no_file_behind(live: LiveCoordinator) -> None:
    site, other = study_without_parameters(live)
    site.propose(proposal(site))
    before = set(live.blob_folder.iterdir())
    assert other.propose(proposal(other, 0.5)).status_code == 409
    assert set(live.blob_folder.iterdir()) == before


@pytest.mark.parametrize("changes", [{"study_id": "another"}, {"round_number": 1}])
def test_proposal_for_another_study_or_round_is_refused(
    live: LiveCoordinator, changes: dict[str, Any]
) -> None:
    site, _ = study_without_parameters(live)
    refused = site.propose(proposal(site, **changes))
    assert refusal(refused)[:2] == (409, "study_mismatch")
    assert site.round().may_propose_parameters


def test_rejected_proposal_makes_room_for_another(live: LiveCoordinator) -> None:
    site, _ = study_without_parameters(live)
    site.propose(proposal(site, 0.5))
    reject_proposal(live.store, site.study_id, live.clock())
    assert site.round().may_propose_parameters
    assert site.propose(proposal(site, 0.25)).status_code == 200


def test_nothing_can_be_approved_or_rejected_where_nothing_was_proposed(
    live: LiveCoordinator,
) -> None:
    study_id = live.create_study(tiny_study())
    with pytest.raises(ParametersUnavailableError, match="No proposal waits"):
        approve_proposal(live.store, live.blobs, study_id, live.clock())
    with pytest.raises(ParametersUnavailableError, match="No proposal waits"):
        reject_proposal(live.store, study_id, live.clock())
    with pytest.raises(StudyUnknownError):
        reject_proposal(live.store, "nowhere", live.clock())


def test_proposal_larger_than_the_coordinators_limit_is_refused(live: LiveCoordinator) -> None:
    site, _ = study_without_parameters(live)
    large = changed("feature_extractor.more", np.zeros(30_000, np.float32))  # 120 kB of 100 kB
    body = global_body(site.study, site.study_id, large)
    status, code, sentence = refusal(site.propose(body))
    assert (status, code) == (413, "body_too_large")
    assert "100000 bytes" in sentence
