"""Studies whose sites have different feature extractors."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from coordinator import protocol
from coordinator.dashboard.roster import read_roster
from coordinator.encoding import difference_parts, restored, values_of
from coordinator.errors import StudyMismatchError
from coordinator.parameters import Parameters, decode, manifest_of
from coordinator.rounds.average import make_average
from coordinator.rounds.export import ModelWanted, export_study
from coordinator.rounds.initial import create_study
from coordinator.rounds.life import Rounds
from coordinator.storage.studies import find_study
from coordinator.study import Exchange, Study
from tests.coordinator.command_line import STUDY_TOML, CommandLine
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    global_body,
    refusal,
    tiny_moments,
    tiny_parameters,
    tiny_study,
    tiny_styles,
)

SMALL: Final = "small_cnn"
LARGE: Final = "resnet18"
SMALL_ARRAY, LARGE_ARRAY = "feature_extractor.conv.weight", "feature_extractor.layer.weight"
LESION, DOMAIN = "lesion_classifier.weight", "domain_classifier.weight"


def mixed_study(exchange: Exchange | None = None, **options: Any) -> Study:
    options.setdefault("model", {}).setdefault("further_extractors", [LARGE])
    study = tiny_study(**options)
    return study.model_copy(update={"exchange": exchange or Exchange()})


def parameters(extractor: str, value: float = 0.0) -> Parameters:
    """All arrays of a model with an extractor, filled with one value."""
    arrays = tiny_parameters(value)
    if extractor == LARGE:
        del arrays[SMALL_ARRAY]
        arrays[LARGE_ARRAY] = np.full((5, 3), value, np.float32)
    return arrays


def initial_files(folder: Path, study: Study, **values: float) -> list[Path]:
    """What an owner gives to begin from: for each extractor a file, filled with its value."""
    paths = []
    for extractor in (SMALL, LARGE):
        path = folder / f"{extractor}.safetensors"
        arrays = parameters(extractor, values.get(extractor, 0.0))
        path.write_bytes(global_body(study, "unnamed", arrays, extractor=extractor))
        paths.append(path)
    return paths


def running(live: LiveCoordinator, study: Study, *extractors: str | None) -> list[LiveSite]:
    """A study that begins from zeros, and a site with each extractor, each with one domain."""
    paths = initial_files(live.blob_folder.parent, study)
    study_id = create_study(live.store, live.blobs, study, paths, live.clock())
    return [join(live, study_id, study, extractor) for extractor in extractors]


def join(live: LiveCoordinator, study_id: str, study: Study, extractor: str | None) -> LiveSite:
    credential = f"{live.invite(study_id)}".replace("-", "").ljust(43, "x")
    choice = {} if extractor is None else {"extractor": extractor}
    response = live.enrol(live.invite(study_id), credential, **choice)
    assert response.status_code == 200, response.text
    reply = protocol.EnrolmentReply.model_validate_json(response.content)
    site = LiveSite(live, study_id, study, reply.site_id, credential)
    site.register_domains()
    return site


def send(site: LiveSite, extractor: str, value: float, **claims: Any) -> None:
    body = site.update_body(parameters(extractor, value), extractor=extractor, **claims)
    response = site.send(site.round().round_number, body)
    assert response.status_code == 200, response.text


def finish_round(
    live: LiveCoordinator, sending: dict[str, tuple[LiveSite, float]], idle: LiveSite | None = None
) -> None:
    """Let sites send a value each; who is idle is there, and late."""
    everybody = [site for site, _ in sending.values()] + ([idle] if idle else [])
    assert {site.round().state for site in everybody} == {"collecting"}
    for extractor, (site, value) in sending.items():
        send(site, extractor, value)
    if idle is not None:
        live.clock.turn(3601)
        for site in everybody:
            site.round()


def own_array(extractor: str) -> str:
    return SMALL_ARRAY if extractor == SMALL else LARGE_ARRAY


def mean(sent: list[tuple[float, int]]) -> float:
    return sum(value * count for value, count in sent) / sum(count for _, count in sent)


def level(arrays: Parameters, name: str) -> float:
    """The one value that an array is filled with."""
    (value,) = {float(v) for v in arrays[name].ravel()}
    return value


def bits(arrays: Parameters, prefix: str) -> dict[str, bytes]:
    return {n: a.tobytes() for n, a in arrays.items() if n.startswith(prefix)}


def test_extractors_are_averaged_among_their_like_and_classifiers_over_all_sites(
    live: LiveCoordinator,
) -> None:
    choices = (SMALL, SMALL, LARGE, SMALL, LARGE, LARGE)
    study = mixed_study(fraction=0.5, sites_per_round=3, start_quorum=6)
    sites = list(zip(running(live, study, *choices), choices, strict=True))
    told = {SMALL: [(1.0, 10), (4.0, 20), (2.0, 30)], LARGE: [(8.0, 10), (5.0, 40), (3.0, 50)]}
    sent: dict[str, list[tuple[float, int]]] = {SMALL: [], LARGE: []}
    for site, extractor in [(site, own) for site, own in sites if site.round().is_picked]:
        value, count = told[extractor].pop()
        sent[extractor].append((value, count))
        send(site, extractor, value, sample_count=count)
    # One time in ten all three that are picked have the same extractor, and the other one stays.
    stays = {name: [(level(parameters(name), own_array(name)), 1)] for name in (SMALL, LARGE)}
    everybody = sent[SMALL] + sent[LARGE]
    for site, extractor in sites:
        arrays, message = site.download(1)
        assert message.extractor == extractor
        own = sent[extractor] or stays[extractor]
        assert level(arrays, own_array(extractor)) == pytest.approx(mean(own))
        assert level(arrays, LESION) == pytest.approx(mean(everybody))
        assert level(arrays, DOMAIN) == pytest.approx(sum(v for v, _ in everybody) / 3)
        assert manifest_of(arrays) == manifest_of(parameters(extractor))


def test_an_extractor_that_nobody_trained_stays_and_gets_the_new_classifiers(
    live: LiveCoordinator,
) -> None:
    small, large = running(live, mixed_study(), SMALL, LARGE)
    finish_round(live, {SMALL: (small, 1.0), LARGE: (large, 3.0)})
    finish_round(live, {LARGE: (large, 7.0)}, idle=small)
    (of_small, _), (of_large, _) = small.download(2), large.download(2)
    assert (level(of_small, SMALL_ARRAY), level(of_small, LESION)) == (1.0, 7.0)
    assert (level(of_large, LARGE_ARRAY), level(of_large, LESION)) == (7.0, 7.0)
    # The domains of the site that is absent count on, in the models of all.
    assert level(of_small, DOMAIN) == level(of_large, DOMAIN) == (1 + 7) / 2


def test_the_result_is_the_mean_of_the_last_rounds_of_each_model(live: LiveCoordinator) -> None:
    study = mixed_study(averaged_rounds=2, count=2)
    small, large = running(live, study, SMALL, LARGE)
    finish_round(live, {SMALL: (small, 1.0), LARGE: (large, 3.0)})
    finish_round(live, {LARGE: (large, 7.0)}, idle=small)
    assert small.round().state == "finished"
    assert level(small.download(2)[0], SMALL_ARRAY) == (1 + 1) / 2  # it stayed
    assert level(large.download(2)[0], LARGE_ARRAY) == (3 + 7) / 2
    for site in (small, large):
        assert level(site.download(2)[0], LESION) == (2 + 7) / 2


def test_moments_ride_with_their_own_extractor_only_and_styles_with_every_one(
    live: LiveCoordinator,
) -> None:
    study = mixed_study(method={"restyle": "channel_statistics"})
    sites = dict(zip((SMALL, LARGE), running(live, study, SMALL, LARGE), strict=True))
    for extractor, site in sites.items():
        statistics = {**tiny_moments(site.domain_indices), **tiny_styles(site.domain_indices)}
        body = site.update_body({**parameters(extractor), **statistics}, extractor=extractor)
        assert site.send(1, body).status_code == 200
    for site in sites.values():
        riding = {n for n in site.download(1)[0] if n.startswith(("moments.", "styles."))}
        (own,) = site.domain_indices
        assert riding == {
            f"moments.{own}.mean", f"moments.{own}.covariance", "styles.0", "styles.1",
        }  # fmt: skip


def test_rounded_differences_leave_the_classifiers_of_all_models_the_same_bits(
    live: LiveCoordinator,
) -> None:
    study = mixed_study(Exchange(encoding="int4", compression="zstd"))
    sites = dict(zip((SMALL, LARGE), running(live, study, SMALL, LARGE), strict=True))
    held = {extractor: site.download(0)[0] for extractor, site in sites.items()}
    some = np.random.default_rng(0)
    for number in (1, 2):
        for extractor, site in sites.items():
            said = site.update_body({}, extractor=extractor, encoding="int4")
            _, message = decode(said, protocol.UpdateMessage)
            shapes = manifest_of(held[extractor])
            new = [some.standard_normal(shape).astype(np.float32) for shape in shapes.values()]
            fit, base = protocol.update_fit(study, shapes, 1), values_of(held[extractor])
            body = b"".join(difference_parts(message, new, base, {}, fit, number))
            assert site.send(number, body).status_code == 200
        for extractor, site in sites.items():
            fit = protocol.global_fit(study, manifest_of(held[extractor]))
            changed = site.request("GET", protocol.difference_path(site.study_id, number)).content
            arrays, _ = restored(changed, protocol.DifferenceMessage, held[extractor], fit)
            assert bits(arrays, "") == bits(site.download(number)[0], "")
            held[extractor] = arrays
        for group in ("lesion_classifier.", "domain_classifier."):
            assert bits(held[SMALL], group) == bits(held[LARGE], group)


def test_the_same_updates_make_the_same_models_again(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a crash interrupts is done again."""
    small, large = running(live, mixed_study(), SMALL, LARGE)
    assert small.round().state == "collecting"
    with monkeypatch.context() as halted:
        halted.setattr(Rounds, "advance", lambda *_: None)
        send(small, SMALL, 0.3)
        send(large, LARGE, 0.9)
    with live.store.reading() as connection:
        record = find_study(connection, small.study_id)
    sent = frozenset({small.site_id, large.site_id})
    made = [make_average(live.store, live.blobs, record, 1, sent) for _ in range(2)]
    assert made[0] is not None
    assert [model.packed.extractor for model in made[0].models] == [SMALL, LARGE]
    assert made[0] == made[1]


