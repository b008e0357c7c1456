"""A study's model at one site: what it trains with, and what it tells about its images."""

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from coordinator.parameters import (
    STYLE_COUNT,
    Parameters,
    check_moments,
    check_styles,
    decode,
    moment_indices,
    split_arrays,
)
from coordinator.protocol import GlobalMessage, UpdateMessage
from coordinator.study import MODEL_PRESETS, PRESETS, Method, ModelDesign, Study, read_study
from desktop_client.errors import TrainingDivergedError
from desktop_client.federation.exchange import (
    UNASSIGNED,
    GlobalParameters,
    initial_body,
    local_state,
    unpacked,
)
from desktop_client.federation.local_model import LocalModel
from desktop_client.training.calibration import fitted_temperature
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.efficientnet import (
    EfficientNetLite0,
    load_imagenet_weights,
    local_norm,
)
from desktop_client.training.evaluation import predict
from desktop_client.training.events import StepFinished, TrainingWarned
from desktop_client.training.model import UNLABELLED
from desktop_client.training.moments import DomainMoments
from desktop_client.training.starting_ranks import opened_ranks
from desktop_client.training.step import Batch
from desktop_client.training.trainer import SiteImages
from tests.scenes import write_study
from tests.training.prepared import some_images
from tests.training.steps import fill_memory_above

CPU = torch.device("cpu")
FEATURE_DIM = 16


def a_study(folder: Path, **changes: Any) -> Study:
    """Write and read a study that restyles nothing and has one domain classifier, unless asked."""
    plain = {"method": {"restyle": "none"}, "model": {"domain_classifier": "one"}}
    asked = {section: {**plain.get(section, {}), **values} for section, values in changes.items()}
    return read_study(write_study(folder / "study.toml", **{**plain, **asked}))


def a_local(study: Study, training: PreparedImages | None = None) -> LocalModel:
    """Return the model of a site with 40 images, half of each class, all of domain 0."""
    images = some_images(40, size_px=study.input.size_px) if training is None else training
    return LocalModel(study, SiteImages(images, images, 0), CPU)


def global_parameters(study: Study, domain_count: int = 3) -> GlobalParameters:
    """Return initial parameters as they are after others, domains 1 and 2, sent statistics."""
    arrays, message = decode(initial_body(study, UNASSIGNED, seed=0), GlobalMessage)
    base = unpacked(arrays, message.model_copy(update={"domain_count": domain_count}), "0" * 64)
    groups = moment_indices({1, 2}, study.moments_per_domain)
    moment = DomainMoments(torch.zeros(FEATURE_DIM), torch.eye(FEATURE_DIM))
    if study.method.domains == "moments":
        base.moments.update(dict.fromkeys(groups, moment))
    if channels := study.style_channel_count:
        base.styles.update({label: torch.full((STYLE_COUNT, 2, channels), 0.4) for label in (1, 2)})
    return base


def sent(local: LocalModel, base: GlobalParameters, number: int = 1) -> Parameters:
    return decode(local.update(base, number, "study", "site-1"), UpdateMessage)[0]


def steps_of(local: LocalModel, base: GlobalParameters, number: int = 1) -> list[StepFinished]:
    events = local.train_round(base, number, "site-1")
    return [event for event in events if isinstance(event, StepFinished)]


