"""The step's further choices: each by its definition, and properties that none of them breaks."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from desktop_client.training.model import UNLABELLED
from desktop_client.training.step import Batch, TrainingStep
from tests.training.steps import (
    CAPACITY,
    CLASS_COUNT,
    a_batch,
    a_model,
    a_step,
    copied,
    is_unchanged,
)

STILL: dict[str, Any] = {"momentum": 0.0, "weight_decay": 0.0, "gradient_clip": 1e6}
"""Nothing moves a parameter but the gradient of the batch at hand."""


def classifiers_of(step: TrainingStep) -> torch.Tensor:
    """Return ``[lesions, capacity, F + 1]``: each lesion's domain classifier."""
    classifier = step.model.domain_classifier
    whole = torch.cat([classifier.weight, classifier.bias[:, None]], dim=1).detach().clone()
    return whole.view(classifier.lesion_count, CAPACITY, -1)


def without_draws(**choices: Any) -> TrainingStep:
    """Compose a step of a site that holds images of domains 0 and 1 itself."""
    step = a_step(a_model(domain_classifier="per_lesion"), known=(0,), domains="local", **choices)
    step.others.known_domains[:, 1] = True
    return step


# --- a domain classifier per lesion class ---


@pytest.mark.parametrize("lesion", [0, 1])
def test_a_lesions_domain_classifier_is_trained_by_that_lesions_samples_only(lesion: int) -> None:
    step = without_draws(**STILL)
    before = classifiers_of(step)
    step(a_batch([lesion] * 6, domains=[0, 1] * 3), adversarial_weight=0.1)
    is_moved = (classifiers_of(step) != before).flatten(1).any(dim=1)
    assert is_moved.tolist() == [lesion == 0, lesion == 1]


def test_unlabelled_samples_ask_no_classifier_and_train_none() -> None:
    step = without_draws(**STILL, second="all")
    before, extractor = classifiers_of(step), copied(step.model.feature_extractor)
    measures = step(a_batch([UNLABELLED] * 6, domains=[0, 1] * 3), adversarial_weight=1.0)
    assert torch.equal(classifiers_of(step), before)
    assert is_unchanged(step.model.feature_extractor, extractor)
    assert (measures.domain_loss, measures.domain_accuracy) == (0.0, 0.0)
    assert (measures.confusion_loss, measures.second_target_share) == (0.0, 0.0)


def test_unlabelled_samples_beside_others_change_neither_domain_loss_nor_accuracy() -> None:
    labelled = a_batch([0, 1, 0, 1], domains=[0, 0, 1, 1])
    more = a_batch([UNLABELLED] * 4, domains=[0] * 4, seed=9)
    both = Batch(
        torch.cat([labelled.inputs, more.inputs]),
        torch.cat([labelled.lesion_labels, more.lesion_labels]),
        torch.cat([labelled.domain_labels, more.domain_labels]),
    )
    alone, beside = (without_draws(**STILL)(b, adversarial_weight=0.1) for b in (labelled, both))
    assert beside.domain_loss == pytest.approx(alone.domain_loss, rel=1e-5)
    assert beside.domain_accuracy == alone.domain_accuracy


@pytest.mark.parametrize(
    ("classifiers", "lesions", "domains", "size"),
    [
        ("one", [0, 1] * 4, [0] * 8, 8),
        ("one", [0, 1] * 4, [0, 0, 0, 0, 0, 1, 1, 1], 4),
        ("one", [UNLABELLED] * 8, [0] * 8, 8),
        ("per_lesion", [0, 1] * 4, [0] * 8, 4),
        # Four labelled samples in two groups; the unlabelled are in none.
        ("per_lesion", [0, 0, 1, 1] + [UNLABELLED] * 4, [0] * 8, 2),
        ("per_lesion", [UNLABELLED] * 8, [0] * 8, 1),
        ("per_lesion", [0, 1], [0, 1], 1),
    ],
)
def test_as_many_are_drawn_of_other_groups_as_the_batch_has_of_its_own(
    classifiers: str, lesions: list[int], domains: list[int], size: int
) -> None:
    step = a_step(a_model(domain_classifier=classifiers))
    assert step._mean_group_size(a_batch(lesions, domains)) == size


