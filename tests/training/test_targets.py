"""Which samples train the extractor, and the losses they give; numbers worked out by hand."""

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from desktop_client.training.model import UNLABELLED
from desktop_client.training.targets import (
    confusion_loss,
    first_targets,
    lesion_loss,
    mask_unknown_domains,
    second_targets,
)


def logits_of(*probabilities: list[float]) -> Tensor:
    """Return logits whose softmax is the given probabilities."""
    return torch.tensor(probabilities).log()


LESIONS = logits_of([0.95, 0.05], [0.60, 0.40], [0.30, 0.70], [0.99, 0.01])
LESION_LABELS = torch.tensor([0, 0, 0, UNLABELLED])


def test_literal_first_targets_are_the_wrongly_classified_samples() -> None:
    mask = first_targets(LESIONS, LESION_LABELS, "literal", margin=0.9)
    assert mask.tolist() == [False, False, True, False]


def test_margin_first_targets_add_samples_that_are_right_but_unsure() -> None:
    mask = first_targets(LESIONS, LESION_LABELS, "margin", margin=0.9)
    assert mask.tolist() == [False, True, True, False]


def test_a_tiny_margin_still_contains_every_wrong_sample() -> None:
    assert first_targets(LESIONS, LESION_LABELS, "margin", margin=0.01).tolist() == [
        False,
        False,
        True,
        False,
    ]


def test_all_first_targets_are_the_labelled_samples() -> None:
    mask = first_targets(LESIONS, LESION_LABELS, "all", margin=0.9)
    assert mask.tolist() == [True, True, True, False]


DOMAINS = logits_of([0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.2, 0.5, 0.3])
DOMAIN_LABELS = torch.tensor([0, 0, 1])


def test_literal_second_targets_are_the_rightly_recognised_domains() -> None:
    assert second_targets(DOMAINS, DOMAIN_LABELS, "literal").tolist() == [True, False, True]


def test_second_targets_can_be_all_or_switched_off() -> None:
    assert second_targets(DOMAINS, DOMAIN_LABELS, "all").tolist() == [True, True, True]
    assert second_targets(DOMAINS, DOMAIN_LABELS, "off").tolist() == [False, False, False]


def test_lesion_loss_is_the_targets_sum_over_the_labelled_count() -> None:
    loss = lesion_loss(LESIONS, LESION_LABELS, torch.tensor([False, True, True, False]))
    assert loss.item() == pytest.approx((-math.log(0.6) - math.log(0.3)) / 3, rel=1e-5)


def test_a_batch_without_labels_has_zero_lesion_loss_not_nan() -> None:
    nobody = torch.full((4,), UNLABELLED)
    mask = first_targets(LESIONS, nobody, "all", margin=0.9)
    assert lesion_loss(LESIONS, nobody, mask).item() == 0.0


def test_uniform_confusion_is_the_divergence_from_equal_probabilities() -> None:
    mask = torch.tensor([True, False, False])
    third = 1 / 3
    divergence = sum(third * math.log(third / p) for p in (0.7, 0.2, 0.1))
    loss = confusion_loss(DOMAINS, DOMAIN_LABELS, mask, "uniform")
    assert loss.item() == pytest.approx(divergence / 3, rel=1e-5)


def test_uniform_confusion_is_zero_when_the_domain_cannot_be_told() -> None:
    equal = logits_of([0.25, 0.25, 0.25, 0.25])
    loss = confusion_loss(equal, torch.tensor([2]), torch.tensor([True]), "uniform")
    assert loss.item() == pytest.approx(0.0, abs=1e-6)


def test_reversed_confusion_is_the_negative_cross_entropy() -> None:
    mask = torch.tensor([True, False, True])
    loss = confusion_loss(DOMAINS, DOMAIN_LABELS, mask, "reversed")
    assert loss.item() == pytest.approx((math.log(0.7) + math.log(0.5)) / 3, rel=1e-5)


def test_unknown_domains_are_no_possible_answer_and_get_no_gradient() -> None:
    logits = torch.tensor([[1.0, 1.0, 9.0]], requires_grad=True)
    masked = mask_unknown_domains(logits, torch.tensor([[True, True, False]]))
    assert masked.argmax(dim=1).item() != 2
    loss = confusion_loss(masked, torch.tensor([0]), torch.tensor([True]), "uniform")
    loss.backward()
    assert loss.item() == pytest.approx(0.0, abs=1e-6)
    assert logits.grad is not None
    assert logits.grad[0, 2].item() == 0.0


@given(
    st.lists(
        st.tuples(st.floats(-8, 8), st.floats(-8, 8), st.integers(-1, 1)), min_size=1, max_size=20
    ),
    st.floats(0.05, 1.0),
)
def test_margin_contains_literal_and_all_contains_margin(
    rows: list[tuple[float, float, int]], margin: float
) -> None:
    logits = torch.tensor([row[:2] for row in rows])
    labels = torch.tensor([row[2] for row in rows])
    literal = first_targets(logits, labels, "literal", margin)
    wider = first_targets(logits, labels, "margin", margin)
    everything = first_targets(logits, labels, "all", margin)
    assert not (literal & ~wider).any()
    assert not (wider & ~everything).any()


# --- the masks as the published text says them, sample by sample ---

LOGITS = st.floats(-8, 8, width=32)


def probabilities_of(logits: list[float]) -> list[float]:
    powers = [math.exp(logit) for logit in logits]
    return [power / sum(powers) for power in powers]


def answer_of(logits: list[float]) -> int:
    return logits.index(max(logits))


@given(
    st.lists(
        st.tuples(st.lists(LOGITS, min_size=3, max_size=3), st.integers(-1, 2)),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([0.1, 0.5, 0.9, 1.0]),
)
def test_first_targets_are_what_the_text_says_of_each_sample(
    samples: list[tuple[list[float], int]], margin: float
) -> None:
    """S205-S208: classified, compared with the first label, taken if it came out wrong."""
    wrong, unsure, labelled = [], [], []
    for logits, label in samples:
        is_wrong = label != UNLABELLED and answer_of(logits) != label
        is_unsure = label != UNLABELLED and probabilities_of(logits)[label] < margin
        # On the margin itself float32 and Python may differ.
        assume(label == UNLABELLED or abs(probabilities_of(logits)[label] - margin) > 1e-6)
        wrong.append(is_wrong)
        unsure.append(is_wrong or is_unsure)
        labelled.append(label != UNLABELLED)
    lesion_logits = torch.tensor([logits for logits, _ in samples])
    labels = torch.tensor([label for _, label in samples])
    assert first_targets(lesion_logits, labels, "literal", margin).tolist() == wrong
    assert first_targets(lesion_logits, labels, "margin", margin).tolist() == unsure
    assert first_targets(lesion_logits, labels, "all", margin).tolist() == labelled


@given(
    st.lists(
        st.tuples(st.lists(LOGITS, min_size=3, max_size=3), st.integers(0, 2)),
        min_size=1,
        max_size=12,
    )
)
def test_second_targets_are_what_the_text_says_of_each_sample(
    samples: list[tuple[list[float], int]],
) -> None:
    """S210-S213: classified, compared with the second label, taken if it came out right."""
    right = []
    for logits, label in samples:
        right.append(answer_of(logits) == label)
    domain_logits = torch.tensor([logits for logits, _ in samples])
    labels = torch.tensor([label for _, label in samples])
    assert second_targets(domain_logits, labels, "literal").tolist() == right
    assert second_targets(domain_logits, labels, "all").tolist() == [True] * len(samples)
    assert second_targets(domain_logits, labels, "off").tolist() == [False] * len(samples)
