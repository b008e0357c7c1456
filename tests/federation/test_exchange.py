"""What travels, and what of it is refused."""

import hashlib

import numpy as np
import numpy.typing as npt
import pytest
import torch
from pydantic import BaseModel
from torch import nn

from coordinator.encoding import difference_parts, restored, values_of
from coordinator.parameters import (
    Group,
    Parameters,
    decode,
    digest_of,
    encode,
    group_of,
    manifest_of,
    split_arrays,
)
from coordinator.protocol import (
    DifferenceMessage,
    GlobalMessage,
    LesionMetrics,
    ParametersReference,
    UpdateMessage,
    global_fit,
)
from coordinator.study import Exchange, Method, ModelDesign, Study
from desktop_client.errors import StudyUnsuitableError
from desktop_client.federation.exchange import (
    GlobalParameters,
    SharedStatistics,
    UpdateSource,
    brought_up_to,
    initial_body,
    load_parameters,
    local_state,
    read_global,
    travelling_parameters,
    update_body,
)
from desktop_client.training.model import SiteBlindModel, new_model
from desktop_client.training.moments import domain_moments


@pytest.fixture
def study() -> Study:
    return Study.model_validate(
        {
            "name": "Test",
            "task": "Tell a from b",
            "classes": [
                {"class_id": "00000000-0000-4000-8000-000000000001", "name": "a"},
                {"class_id": "00000000-0000-4000-8000-000000000002", "name": "b"},
            ],
            "input": {"size_px": 16},
            "model": {"feature_dim": 8, "domain_capacity": 4, "domain_classifier": "one"},
            "method": {"restyle": "none"},
        }
    )


def received(study: Study, arrays: Parameters | None = None, **changes: object) -> GlobalParameters:
    """Receive the initial parameters, or other arrays, or with other words in the message."""
    honest, message = decode(initial_body(study, "s", seed=1), GlobalMessage)
    manifest = manifest_of(honest)
    sent = honest if arrays is None else arrays
    body = encode(sent, message.model_copy(update=changes))
    digest = hashlib.sha256(body).hexdigest()
    announced = ParametersReference(round_number=0, digest=digest, size_bytes=len(body))
    return read_global(body, study, manifest, announced)


def honest_arrays(study: Study) -> Parameters:
    return decode(initial_body(study, "s", seed=1), GlobalMessage)[0]


def a_model(study: Study, **design: object) -> SiteBlindModel:
    whole = ModelDesign.model_validate({**study.model.model_dump(), **design})
    return new_model(whole, study.input, class_count=2, seed=0)


def test_all_three_groups_travel_and_nothing_else(study: Study) -> None:
    model = a_model(study)
    names = travelling_parameters(model)
    assert {group_of(name) for name in names} == set(Group)
    assert sum(array.size for array in names.values()) == sum(p.numel() for p in model.parameters())
    assert local_state(model) == {}


def test_batch_norm_stays_at_the_site_by_its_type_whatever_its_name(study: Study) -> None:
    model = a_model(study)
    model.feature_extractor.add_module("downsample", nn.BatchNorm2d(3))
    assert not any("downsample" in name for name in travelling_parameters(model))


@pytest.mark.parametrize("extractor", ["small_cnn", "resnet18", "efficientnet_lite0"])
@pytest.mark.parametrize("normalisation", ["own", "local"])
def test_what_travels_and_what_stays_are_the_whole_model_but_its_integers(
    study: Study, extractor: str, normalisation: str
) -> None:
    model = a_model(study, extractor=extractor, normalisation=normalisation)
    travelling, staying = travelling_parameters(model), local_state(model)
    integers = {n for n, t in model.state_dict().items() if not t.is_floating_point()}
    assert not travelling.keys() & staying.keys()
    assert travelling.keys() | staying.keys() | integers == model.state_dict().keys()
    kinds = {name.rpartition(".")[2] for name in staying}
    every = {"weight", "bias", "running_mean", "running_var"}
    assert kinds == (every if normalisation == "local" else set())


def test_frozen_pretrained_statistics_travel_with_the_weights_they_belong_with(
    study: Study,
) -> None:
    model = a_model(study, extractor="efficientnet_lite0")
    statistics = [n for n in travelling_parameters(model) if n.endswith("running_var")]
    # One for the stem, two for the first block, three for the other fifteen, one for the head.
    assert len(statistics) == 1 + 2 + 3 * 15 + 1