# --- the adversary's scale ---


def pulls(step: TrainingStep, batch: Batch, *weights: float) -> torch.Tensor:
    z = step.model.features(batch.inputs).detach().requires_grad_()
    return step._pull(z, [step._first_aim(z, batch), step._second_aim(z, batch)], weights)


def test_by_gradient_the_adversarys_pull_is_its_weight_times_the_lesions() -> None:
    step = a_step(a_model(), first="all", second="all", adversarial_scale="gradient")
    lesion = pulls(step, a_batch(), 1.0, 0.0)
    adversary = pulls(step, a_batch(), 0.0, 0.3)
    assert lesion.norm() > 0
    assert adversary.norm().item() == pytest.approx(0.3 * lesion.norm().item(), rel=1e-5)
    torch.testing.assert_close(pulls(step, a_batch(), 1.0, 0.3), lesion + adversary)


def test_by_gradient_the_adversary_pulls_in_its_own_direction() -> None:
    model = a_model()
    by_gradient = a_step(model, first="all", second="all", adversarial_scale="gradient")
    constant = a_step(model, first="all", second="all")
    one, other = (pulls(step, a_batch(), 0.0, 0.3) for step in (by_gradient, constant))
    assert torch.cosine_similarity(one.flatten(), other.flatten(), dim=0).item() == pytest.approx(1)
    assert one.norm().item() != pytest.approx(other.norm().item(), rel=0.01)


def test_a_constant_weight_is_that_of_the_confusion_loss() -> None:
    step, batch = a_step(a_model(), second="all"), a_batch()
    z = step.model.features(batch.inputs).detach().requires_grad_()
    (expected,) = torch.autograd.grad(0.3 * step._second_aim(z, batch).loss, z)
    torch.testing.assert_close(pulls(step, batch, 0.0, 0.3), expected)


def test_by_gradient_an_adversary_without_a_lesion_to_learn_pulls_not_at_all() -> None:
    step = a_step(a_model(), second="all", adversarial_scale="gradient")
    assert pulls(step, a_batch([UNLABELLED] * 4), 1.0, 1.0).abs().max() == 0.0


# --- how the domain classifier is trained ---


def test_a_frozen_domain_classifier_stays_as_it_came_and_still_confuses() -> None:
    model = a_model()
    before, extractor = copied(model.domain_classifier), copied(model.feature_extractor)
    step = a_step(model, domains="frozen", second="all")
    measures = step(a_batch([UNLABELLED] * 6), adversarial_weight=1.0)
    assert is_unchanged(model.domain_classifier, before)
    assert not is_unchanged(model.feature_extractor, extractor)
    assert measures.domain_loss > 0


# --- sharpness ---


def test_a_sharpness_aware_step_follows_the_gradient_at_the_worst_parameters_nearby() -> None:
    """The control: the same two gradients, computed here without the step's code."""
    radius, rate, batch = 0.2, 0.1, a_batch()
    model, plain = a_model(), a_model()
    settings_: dict[str, Any] = {**STILL, "preset": "fedavg", "learning_rate": rate}
    a_step(model, sharpness_radius=radius, **settings_)(batch, adversarial_weight=0.0)

    def gradients(of: nn.Module) -> list[torch.Tensor]:
        logits = plain.lesion_classifier(plain.feature_extractor(batch.inputs))
        loss = nn.functional.cross_entropy(logits, batch.lesion_labels)
        return list(torch.autograd.grad(loss, list(of.parameters())))

    def move(of: nn.Module, by: list[torch.Tensor], length: float) -> None:
        with torch.no_grad():
            for parameter, direction in zip(of.parameters(), by, strict=True):
                parameter.add_(direction, alpha=length)

    move(plain.lesion_classifier, gradients(plain.lesion_classifier), -rate)
    begun = copied(plain.feature_extractor)
    first = gradients(plain.feature_extractor)
    length = torch.cat([g.flatten() for g in first]).norm().item()
    move(plain.feature_extractor, first, radius / length)
    worst = gradients(plain.feature_extractor)
    for ours, start, gradient in zip(
        model.feature_extractor.parameters(), begun, worst, strict=True
    ):
        torch.testing.assert_close(ours.detach(), start - rate * gradient, atol=1e-5, rtol=1e-4)


