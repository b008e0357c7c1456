"""Which samples train the feature extractor, and towards what: S205 to S214 of the method.

Pure functions of logits and labels; each mask is ``[B]`` bool.
"""

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from desktop_client.training.model import UNLABELLED


def first_targets(
    lesion_logits: Tensor,
    lesion_labels: Tensor,
    choice: Literal["literal", "margin", "all"],
    margin: float,
) -> Tensor:
    """Pick the samples whose lesion the extractor should learn better (S205-S208).

    ``literal``: those classified wrongly. ``margin``: those whose true class has a probability
    below ``margin``, and the wrong ones. ``all``: every labelled sample, as in plain supervised
    training. Unlabelled samples are never picked.
    """
    is_labelled = lesion_labels != UNLABELLED
    if choice == "all":
        return is_labelled
    labels = lesion_labels.clamp(min=0)
    is_wrong = lesion_logits.argmax(dim=1) != labels
    if choice == "literal":
        return is_labelled & is_wrong
    true_probability = lesion_logits.softmax(dim=1).gather(1, labels[:, None]).squeeze(1)
    return is_labelled & (is_wrong | (true_probability < margin))


def second_targets(
    domain_logits: Tensor, domain_labels: Tensor, choice: Literal["literal", "all", "off"]
) -> Tensor:
    """Pick the samples whose domain the features still tell (S210-S213).

    ``literal``: those whose domain is recognised rightly. ``all``: every sample. ``off``: none,
    which turns the adversary off.
    """
    if choice == "off":
        return torch.zeros_like(domain_labels, dtype=torch.bool)
    if choice == "all":
        return torch.ones_like(domain_labels, dtype=torch.bool)
    return domain_logits.argmax(dim=1) == domain_labels


def mask_unknown_domains(domain_logits: Tensor, known_domains: Tensor) -> Tensor:
    """Make indices that stand for no known domain impossible answers.

    Args:
        domain_logits: ``[B, capacity]``.
        known_domains: ``[B, capacity]`` bool, at least one of them for each sample.
    """
    return domain_logits.masked_fill(~known_domains, -math.inf)


def lesion_loss(lesion_logits: Tensor, lesion_labels: Tensor, mask: Tensor) -> Tensor:
    """Cross-entropy summed over the masked samples, per labelled sample of the batch.

    Divided by the labelled samples rather than by the targets, so that a batch with a single
    target left does not pull as hard as a batch full of them; and so that a batch without
    labels gives zero, not nan.
    """
    labelled_count = (lesion_labels != UNLABELLED).sum().clamp(min=1)
    losses = functional.cross_entropy(
        lesion_logits, lesion_labels, ignore_index=UNLABELLED, reduction="none"
    )
    return (losses * mask).sum() / labelled_count


def confusion_loss(
    masked_domain_logits: Tensor,
    domain_labels: Tensor,
    mask: Tensor,
    target: Literal["uniform", "reversed"],
) -> Tensor:
    """How well the domain can still be told on the masked samples, per sample of the batch.

    ``uniform``: Kullback-Leibler divergence from equal probabilities over the known domains; it
    is bounded below by 0. ``reversed``: the negative cross-entropy, which is not.

    Source:
        Tzeng et al. 2015, https://arxiv.org/abs/1510.02192, equation 3 (uniform).
    """
    log_probabilities = masked_domain_logits.log_softmax(dim=1)
    if target == "reversed":
        losses = log_probabilities.gather(1, domain_labels[:, None]).squeeze(1)
    else:
        is_known = masked_domain_logits > -math.inf
        known_count = is_known.sum(dim=1)
        known_sum = log_probabilities.masked_fill(~is_known, 0.0).sum(dim=1)
        losses = -known_sum / known_count - known_count.log()
    return (losses * mask).sum() / max(1, len(domain_labels))