def test_an_update_of_another_extractor_is_refused_as_a_whole(live: LiveCoordinator) -> None:
    small, _ = running(live, mixed_study(), SMALL, LARGE)
    assert small.round().state == "collecting"
    cases = [
        (LARGE, LARGE, "study_mismatch", "joined with small_cnn. To change it, leave the study"),
        ("resnet50", SMALL, "study_mismatch", "resnet50, which the study does not have"),
        (SMALL, LARGE, "parameter_mismatch", "conv.weight' is missing from the parameters"),
    ]
    for claimed, arrays, code, sentence in cases:
        body = small.update_body(parameters(arrays, 1.0), extractor=claimed)
        _, found, told = refusal(small.send(1, body))
        assert found == code
        assert sentence in told
    both = {**parameters(SMALL, 1.0), **parameters(LARGE, 1.0)}
    response = small.send(1, small.update_body(both, extractor=SMALL))
    assert "is not part of the study's model" in refusal(response)[2]
    send(small, SMALL, 1.0)
    assert small.round().is_update_accepted


def test_a_site_chooses_when_it_joins_and_only_then(live: LiveCoordinator) -> None:
    study = mixed_study()
    (first,) = running(live, study, None)
    assert first.download(0)[1].extractor == SMALL  # whoever chooses none has the first
    code = live.invite(first.study_id)
    answer = live.enrol(code, "c" * 43, extractor="convnext_tiny")
    assert refusal(answer)[:2] == (409, "extractor_refused")
    assert "convnext_tiny; choose of small_cnn, resnet18" in refusal(answer)[2]
    assert live.enrol(code, "c" * 43, extractor=LARGE).status_code == 200
    assert live.enrol(code, "c" * 43, extractor=LARGE).status_code == 200  # the reply was lost
    answer = live.enrol(code, "c" * 43)
    assert "joined with the feature extractor resnet18 already" in refusal(answer)[2]