def test_global_parameters_of_absurd_size_make_metrics_undefined_and_training_refuse(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    # Every value is finite, so that nobody refuses them on the way; only their products are not.
    study = a_study(tmp_path)
    local = a_local(study)
    arrays, message = decode(initial_body(study, UNASSIGNED, seed=0), GlobalMessage)
    huge = {
        name: np.full_like(array, 3e38) for name, array in split_arrays(arrays).parameters.items()
    }
    received = GlobalParameters(message, "0" * 64, huge, {})
    metrics = local.load(received)
    assert (metrics.accuracy, metrics.auc) == (None, None)
    assert len(expected_warnings) == 1
    with pytest.raises(TrainingDivergedError):
        list(local.train_round(received, 1, "site"))


def test_a_global_models_confidence_is_adjusted_on_this_sites_held_out_images(
    tmp_path: Path,
) -> None:
    study = a_study(tmp_path)
    local, base = a_local(study), global_parameters(study)
    local.load(base)
    images = some_images(40, size_px=study.input.size_px)
    answers = predict(local.model, images, study.input).probabilities
    assert local.card(base).temperature == fitted_temperature(answers, images.lesion_labels.numpy())
    few = LocalModel(study, SiteImages(images, some_images(12, size_px=24), 0), CPU)
    few.load(base)
    assert few.card(base).temperature is None


# --- every choice that a study can make trains ---


def every_choice() -> list[Any]:
    """List each preset, each value of each choice among words in study.toml, and some numbers.

    Weights of a file come with the owner's first parameters; sites have nothing to begin with.
    """
    choices: list[tuple[str, dict[str, Any]]] = [(p, {"method": {"preset": p}}) for p in PRESETS]
    for section, model in (("method", Method), ("model", ModelDesign)):
        for name, field in model.model_fields.items():
            for value in get_args(field.annotation):
                if isinstance(value, str) and name not in {"preset", "extractor", "weights"}:
                    choices.append((f"{name}-{value}", {section: {name: value}}))
    for name, number in (("repeat", 2), ("sharpness_radius", 0.05), ("proximal_weight", 0.1)):
        choices.append((f"{name}-{number}", {"method": {name: number}}))
    for name, changes in choices:
        if name == "restyle-activation_statistics":
            changes["model"] = {"extractor": "efficientnet_lite0"}
    return [pytest.param(changes, id=name) for name, changes in choices]


@pytest.mark.parametrize("changes", every_choice())
def test_every_preset_and_every_choice_trains_and_sends(
    tmp_path: Path, changes: dict[str, dict[str, Any]]
) -> None:
    changes = {
        **changes,
        "method": {"local_steps": 2, "batch_size": 8, **changes.get("method", {})},
    }
    toml = write_study(tmp_path / "study.toml", input={"size_px": 16}, **changes)
    study = read_study(toml)
    local, base = a_local(study), global_parameters(study)
    steps = steps_of(local, base)
    assert [step.step for step in steps] == [1, 2]
    parameters, moments, styles = split_arrays(sent(local, base))
    assert parameters.keys() == local.manifest.keys()
    assert bool(moments) == (study.method.domains == "moments")
    assert bool(styles) == (study.method.restyle != "none")


def test_every_preset_of_the_model_is_one_of_the_method() -> None:
    assert set(MODEL_PRESETS) <= set(PRESETS)


def test_the_same_round_at_the_same_site_trains_the_same_again_bit_for_bit(tmp_path: Path) -> None:
    study = a_study(tmp_path, method={"restyle": "channel_statistics"})
    bodies = []
    for number in (1, 1, 2):
        local, base = a_local(study), global_parameters(study)
        steps_of(local, base, number)
        bodies.append(split_arrays(sent(local, base, number)).parameters)
    is_same = [
        all(np.array_equal(bodies[0][name], body[name]) for name in body) for body in bodies[1:]
    ]
    assert is_same == [True, False]


# --- moments ---


@pytest.mark.slow
def test_two_processes_train_the_round_that_one_trains(tmp_path: Path) -> None:
    study = a_study(tmp_path, method={"preset": "siteblind", "restyle": "channel_statistics"})
    base = global_parameters(study)
    alone, together = a_local(study), a_local(study)
    seen = steps_of(alone, base)
    with opened_ranks([CPU] * 2) as two:
        together.compute_with(two)
        assert [asdict(step) for step in steps_of(together, base)] == [
            pytest.approx(asdict(step), rel=1e-3, abs=1e-4) for step in seen
        ]
    expected = sent(alone, base)
    for name, values in sent(together, base).items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-3, atol=1e-4, err_msg=name)


