"""What is known of how good a model is: plain values, written as JSON beside the model.

Loads neither torch nor scikit-learn, so that the window can show them.
"""

from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from desktop_client.durable import write_durably
from desktop_client.errors import QualityReportError
from desktop_client.labelling.identity import digest_file
from desktop_client.training.record import ModelRecord

QUALITY_SUFFIX: Final = ".quality.json"
MODEL_SUFFIX: Final = ".safetensors"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(_Part):
    """95 % confidence."""

    low: float
    high: float


class Share(_Part):
    """So many of so many; None of none."""

    count: int
    total: int
    interval: Interval | None

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.count / self.total if self.total else None


class Roc(_Part):
    """Sensitivity and false alarms at each threshold, from the strictest to the laxest.

    The first point answers yes to nothing, at a threshold above every probability.
    """

    thresholds: tuple[float, ...]
    sensitivities: tuple[float, ...]
    false_positive_rates: tuple[float, ...]

    def point(self, wanted_sensitivity: float) -> int:
        """Return the strictest point that reaches a sensitivity; the last one reaches any."""
        reached = (n for n, s in enumerate(self.sensitivities) if s >= wanted_sensitivity)
        return next(reached, len(self.sensitivities) - 1)


class ClassQuality(_Part):
    """One lesion class against all others."""

    name: str
    positive_count: int
    negative_count: int
    roc: Roc | None
    """None unless there are images of the class and of others."""
    auc: float | None
    auc_interval: Interval | None
    sensitivity: Share
    """Of the model's own answers: the most probable class."""
    specificity: Share


class CalibrationBin(_Part):
    """Answers of about the same confidence."""

    count: int
    mean_confidence: float
    right_share: float


class Calibration(_Part):
    """How far the model's confidence can be believed."""

    expected_error: float
    """Mean distance between confidence and share of right answers, weighted by count."""
    bins: tuple[CalibrationBin, ...]
    """Without empty ones."""


class Judgement(_Part):
    """The held-out images of all scanners, or of one."""

    domain: str
    """The scanner's name; empty for all together."""
    image_count: int
    patient_count: int
    accuracy: Share
    confusion: tuple[tuple[int, ...], ...]
    """Rows are what readers said, columns what the model answered; classes in order."""
    classes: tuple[ClassQuality, ...]
    calibration: Calibration


class LeakageQuality(_Part):
    """How well a fresh classifier tells the scanner from features, as balanced accuracies."""

    trained: float
    untrained: float
    """From the features of the same network before training."""
    chance: float
    label_floor: float
    """From the lesion label alone."""


class WrongAnswer(_Part):
    """A held-out image that the model judged otherwise than the readers."""

    sample_id: str
    said: str
    answered: str
    confidence: float
    domain: str


class QualityReport(_Part):
    """How good one model is on images of patients that it never saw."""

    format_version: Literal[2] = 2
    made_at: datetime
    training_count: int
    class_names: tuple[str, ...]
    together: Judgement
    by_domain: tuple[Judgement, ...]
    leakage: LeakageQuality | None
    leakage_missing: str
    """Why there is none; empty if there is."""
    wrongest: tuple[WrongAnswer, ...]
    """The surest of the wrong answers first."""
    record: ModelRecord


def quality_path_of(checkpoint_path: Path) -> Path:
    """Return where the report on a model is."""
    return checkpoint_path.with_suffix(QUALITY_SUFFIX)


def model_path_of(quality_path: Path) -> Path:
    """Return the model that a report is about."""
    return quality_path.with_name(quality_path.name.removesuffix(QUALITY_SUFFIX) + MODEL_SUFFIX)


def save_quality(path: Path, report: QualityReport) -> None:
    """Write a report durably.

    Raises:
        QualityReportError: if it cannot be written.
    """
    try:
        write_durably(path, report.model_dump_json(indent=1).encode() + b"\n")
    except OSError as error:
        raise QualityReportError(f"{path} cannot be written: {error.strerror}") from error


def load_quality(path: Path) -> QualityReport:
    """Read a report.

    Raises:
        QualityReportError: if it cannot be read, or is damaged or of another version.
    """
    try:
        return QualityReport.model_validate_json(path.read_bytes())
    except OSError as error:
        raise QualityReportError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise QualityReportError(
            f"{path} is damaged, or of another version of SiteBlind; train again to have a new one"
        ) from error


def is_judged(model_path: Path) -> bool:
    """Return whether there is a report on a model's file as it is now."""
    try:
        return load_quality(quality_path_of(model_path)).record.model_digest == digest_file(
            model_path
        )
    except (QualityReportError, OSError):
        return False


def quality_paths(folder: Path) -> list[Path]:
    """Return the reports in a folder, the newest first."""
    return sorted(folder.glob(f"*{QUALITY_SUFFIX}"), key=lambda p: p.stat().st_mtime, reverse=True)
