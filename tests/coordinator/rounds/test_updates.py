from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from requests import Response

from coordinator.parameters import Parameters
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    refusal,
    tiny_moments,
    tiny_parameters,
    tiny_styles,
)

BIAS = "lesion_classifier.bias"
MEAN = "moments.0.mean"
COVARIANCE = "moments.0.covariance"


def array(*values: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.array(values, np.float32)


def without(name: str) -> Parameters:
    return {n: a for n, a in tiny_parameters(1.0).items() if n != name}


def refuse_and_finish(
    live: LiveCoordinator, bad: Callable[[LiveSite], Response]
) -> tuple[int, str, str]:
    """Send a bad update; check that the round's average has the bits of one without it."""
    first, second = live.running_study(2)
    assert first.round().state == "collecting"
    told = refusal(bad(first))
    assert not first.round().is_update_accepted
    first.send_value(1 / 3)
    second.send_value(1 / 7)
    control, other = live.running_study(2)
    control.send_value(1 / 3)
    other.send_value(1 / 7)
    with_bad, without_bad = first.download(1)[0], control.download(1)[0]
    assert {n: a.tobytes() for n, a in with_bad.items()} == {
        n: a.tobytes() for n, a in without_bad.items()
    }
    return told


class BadUpdate:
    """Sends right parameters but for ``changes``, under a message but for ``claims``."""

    def __init__(self, arrays: Parameters | None = None, **claims: Any) -> None:
        self.arrays = tiny_parameters(1.0) if arrays is None else arrays
        self.claims = claims

    def __call__(self, site: LiveSite) -> Response:
        assert site.domain_indices == (0,)
        return site.send(1, site.update_body(self.arrays, **self.claims))


@pytest.mark.parametrize(
    ("arrays", "code", "sentence"),
    [
        (
            {**tiny_parameters(), BIAS: array(1, 2, 3)},
            "parameter_mismatch",
            "'lesion_classifier.bias' has shape [3]; the study's model has [2]",
        ),
        (
            {**tiny_parameters(), BIAS: array([1, 2])},
            "parameter_mismatch",
            "'lesion_classifier.bias' has shape [1, 2]",
        ),
        (without(BIAS), "parameter_mismatch", "'lesion_classifier.bias' is missing"),
        (
            {**tiny_parameters(), "feature_extractor.extra": array(1)},
            "parameter_mismatch",
            "'feature_extractor.extra' is not part of the study's model",
        ),
        (
            {**tiny_parameters(), BIAS: array(np.nan, np.inf)},
            "non_finite",
            "'lesion_classifier.bias' holds 2 values that are not finite",
        ),
        (
            {**tiny_parameters(), MEAN: array(np.nan, 0), COVARIANCE: np.eye(2, dtype=np.float32)},
            "non_finite",
            "'moments.0.mean' holds 1 values",
        ),
        ({**tiny_parameters(), MEAN: array(0, 0)}, "moments_refused", "without covariance"),
        (
            {**tiny_parameters(), **tiny_moments([1])},
            "moments_refused",
            "'moments.1.covariance' is about no domain of this site",
        ),
        (
            {**tiny_parameters(), MEAN: array(0, 0), COVARIANCE: array([1, 2], [2, 1])},
            "moments_refused",
            "'moments.0.covariance' is not positive semidefinite",
        ),
    ],
)
def test_update_with_wrong_arrays_is_refused_by_name_and_the_average_untouched(
    live: LiveCoordinator, arrays: Parameters, code: str, sentence: str
) -> None:
    status, told_code, told = refuse_and_finish(live, BadUpdate(arrays))
    assert (status, told_code) == (422, code)
    assert sentence in told


@pytest.mark.parametrize(
    ("claims", "status", "code", "sentence"),
    [
        ({"protocol_version": 2}, 426, "protocol_version", "protocol 2; the coordinator serves 1"),
        ({"method_version": 2}, 426, "protocol_version", "method 2; the study by 1"),
        ({"study_id": "another"}, 409, "study_mismatch", "another study: another instead of"),
        ({"study_digest": "0" * 64}, 409, "study_mismatch", "another study.toml"),
        ({"site_id": "another"}, 409, "study_mismatch", "another site"),
        ({"round_number": 2}, 409, "study_mismatch", "another round: 2 instead of 1"),
        (
            {"extractor": "resnet18"},
            409,
            "study_mismatch",
            "resnet18, which the study does not have",
        ),
        ({"base_digest": "0" * 64}, 409, "study_mismatch", "another base model"),
        ({"domain_indices": (0, 5)}, 409, "study_mismatch", "Domain 5 of the update is none"),
        ({"domain_indices": (1,)}, 409, "study_mismatch", "Domain 1 of the update is none"),
        ({"domain_indices": (0, 0)}, 409, "study_mismatch", "names a domain twice"),
    ],
)
def test_update_made_for_something_else_is_refused_and_the_average_untouched(
    live: LiveCoordinator, claims: dict[str, Any], status: int, code: str, sentence: str
) -> None:
    told_status, told_code, told = refuse_and_finish(live, BadUpdate(**claims))
    assert (told_status, told_code) == (status, code)
    assert sentence in told


@pytest.mark.parametrize(
    "body",
    [b"", b"\x80\x04\x95pickle", b"PK\x03\x04" + b"\0" * 100, b"\xff" * 64],
    ids=["empty", "pickle", "zip", "noise"],
)
def test_body_that_is_no_update_is_refused_and_the_average_untouched(
    live: LiveCoordinator, body: bytes
) -> None:
    status, code, _ = refuse_and_finish(live, lambda site: site.send(1, body))
    assert (status, code) == (422, "malformed_body")


def test_moments_are_refused_where_the_study_shares_none(live: LiveCoordinator) -> None:
    site, _ = live.running_study(2, method={"domains": "local"})
    body = site.update_body({**tiny_parameters(), **tiny_moments(site.domain_indices)})
    status, code, sentence = refusal(site.send(1, body))
    assert (status, code) == (422, "moments_refused")
    assert "shares no domain moments" in sentence


def test_styles_are_refused_where_the_study_shares_none(live: LiveCoordinator) -> None:
    site, _ = live.running_study(2)
    body = site.update_body({**tiny_parameters(), **tiny_styles(site.domain_indices)})
    status, code, sentence = refusal(site.send(1, body))
    assert (status, code) == (422, "styles_refused")
    assert "shares no styles" in sentence


def test_styles_that_cannot_be_are_refused_by_name(live: LiveCoordinator) -> None:
    first, second = live.running_study(2, {"restyle": "channel_statistics"})
    (foreign,) = second.domain_indices
    for styles, wrong in [
        (tiny_styles(first.domain_indices, -1.0), "holds a standard deviation below 0"),
        (tiny_styles([foreign]), f"'styles.{foreign}' is about no domain of this site"),
    ]:
        body = first.update_body({**tiny_parameters(), **styles})
        status, code, sentence = refusal(first.send(1, body))
        assert (status, code) == (422, "styles_refused")
        assert wrong in sentence
    assert not first.round().is_update_accepted


def test_moments_of_a_lesion_class_in_a_foreign_domain_are_refused(live: LiveCoordinator) -> None:
    first, second = live.running_study(2, model={"domain_classifier": "per_lesion"})
    assert (first.domain_indices, second.domain_indices) == ((0,), (1,))
    # Two classes: domain 0 has the indices 0 and 1, domain 1 has 2 and 3.
    arrays = {**tiny_parameters(domain_width=16), **tiny_moments([1, 2])}
    status, code, sentence = refusal(first.send(1, first.update_body(arrays)))
    assert (status, code) == (422, "moments_refused")
    assert "'moments.2.covariance' is about no domain of this site" in sentence


@pytest.mark.parametrize(
    "name", ["feature_extractor.conv.weight", "lesion_classifier.bias", "domain_classifier.weight"]
)
def test_group_that_is_farther_away_than_training_can_bring_it_is_refused(
    live: LiveCoordinator, name: str
) -> None:
    method = {"gradient_clip": 1.0, "weight_decay": 0.0, "local_steps": 10, "learning_rate": 0.01}
    first, _ = live.running_study(2, method=method)
    assert first.round().is_picked
    # Ten steps of 0.01 at momentum 0.9 come to 1 at most; the base is all zeros.
    within, beyond = tiny_parameters(), tiny_parameters()
    within[name].ravel()[0] = 1.0
    beyond[name].ravel()[0] = -1.01
    status, code, sentence = refusal(first.send(1, first.update_body(beyond)))
    assert (status, code) == (422, "update_too_far")
    group = name.partition(".")[0]
    assert f"The {group} moved by 1.01 from the global parameters" in sentence
    assert "cannot move it by more than 1.001" in sentence
    assert first.send(1, first.update_body(within)).status_code == 200


def test_poisoned_update_of_large_finite_values_is_refused(live: LiveCoordinator) -> None:
    first, _ = live.running_study(2)
    assert first.round().is_picked
    body = first.update_body(tiny_parameters(3e38))
    assert refusal(first.send(1, body))[:2] == (422, "update_too_far")