def test_who_is_invited_is_told_what_each_extractor_costs(live: LiveCoordinator) -> None:
    (site,) = running(live, mixed_study(), SMALL)
    asked = {
        "protocol_version": protocol.PROTOCOL_VERSION,
        "code": live.invite(site.study_id),
        "credential": "c" * 43,
    }
    response = live.request("POST", protocol.INVITED_PATH, json=asked)
    reply = protocol.InvitedReply.model_validate_json(response.content)
    classifiers = 2 * 2 + 2 + 8 * 2 + 8
    assert reply.bytes_with(SMALL) == 4 * (classifiers + 3 * 2)
    assert reply.bytes_with(LARGE) == 4 * (classifiers + 5 * 3)


def test_messages_of_a_study_with_one_extractor_are_what_they_were(live: LiveCoordinator) -> None:
    site, _ = live.running_study(2)
    asked = {
        "protocol_version": protocol.PROTOCOL_VERSION,
        "code": live.invite(site.study_id),
        "credential": "c" * 43,
    }
    reply = live.request("POST", protocol.INVITED_PATH, json=asked).json()
    assert "further_bytes" not in reply
    assert "further_extractors" not in reply["study"].get("model", {})
    request = protocol.EnrolmentRequest(**asked, site_name="Ward 3")
    assert request.model_dump(mode="json").keys() == {*asked, "site_name"}


