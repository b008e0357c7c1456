"""How sure a metric is: the same model judged on other draws of the same patients; pure.

A draw is a row of weights, how often each image counts. Drawing patients keeps together what is
alike, and since scores never change, one sorting serves all draws.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from desktop_client.training.evaluation import FloatArray, IntArray

RESAMPLE_COUNT: Final = 1000
COVERAGE: Final = 0.95


def patient_draws(site: str, patients: Sequence[str], count: int = RESAMPLE_COUNT) -> FloatArray:
    """Draw as many patients as there are, with replacement, ``count`` times.

    The same site and patients get the same draws, so that two models are judged on the same
    ones, and so are two runs: another seed trains another model but brings no new patient.

    Args:
        site: Seeds the draws.
        patients: The patient of each of N images.
        count: R.

    Returns:
        ``[1 + R, N]`` weights, whole numbers; row 0 is the images as they are.

    Source:
        Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 8.3: resample the
        units that are independent.
    """
    names, rows = np.unique(np.asarray(patients), return_inverse=True)
    seed = int.from_bytes(hashlib.sha256(site.encode()).digest()[:8], "little")
    shares = np.full(len(names), 1 / len(names))
    drawn = np.random.default_rng(seed).multinomial(len(names), shares, size=count)
    return np.vstack([np.ones((1, len(patients))), drawn[:, rows]])


def weighted_auc(scores: FloatArray, is_positive: IntArray, weights: FloatArray) -> FloatArray:
    r"""Area under the ROC curve for each row of weights.

    It is the share of pairs of a positive and a negative in which the positive has the higher
    score, a tie counting half; here each pair counts :math:`w_i w_j` times.

    Args:
        scores: ``[N]``.
        is_positive: ``[N]`` of 0 and 1.
        weights: ``[R, N]``, at least 0.

    Returns:
        ``[R]``; nan where positives or negatives have no weight.

    Source:
        Hanley and McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747.
    """
    order = np.argsort(scores, kind="stable")
    weights, positive = weights[:, order], is_positive[order].astype(np.float64)
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf) > 0)
    positives = np.add.reduceat(weights * positive, starts, axis=1)  # [R, distinct scores]
    negatives = np.add.reduceat(weights * (1 - positive), starts, axis=1)
    below = np.cumsum(negatives, axis=1) - negatives / 2
    pairs = positives.sum(axis=1) * negatives.sum(axis=1)
    return _quotient((positives * below).sum(axis=1), pairs)


def site_auc(probabilities: FloatArray, labels: IntArray, weights: FloatArray) -> FloatArray:
    """AUC per row of weights as ``training.evaluation.area_under_curve`` defines it.

    Args:
        probabilities: ``[N, K]``.
        labels: ``[N]``.
        weights: ``[R, N]``.

    Returns:
        ``[R]``; nan where fewer than two classes have weight.
    """
    if probabilities.shape[1] == 2:
        return weighted_auc(probabilities[:, 1], labels == 1, weights)
    areas = [weighted_auc(probabilities[:, c], labels == c, weights) for c in np.unique(labels)]
    return mean_of_defined(np.stack(areas))


def site_balanced_accuracy(
    probabilities: FloatArray, labels: IntArray, weights: FloatArray
) -> FloatArray:
    """Mean recall over the classes that have weight, per row of weights ``[R, N]``."""
    is_right = probabilities.argmax(axis=1) == labels
    recalls = []
    for c in np.unique(labels):
        of_class = weights[:, labels == c]
        total = of_class.sum(axis=1)
        right = (of_class * is_right[labels == c]).sum(axis=1)
        recalls.append(_quotient(right, total))
    return mean_of_defined(np.stack(recalls))


def mean_of_defined(values: FloatArray) -> FloatArray:
    """Mean over the first axis of what is not nan; nan where nothing is left."""
    is_defined = ~np.isnan(values)
    return _quotient(np.where(is_defined, values, 0).sum(axis=0), is_defined.sum(axis=0))


def interval(draws: FloatArray) -> tuple[float, float] | None:
    """Percentile interval of the defined draws ``[R]``; None if there is none."""
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return float(low), float(high)


def _quotient(numerators: FloatArray, denominators: FloatArray) -> FloatArray:
    """Divide; nan where the denominator is 0."""
    quotients: FloatArray = np.full(numerators.shape, np.nan)
    np.divide(numerators, denominators, out=quotients, where=denominators > 0)
    return quotients