def test_with_local_normalisation_only_the_frozen_stages_statistics_travel(study: Study) -> None:
    model = a_model(study, extractor="efficientnet_lite0", normalisation="local")
    statistics = [n for n in travelling_parameters(model) if "running" in n]
    assert statistics
    assert all(name.startswith("feature_extractor.frozen.") for name in statistics)


def test_loading_global_parameters_leaves_what_is_local_as_it_is(study: Study) -> None:
    model = a_model(study, normalisation="local")
    with torch.no_grad():
        model.train()(torch.randn(4, 3, 16, 16))
    before = local_state(model)
    load_parameters(model, {n: a + 1 for n, a in travelling_parameters(model).items()})
    after = local_state(model)
    assert before
    assert all(np.array_equal(after[name], before[name]) for name in before)


def test_local_state_comes_back_bit_for_bit(study: Study) -> None:
    model, other = a_model(study, normalisation="local"), a_model(study, normalisation="local")
    with torch.no_grad():
        model.train()(torch.randn(4, 3, 16, 16))
    load_parameters(other, local_state(model))
    assert digest_of(local_state(other)) == digest_of(local_state(model))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(study: Study) -> None:
    assert initial_body(study, "s", seed=1) == initial_body(study, "s", seed=1)
    assert initial_body(study, "s", seed=1) != initial_body(study, "s", seed=2)


def test_received_parameters_are_in_the_model_bit_for_bit(study: Study) -> None:
    model = new_model(study.model, study.input, class_count=2, seed=9)
    sent = received(study)
    load_parameters(model, sent.parameters)
    assert digest_of(travelling_parameters(model)) == digest_of(sent.parameters)


def test_an_update_says_what_it_is_and_carries_moments_and_styles(study: Study) -> None:
    base = received(study)
    model = a_model(study)
    metrics = LesionMetrics(sample_count=0)
    source = UpdateSource("s", "site-1", 3, base, 40, metrics, rounding_seed=0)
    moments = domain_moments(torch.randn(30, 8), torch.full((30,), 2))
    styles = {2: torch.ones(16, 2, 3)}
    body = update_body(model, SharedStatistics(moments, styles, {2}), source, study.exchange)
    arrays, message = decode(body, UpdateMessage)
    parameters, moment_arrays, style_arrays = split_arrays(arrays)
    assert (message.round_number, message.sample_count, message.domain_indices) == (3, 40, (2,))
    assert message.base_digest == base.digest
    assert set(moment_arrays) == {"moments.2.mean", "moments.2.covariance"}
    assert {n: a.shape for n, a in style_arrays.items()} == {"styles.2": (16, 2, 3)}
    assert manifest_of(parameters) == manifest_of(base.parameters)


def test_rounds_that_were_missed_are_put_one_on_the_other(study: Study) -> None:
    """Two differences bring a site to where the coordinator is, bit for bit."""
    study = study.model_copy(update={"exchange": Exchange(encoding="int8", compression="zstd")})
    base = received(study)
    manifest = manifest_of(base.parameters)
    arrays, bodies = base.parameters, []
    for number in (1, 2):
        message = base.message.model_copy(update={"round_number": number})
        said = DifferenceMessage(parameters=message, base_digest="0" * 64, encoding="int8")
        new = ((arrays[name] + np.float32(0.001 * number)) for name in sorted(arrays))
        fit = global_fit(study, manifest)
        bodies.append(b"".join(difference_parts(said, new, values_of(arrays), {}, fit, number)))
        arrays, _ = restored(bodies[-1], DifferenceMessage, arrays, fit)
    body = brought_up_to(base.parameters, bodies, study, manifest)
    assert body == encode(arrays, message)
    with pytest.raises(StudyUnsuitableError, match="What a round changed cannot be used"):
        brought_up_to(base.parameters, [bodies[0], b"no difference"], study, manifest)


def test_a_model_of_another_shape_is_refused_by_the_arrays_name(study: Study) -> None:
    arrays = honest_arrays(study) | {"lesion_classifier.bias": np.zeros((1,), np.float32)}
    with pytest.raises(StudyUnsuitableError, match=r"lesion_classifier\.bias.*shape \[1\]"):
        received(study, arrays)


def test_a_model_with_nan_is_refused_by_the_arrays_name(study: Study) -> None:
    arrays = honest_arrays(study)
    arrays["domain_classifier.bias"][1] = np.nan
    with pytest.raises(StudyUnsuitableError, match=r"domain_classifier\.bias.*1 values"):
        received(study, arrays)