# --- properties ---

EVERY_CHOICE = st.fixed_dictionaries(
    {
        "first": st.sampled_from(["literal", "margin", "all"]),
        "second": st.sampled_from(["literal", "all", "off"]),
        "target": st.sampled_from(["uniform", "reversed"]),
        "domains": st.sampled_from(["local", "moments", "frozen"]),
        "loops": st.sampled_from(["shared", "separate"]),
        "repeat": st.integers(1, 3),
        "adversarial_scale": st.sampled_from(["constant", "gradient"]),
        "sharpness_radius": st.sampled_from([0.0, 0.05]),
        "proximal_weight": st.sampled_from([0.0, 0.1]),
    }
).filter(lambda c: (c["adversarial_scale"], c["loops"]) != ("gradient", "separate"))
DESIGNS = st.fixed_dictionaries(
    {
        "domain_classifier": st.sampled_from(["one", "per_lesion"]),
        "normalisation": st.sampled_from(["own", "local"]),
    }
)
LESIONS = st.lists(st.integers(-1, CLASS_COUNT - 1), min_size=4, max_size=8)


@settings(max_examples=25)
@given(EVERY_CHOICE, DESIGNS, st.integers(0, 100), st.sampled_from([0.0, 1.0]))
def test_without_a_target_no_choice_changes_the_extractor(
    choices: dict[str, Any], design: dict[str, Any], seed: int, recent: float
) -> None:
    """Lesions as the model answers, domains as it does not: neither text has a target then."""
    model = a_model(seed, **design).train()
    batch = a_batch([0] * 6, seed=seed)
    literal = {"first": "literal", "second": "literal", "learning_rate": 1e-12}
    step = a_step(model, **{**choices, **literal})
    step.target_share.recent = recent
    with torch.no_grad():
        z = model.features(batch.inputs)
        lesions = model.lesion_classifier(z).argmax(dim=1)
        answers = step._domain_logits(model.domain_classifier(z), lesions).argmax(dim=1)
    before = copied(model.feature_extractor)
    measures = step(Batch(batch.inputs, lesions, 1 - answers), adversarial_weight=1.0)
    assert measures.first_target_share == measures.second_target_share == 0.0
    assert is_unchanged(model.feature_extractor, before)


@settings(max_examples=25)
@given(EVERY_CHOICE, DESIGNS, LESIONS, st.integers(0, 100))
def test_the_classifiers_updates_never_change_the_extractor_nor_each_other(
    choices: dict[str, Any], design: dict[str, Any], lesions: list[int], seed: int
) -> None:
    model = a_model(seed, **design)
    step, batch = a_step(model, **choices), a_batch(lesions, seed=seed)
    z = model.features(batch.inputs).detach()
    extractor, domain = copied(model.feature_extractor), copied(model.domain_classifier)
    step._train_lesion_classifier(z, batch)
    assert is_unchanged(model.domain_classifier, domain)
    lesion = copied(model.lesion_classifier)
    step._train_domain_classifier(z, batch)
    assert is_unchanged(model.lesion_classifier, lesion)
    assert is_unchanged(model.feature_extractor, extractor)


@settings(max_examples=25)
@given(EVERY_CHOICE, DESIGNS, LESIONS, st.integers(0, 100))
def test_the_extractors_update_never_changes_a_classifier(
    choices: dict[str, Any], design: dict[str, Any], lesions: list[int], seed: int
) -> None:
    model = a_model(seed, **design)
    step, batch = a_step(model, **choices), a_batch(lesions, seed=seed)
    before = copied(model.lesion_classifier), copied(model.domain_classifier)
    step._train_extractor(model.features(batch.inputs), batch, 1.0)
    assert is_unchanged(model.lesion_classifier, before[0])
    assert is_unchanged(model.domain_classifier, before[1])