def test_a_study_with_several_extractors_begins_from_its_owners_parameters_with_each(
    live: LiveCoordinator, tmp_path: Path
) -> None:
    study = mixed_study()
    small, large = initial_files(tmp_path, study)

    def refused(*paths: Path) -> str:
        with pytest.raises(StudyMismatchError) as refusal_of:
            create_study(live.store, live.blobs, study, paths, live.clock())
        return str(refusal_of.value)

    assert "there are none with small_cnn, resnet18" in refused()
    assert "there are none with resnet18" in refused(small)
    assert "Two files have the extractor 'small_cnn'" in refused(small, small)
    initial_files(tmp_path, study, resnet18=0.5)
    assert "'domain_classifier.bias' is not the same in all" in refused(small, large)
    (site,) = running(live, study, LARGE)
    proposal = global_body(study, site.study_id, parameters(SMALL))
    assert not site.round().may_propose_parameters
    assert "begins from its owner's parameters alone" in refusal(site.propose(proposal))[2]


def test_each_model_is_exported_by_its_extractors_name(
    live: LiveCoordinator, tmp_path: Path
) -> None:
    site, _ = running(live, mixed_study(), SMALL, LARGE)
    path = tmp_path / "model.safetensors"
    wanted = ModelWanted(site.study_id, LARGE, is_unfinished_wanted=True)
    export_study(live.store, live.blobs, wanted, path, live.clock())
    arrays, message = decode(path.read_bytes(), protocol.GlobalMessage)
    assert (message.extractor, LARGE_ARRAY in arrays, SMALL_ARRAY in arrays) == (LARGE, True, False)


def test_the_owner_sees_which_extractor_each_site_has(live: LiveCoordinator) -> None:
    sites = running(live, mixed_study(), SMALL, LARGE, None)
    with live.store.reading() as connection:
        record = find_study(connection, sites[0].study_id)
        roster = read_roster(connection, record, {}, live.clock())
    of_site = {site.site_id: site.extractor for site in roster}
    assert [of_site[site.site_id] for site in sites] == [SMALL, LARGE, SMALL]


def test_commands_create_and_export_a_study_with_several_extractors(
    command: CommandLine, tmp_path: Path
) -> None:
    toml = STUDY_TOML.replace("[model]", f'[model]\nfurther_extractors = ["{LARGE}"]')
    (tmp_path / "study.toml").write_text(toml)
    paths = initial_files(tmp_path, mixed_study())
    given = [word for path in paths for word in ("--initial-parameters", str(path))]
    study_toml = str(tmp_path / "study.toml")
    assert "no --initial-parameters" in command.refused("study", "create", study_toml)
    study_id = command("study", "create", study_toml, *given)
    output = ("--unfinished", "--output", str(tmp_path / "model"))
    sentence = command.refused("export", study_id, *output)
    assert "a model with each of small_cnn, resnet18; name the one to export" in sentence
    command("export", study_id, *output, "--extractor", LARGE)