def test_moments_that_are_no_covariance_are_refused(study: Study) -> None:
    arrays = honest_arrays(study) | {
        "moments.1.mean": np.zeros(8, np.float32),
        "moments.1.covariance": -np.eye(8, dtype=np.float32),
    }
    with pytest.raises(StudyUnsuitableError, match="not positive semidefinite"):
        received(study, arrays)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"study_digest": "0" * 64}, "made for another study"),
        ({"round_number": 7}, "not the one the coordinator announced"),
        ({"protocol_version": 99}, "another version of SiteBlind"),
        ({"domain_count": 5}, "more domains than the study allows"),
    ],
)
def test_a_model_that_was_not_announced_is_refused(
    study: Study, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(StudyUnsuitableError, match=complaint):
        received(study, None, **changes)


@pytest.mark.parametrize(
    ("name", "array", "complaint"),
    [
        ("styles.1", np.ones((16, 2, 1), np.float32), r"shape \[16, 2, 1\], not \[16, 2, 3\]"),
        ("styles.4", np.ones((16, 2, 3), np.float32), "no domain of this site or study"),
        ("styles.1", -np.ones((16, 2, 3), np.float32), "standard deviation below 0"),
    ],
)
def test_styles_that_are_none_are_refused(
    study: Study, name: str, array: npt.NDArray[np.float32], complaint: str
) -> None:
    sharing = study.model_copy(update={"method": Method(restyle="channel_statistics")})
    with pytest.raises(StudyUnsuitableError, match=complaint):
        received(sharing, honest_arrays(sharing) | {name: array})


def test_styles_in_a_study_that_shares_none_are_refused(study: Study) -> None:
    arrays = honest_arrays(study) | {"styles.1": np.ones((16, 2, 3), np.float32)}
    with pytest.raises(StudyUnsuitableError, match="shares no styles"):
        received(study, arrays)


def test_received_moments_and_styles_are_told_apart_and_travel_again_as_they_came(
    study: Study,
) -> None:
    sharing = study.model_copy(update={"method": Method(restyle="channel_statistics")})
    styles = np.random.default_rng(0).random((16, 2, 3), np.float32)
    arrays = honest_arrays(sharing) | {
        "styles.3": styles,
        "moments.1.mean": np.arange(8, dtype=np.float32),
        "moments.1.covariance": np.eye(8, dtype=np.float32),
    }
    taken = received(sharing, arrays)
    assert set(taken.styles) == {3}
    assert torch.equal(taken.styles[3], torch.from_numpy(styles))
    assert taken.moments[1].mean.tolist() == list(range(8))
    assert digest_of(taken.arrays) == digest_of(arrays)


def test_moments_per_lesion_go_beyond_the_number_of_domains(study: Study) -> None:
    """Four domains of two lesions each: indices 0 to 7."""
    design = study.model.model_copy(update={"domain_classifier": "per_lesion"})
    per_lesion = study.model_copy(update={"model": design})
    covariance = np.eye(8, dtype=np.float32)

    def arrays(index: int) -> Parameters:
        mean = np.zeros(8, np.float32)
        return honest_arrays(per_lesion) | {
            f"moments.{index}.mean": mean,
            f"moments.{index}.covariance": covariance,
        }

    assert set(received(per_lesion, arrays(7)).moments) == {7}
    with pytest.raises(StudyUnsuitableError, match="no domain of this site or study"):
        received(per_lesion, arrays(8))


def test_bytes_that_are_no_model_are_refused(study: Study) -> None:
    announced = ParametersReference(round_number=0, digest="0" * 64, size_bytes=1)
    with pytest.raises(StudyUnsuitableError, match="not valid safetensors"):
        read_global(b"\x80\x04." * 50, study, {}, announced)


def test_a_model_with_one_other_bit_than_announced_is_refused(study: Study) -> None:
    body = initial_body(study, "s", seed=1)
    manifest = manifest_of(honest_arrays(study))
    digest = hashlib.sha256(body).hexdigest()
    announced = ParametersReference(round_number=0, digest=digest, size_bytes=len(body))
    altered = body[:-1] + bytes([body[-1] ^ 1])
    with pytest.raises(StudyUnsuitableError, match="not the one the coordinator announced"):
        read_global(altered, study, manifest, announced)


def test_no_path_name_or_image_travels_in_an_updates_words() -> None:
    """The message has just these fields; a new one must be thought about here."""
    assert issubclass(UpdateMessage, BaseModel)
    assert set(UpdateMessage.model_fields) == {
        "protocol_version",
        "method_version",
        "study_id",
        "study_digest",
        "site_id",
        "round_number",
        "extractor",
        "base_digest",
        "encoding",
        "sample_count",
        "domain_indices",
        "metrics_before",
    }
