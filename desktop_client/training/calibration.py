"""How far a model's probabilities can be believed: one temperature, fitted on held-out images."""

from typing import Final

import numpy as np

from desktop_client.training.evaluation import FloatArray, IntArray
from desktop_client.training.model import UNLABELLED

FEWEST_IMAGES: Final = 20
"""Held-out images below which a temperature would say more about chance than about the model."""
HIGHEST_TEMPERATURE: Final = 20.0
SMALLEST_PROBABILITY: Final = 1e-12
STEPS: Final = 60
"""Bisections; each halves what is unknown about 1 / temperature."""


def with_temperature(probabilities: FloatArray, temperature: float | None) -> FloatArray:
    """Return the probabilities ``[N, K]`` that the same logits over ``temperature`` give."""
    if temperature is None:
        return probabilities
    return _cooled(_logits(probabilities), 1 / temperature)


def fitted_temperature(probabilities: FloatArray, lesion_labels: IntArray) -> float | None:
    """Return the temperature with the smallest cross-entropy on held-out images, at least 1.

    Networks are too sure of themselves, so that a temperature lowers their confidence. It is
    never raised: on a few images that all came out right, no confidence would be too high.

    Args:
        probabilities: ``[N, K]``, a model's softmax.
        lesion_labels: ``[N]``; unlabelled images do not count.

    Returns:
        None with fewer than ``FEWEST_IMAGES`` labelled images.

    Source:
        Guo et al. 2017, https://arxiv.org/abs/1706.04599, section 4.2.
    """
    is_labelled = lesion_labels != UNLABELLED
    if is_labelled.sum() < FEWEST_IMAGES:
        return None
    logits, labels = _logits(probabilities[is_labelled]), lesion_labels[is_labelled]
    true_logits = logits[np.arange(len(labels)), labels]

    def slope(sharpness: float) -> float:
        """Return the derivative of the mean cross-entropy, which rises with the sharpness."""
        expected = (_cooled(logits, sharpness) * logits).sum(axis=1)
        return float((expected - true_logits).mean())

    low, high = 1 / HIGHEST_TEMPERATURE, 1.0
    if slope(high) <= 0:
        return 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return 1 / high


def _logits(probabilities: FloatArray) -> FloatArray:
    """Return logits that give these probabilities; they are known but for a constant."""
    return np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))


def _cooled(logits: FloatArray, sharpness: float) -> FloatArray:
    powers = np.exp(sharpness * (logits - logits.max(axis=1, keepdims=True)))
    shares: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return shares