def test_full_memory_halves_the_batch_for_the_rest_of_the_study_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = a_study(tmp_path, method={"local_steps": 3, "batch_size": 16})
    local, base = a_local(study), global_parameters(study)
    sizes = fill_memory_above(4, monkeypatch)
    told = list(local.train_round(base, 1, "site"))
    assert sizes == [16, 8, 4, 4, 4]
    assert [e.sentence for e in told if isinstance(e, TrainingWarned)] == [
        "The memory was full with 16 images at a time; training goes on with 8, which takes longer",
        "The memory was full with 8 images at a time; training goes on with 4, which takes longer",
    ]
    assert [e.step for e in told if isinstance(e, StepFinished)] == [1, 2, 3]
    again = list(local.train_round(base, 2, "site"))
    assert sizes[5:] == [4, 4, 4]
    assert all(isinstance(event, StepFinished) for event in again)


def test_moments_are_of_the_sites_domains_and_pass_the_coordinators_check(tmp_path: Path) -> None:
    study = a_study(tmp_path)
    domains = [0] * 20 + [3] * 22 + [5] * 19  # the last are too few
    local = a_local(study, some_images(61, size_px=24, domains=domains))
    base = global_parameters(study)
    steps_of(local, base)
    moments = split_arrays(sent(local, base)).moments
    check_moments(moments, {0, 3}, FEATURE_DIM)
    assert {name.split(".")[1] for name in moments} == {"0", "3"}
    assert local.domains == {0, 3, 5}


def test_moments_per_lesion_are_of_each_lesion_in_each_domain_with_twenty_images(
    tmp_path: Path,
) -> None:
    study = a_study(tmp_path, model={"domain_classifier": "per_lesion"})
    # Domain 3: lesion 0 has 20 images, lesion 1 has 21; domain 4: 19 and 25; some unlabelled.
    lesions = [0] * 20 + [1] * 21 + [0] * 19 + [1] * 25 + [UNLABELLED] * 30
    domains = [3] * 41 + [4] * 44 + [3] * 30
    local = a_local(study, some_images(115, size_px=24, lesions=lesions, domains=domains))
    base = global_parameters(study)
    moments = split_arrays(sent(local, base)).moments
    check_moments(moments, moment_indices({3, 4}, 2), FEATURE_DIM)
    # Two lesions: domain 3 has the indices 6 and 7, domain 4 has 8 and 9.
    assert {name.split(".")[1] for name in moments} == {"6", "7", "9"}


