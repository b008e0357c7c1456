"""What a report on a model says, in sentences and table cells."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop_client.gui.wording import percent
from desktop_client.training.quality import (
    ClassQuality,
    Interval,
    Judgement,
    QualityReport,
    Share,
)


def _tr(words: str) -> str:
    return QCoreApplication.translate("quality", words)


def with_interval(value: float | None, interval: Interval | None) -> str:
    """Return a number of 0 to 1 with its 95 % interval, or that it is undefined."""
    if value is None:
        return _tr("undefined")
    if interval is None:
        return f"{value:.2f}"
    return f"{value:.2f} ({interval.low:.2f} – {interval.high:.2f})"


def share(counted: Share) -> str:
    """Return a share in percent with its interval."""
    if counted.value is None or counted.interval is None:
        return _tr("undefined")
    low, high = 100 * counted.interval.low, 100 * counted.interval.high
    return f"{percent(counted.value)} ({low:.0f} – {high:.0f} %)"


def title(report: QualityReport) -> str:
    """Return which model a report is about."""
    when = f"{report.made_at.astimezone():%Y-%m-%d, %H:%M}"
    if report.record.origin == "study":
        return _tr("Study “{0}”, measured {1}").format(report.record.model_name, when)
    return _tr("Training of {0}").format(when)


def summary(report: QualityReport, judged: Judgement) -> str:
    """Return what to know first: how many were right, and what must be borne in mind."""
    said = [
        _tr("{0} of {1} held-out images of {2} patients are judged right: {3}.").format(
            judged.accuracy.count,
            judged.image_count,
            judged.patient_count,
            share(judged.accuracy),
        ),
        _tr("In brackets: where the true value lies with 95 % confidence, judging by so few."),
    ]
    if not judged.domain:
        said.append(leakage(report))
    return "\n".join(said)


def leakage(report: QualityReport) -> str:
    """Return how well the scanner can still be told."""
    told = report.leakage
    if told is None:
        return _tr("Whether the scanner can be told is not known. {0}.").format(
            report.leakage_missing
        )
    return _tr(
        "The scanner can be told from what the model sees in {0} of the images; before training "
        "{1}, by guessing {2}, by the lesion alone {3}."
    ).format(
        percent(told.trained),
        percent(told.untrained),
        percent(told.chance),
        percent(told.label_floor),
    )


def operating_point(quality: ClassQuality, wanted_sensitivity: float) -> str:
    """Return what a threshold for a wanted sensitivity would do."""
    roc = quality.roc
    if roc is None:
        return _tr("There is no curve: the held-out images are all of one kind.")
    point = roc.point(wanted_sensitivity)
    return _tr(
        "If every image with a probability of at least {0} were called {1}, {2} of them would be "
        "found (sensitivity), and {3} of all others left alone (specificity). The threshold is "
        "chosen on these very images; on new ones it will do a little worse."
    ).format(
        f"{roc.thresholds[point]:.2f}",
        quality.name,
        percent(roc.sensitivities[point]),
        percent(1 - roc.false_positive_rates[point]),
    )


def calibration(judged: Judgement) -> str:
    """Return how far confidence can be believed."""
    error = 100 * judged.calibration.expected_error
    return _tr(
        "Confidence and share of right answers differ by {0} percentage points on average. On the "
        "dashed line both agree; below it the model is too sure of itself."
    ).format(f"{error:.0f}")


def class_rows(judged: Judgement) -> list[Sequence[str]]:
    """Return a row for each class."""
    return [
        (
            quality.name,
            str(quality.positive_count),
            with_interval(quality.auc, quality.auc_interval),
            share(quality.sensitivity),
            share(quality.specificity),
        )
        for quality in judged.classes
    ]


def confusion_rows(report: QualityReport, judged: Judgement) -> list[Sequence[str]]:
    """Return a row for each class that readers gave, with how often each was answered."""
    return [
        (name, *map(str, row))
        for name, row in zip(report.class_names, judged.confusion, strict=True)
    ]


def comparison_row(report: QualityReport) -> Sequence[str]:
    """Return one training among others."""
    judged = report.together
    areas = [quality.auc for quality in judged.classes if quality.auc is not None]
    mean_area = f"{sum(areas) / len(areas):.2f}" if areas else _tr("undefined")
    told = "–" if report.leakage is None else percent(report.leakage.trained)
    return (
        f"{report.made_at.astimezone():%Y-%m-%d, %H:%M}",
        str(report.training_count),
        str(judged.image_count),
        share(judged.accuracy),
        mean_area,
        f"{100 * judged.calibration.expected_error:.0f} %",
        told,
    )
