"""Measures of held-out answers, from numbers to numbers; patients, not images, are resampled."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from desktop_client.training.quality import (
    Calibration,
    CalibrationBin,
    ClassQuality,
    Interval,
    Judgement,
    Roc,
    Share,
    WrongAnswer,
)

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

RESAMPLE_COUNT: Final = 1000
FEWEST_RESAMPLES: Final = 100
"""Of both kinds, below which there is no interval."""
NORMAL_QUANTILE: Final = 1.959964
"""Of 97.5 %, for 95 % intervals."""
ABOVE_ALL: Final = 2.0
"""A threshold that no probability reaches."""
BIN_COUNT: Final = 10
WRONGEST_COUNT: Final = 50


@dataclass(frozen=True)
class Answers:
    """What a model answered on labelled images, and what is known of these.

    Attributes:
        probabilities: ``[N, K]``.
        labels: ``[N]``, 0 to K - 1.
        domains: ``[N]``, places in ``domain_names``.
        patients: ``[N]`` patient groups, any numbers.
        sample_ids: N of them.
        class_names: K of them.
        domain_names: Of the scanners.
    """

    probabilities: FloatArray
    labels: IntArray
    domains: IntArray
    patients: IntArray
    sample_ids: tuple[str, ...]
    class_names: tuple[str, ...]
    domain_names: tuple[str, ...]

    @property
    def answered(self) -> IntArray:
        """The most probable class of each image ``[N]``."""
        answered: IntArray = self.probabilities.argmax(axis=1).astype(np.int64)
        return answered

    def of_domain(self, domain: int) -> "Answers":
        """Return those to images of one scanner."""
        rows = np.flatnonzero(self.domains == domain)
        return Answers(
            self.probabilities[rows],
            self.labels[rows],
            self.domains[rows],
            self.patients[rows],
            tuple(self.sample_ids[row] for row in rows),
            self.class_names,
            self.domain_names,
        )


def judge(answers: Answers, domain: str = "") -> Judgement:
    """Measure everything there is to measure of some answers."""
    answered, labels = answers.answered, answers.labels
    class_count = len(answers.class_names)
    confusion = np.zeros((class_count, class_count), np.int64)
    np.add.at(confusion, (labels, answered), 1)
    return Judgement(
        domain=domain,
        image_count=len(labels),
        patient_count=len(np.unique(answers.patients)),
        accuracy=share_of(answered == labels),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        classes=tuple(_class_quality(answers, place) for place in range(class_count)),
        calibration=calibration_of(answers.probabilities.max(axis=1), answered == labels),
    )


def share_of(is_true: BoolArray) -> Share:
    r"""Return a share with Wilson's interval.

    Source:
        Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953.
    """
    count, total = int(is_true.sum()), len(is_true)
    if not total:
        return Share(count=0, total=0, interval=None)
    share, z2 = count / total, NORMAL_QUANTILE**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    spread = sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    half = NORMAL_QUANTILE * spread / (1 + z2 / total)
    interval = Interval(low=max(0.0, middle - half), high=min(1.0, middle + half))
    return Share(count=count, total=total, interval=interval)


def roc_of(scores: FloatArray, is_positive: BoolArray) -> Roc | None:
    """Return the ROC curve of scores ``[N]``; None with positives or negatives only."""
    if is_positive.all() or not is_positive.any():
        return None
    thresholds, positives, negatives = _steps(scores, is_positive, np.ones(len(scores)))
    return Roc(
        thresholds=(ABOVE_ALL, *thresholds.tolist()),
        sensitivities=(0.0, *(positives / positives[-1]).tolist()),
        false_positive_rates=(0.0, *(negatives / negatives[-1]).tolist()),
    )


def area_under(scores: FloatArray, is_positive: BoolArray, weights: FloatArray) -> float | None:
    """Return how often a positive scores above a negative; ties count half.

    Args:
        scores: ``[N]``.
        is_positive: ``[N]``.
        weights: ``[N]``, how often each is counted.
    """
    _, positives, negatives = _steps(scores, is_positive, weights)
    if not positives[-1] or not negatives[-1]:
        return None
    sensitivities = np.concatenate([[0.0], positives / positives[-1]])
    false_alarms = np.concatenate([[0.0], negatives / negatives[-1]])
    heights = (sensitivities[1:] + sensitivities[:-1]) / 2
    return float((np.diff(false_alarms) * heights).sum())


def area_interval(
    scores: FloatArray, is_positive: BoolArray, patients: IntArray, seed: int = 0
) -> Interval | None:
    """Return the 95 % interval of the area under the curve, resampling patients.

    Images of a patient are alike: resampling images would make the interval too narrow. None if
    too few resamples have positives and negatives.

    Source:
        Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13, percentiles.
    """
    _, places = np.unique(patients, return_inverse=True)
    patient_count = int(places.max()) + 1 if len(places) else 0
    generator = np.random.default_rng(seed)
    areas = []
    for _ in range(RESAMPLE_COUNT if patient_count > 1 else 0):
        drawn = generator.integers(patient_count, size=patient_count)
        times = np.bincount(drawn, minlength=patient_count).astype(np.float64)
        area = area_under(scores, is_positive, times[places])
        if area is not None:
            areas.append(area)
    if len(areas) < FEWEST_RESAMPLES:
        return None
    low, high = np.percentile(areas, [2.5, 97.5])
    return Interval(low=float(low), high=float(high))


def calibration_of(confidences: FloatArray, is_right: BoolArray) -> Calibration:
    """Compare confidences with how often they were right, in bins of equal width.

    Source:
        Guo et al. 2017, https://arxiv.org/abs/1706.04599, section 2, equation 3.
    """
    places = np.minimum((confidences * BIN_COUNT).astype(np.int64), BIN_COUNT - 1)
    bins = [
        CalibrationBin(
            count=int((places == place).sum()),
            mean_confidence=float(confidences[places == place].mean()),
            right_share=float(is_right[places == place].mean()),
        )
        for place in np.unique(places)
    ]
    distance = sum(b.count * abs(b.mean_confidence - b.right_share) for b in bins)
    return Calibration(expected_error=distance / max(1, len(confidences)), bins=tuple(bins))


def wrongest(answers: Answers) -> tuple[WrongAnswer, ...]:
    """Return the wrong answers, the surest first."""
    answered, confidences = answers.answered, answers.probabilities.max(axis=1)
    wrong = np.flatnonzero(answered != answers.labels)
    order = wrong[np.argsort(-confidences[wrong], kind="stable")][:WRONGEST_COUNT]
    return tuple(
        WrongAnswer(
            sample_id=answers.sample_ids[row],
            said=answers.class_names[answers.labels[row]],
            answered=answers.class_names[answered[row]],
            confidence=float(confidences[row]),
            domain=answers.domain_names[answers.domains[row]],
        )
        for row in order
    )


def _class_quality(answers: Answers, place: int) -> ClassQuality:
    scores, is_positive = answers.probabilities[:, place], answers.labels == place
    says_yes = answers.answered == place
    roc = roc_of(scores, is_positive) if len(scores) else None
    is_defined = roc is not None
    return ClassQuality(
        name=answers.class_names[place],
        positive_count=int(is_positive.sum()),
        negative_count=int((~is_positive).sum()),
        roc=roc,
        auc=area_under(scores, is_positive, np.ones(len(scores))) if is_defined else None,
        auc_interval=area_interval(scores, is_positive, answers.patients) if is_defined else None,
        sensitivity=share_of(says_yes[is_positive]),
        specificity=share_of(~says_yes[~is_positive]),
    )


def _steps(
    scores: FloatArray, is_positive: BoolArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return each different score, falling, and the positives and negatives at or above it."""
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    positives = np.cumsum(np.where(is_positive[order], weights[order], 0.0))[ends]
    negatives = np.cumsum(np.where(is_positive[order], 0.0, weights[order]))[ends]
    return falling[ends], positives, negatives