def test_moments_are_the_mean_and_covariance_of_the_trained_models_features(
    tmp_path: Path,
) -> None:
    study = a_study(tmp_path)
    images = some_images(30, size_px=24)
    local, base = a_local(study, images), global_parameters(study)
    steps_of(local, base)
    moments = split_arrays(sent(local, base)).moments
    # The study's default input: mean 0.5, standard deviation 0.25.
    with torch.no_grad():
        z = local.model.feature_extractor((images.pixels.float() / 255 - 0.5) / 0.25).numpy()
    np.testing.assert_allclose(moments["moments.0.mean"], z.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(moments["moments.0.covariance"], np.cov(z.T), atol=1e-4)


def test_a_site_without_a_group_of_twenty_images_sends_no_statistics(tmp_path: Path) -> None:
    study = a_study(tmp_path, method={"restyle": "channel_statistics"})
    local = a_local(study, some_images(19, size_px=24))
    _, moments, styles = split_arrays(sent(local, global_parameters(study)))
    assert (moments, styles) == ({}, {})


def test_moments_with_local_normalisation_need_no_batch_of_one_image(tmp_path: Path) -> None:
    """129 images are a batch and one over; batch norm of one image of one pixel is undefined."""
    model = {"normalisation": "local"}
    study = a_study(tmp_path, input={"size_px": 16}, model=model)
    local = a_local(study, some_images(129, size_px=16))
    assert split_arrays(sent(local, global_parameters(study))).moments


# --- styles ---


def test_styles_are_the_channel_statistics_of_the_sites_images(tmp_path: Path) -> None:
    study = a_study(tmp_path, method={"restyle": "channel_statistics"})
    images = some_images(40, size_px=24, domains=[2] * 40)
    images.pixels[:, 0] = 102  # two fifths of 255
    styles = split_arrays(sent(a_local(study, images), global_parameters(study))).styles
    check_styles(styles, {2}, channel_count=3)
    assert set(styles) == {"styles.2"}
    np.testing.assert_allclose(styles["styles.2"][:, 0, 0], 0.4, atol=1e-6)
    np.testing.assert_allclose(styles["styles.2"][:, 1, 0], 0.0, atol=1e-6)
    # Noise from 0 to 255 in even steps: mean 0.5, deviation sqrt((256² - 1) / 12) / 255 = 0.2898;
    # over 4 * 576 pixels the mean is within 0.03 and the deviation within 0.015 of that.
    np.testing.assert_allclose(styles["styles.2"][:, 0, 1:], 0.5, atol=0.03)
    np.testing.assert_allclose(styles["styles.2"][:, 1, 1:], 0.2898, atol=0.015)


@pytest.mark.parametrize("restyle", ["channel_statistics", "activation_statistics"])
def test_styles_are_the_same_in_every_round(tmp_path: Path, restyle: str) -> None:
    study = a_study(
        tmp_path,
        input={"size_px": 32},
        model={"extractor": "efficientnet_lite0"},
        method={"restyle": restyle, "local_steps": 1, "learning_rate": 0.1},
    )
    local, base = a_local(study), global_parameters(study)
    rounds = []
    for number in (1, 2):
        steps_of(local, base, number)
        rounds.append(split_arrays(sent(local, base, number)).styles)
    check_styles(rounds[0], {0}, study.style_channel_count)
    assert rounds[0].keys() == {"styles.0"}
    assert np.array_equal(rounds[0]["styles.0"], rounds[1]["styles.0"])


def test_a_site_restyles_to_the_domains_of_others_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = {"restyle": "channel_statistics", "restyle_probability": 1.0}
    study = a_study(tmp_path, method=method)
    local, base = a_local(study), global_parameters(study)
    base.styles[0] = torch.full((STYLE_COUNT, 2, 3), 0.9)  # its own, from an earlier round
    seen: set[int] = set()

    def noting(*parts: torch.Tensor) -> Batch:
        batch = Batch(*parts)
        seen.update(batch.domain_labels.tolist())
        return batch

    monkeypatch.setattr("desktop_client.training.batches.Batch", noting)
    steps_of(local, base)
    assert seen == {1, 2}


# --- local normalisation ---


def scales_of(local: LocalModel) -> Parameters:
    """Return the trained scales and shifts of local normalisation."""
    state = local_state(local.model)
    return {n: a for n, a in state.items() if n.endswith(("weight", "bias"))}


def test_what_local_normalisation_has_learnt_stays_at_the_site_from_round_to_round(
    tmp_path: Path,
) -> None:
    study = a_study(tmp_path, method={"preset": "fedbn"})
    local, base = a_local(study), global_parameters(study)
    begun = scales_of(local)
    steps_of(local, base)
    learnt = scales_of(local)
    assert begun
    assert not any(np.array_equal(learnt[name], begun[name]) for name in begun)
    assert not learnt.keys() & sent(local, base).keys()
    local.load(base)
    assert all(np.array_equal(scales_of(local)[name], learnt[name]) for name in learnt)


def test_local_normalisation_begins_with_the_scales_that_pretrained_weights_belong_with(
    tmp_path: Path,
) -> None:
    study = a_study(
        tmp_path,
        input={"size_px": 32},
        model={"extractor": "efficientnet_lite0"},
        method={"preset": "fedbn"},
    )
    pretrained = EfficientNetLite0(FEATURE_DIM, local_norm)
    load_imagenet_weights(pretrained)
    local = a_local(study)
    local.adopt(global_parameters(study))
    state = pretrained.state_dict()
    scales = scales_of(local)
    assert len(scales) == 2 * sum(n.endswith("num_batches_tracked") for n in state)
    for name, scale in scales.items():
        expected = state[name.removeprefix("feature_extractor.")].numpy()
        assert np.array_equal(scale, expected), name
