"""Numbers of a report as words; what is undefined says so."""

from datetime import datetime
from typing import Final

from desktop_client.training.quality import Interval, QualityReport, Share

UNDEFINED: Final = "undefined"
PER_CENT: Final = "\u00a0%"
"""Never at the beginning of a line."""


def percent(share: float | None) -> str:
    """Return ``83 %``."""
    return UNDEFINED if share is None else f"{100 * share:.0f}{PER_CENT}"


def share(counted: Share) -> str:
    """Return ``83 % (71–91 %)``, or that there is nothing to count."""
    if counted.value is None or counted.interval is None:
        return UNDEFINED
    low, high = 100 * counted.interval.low, 100 * counted.interval.high
    return f"{percent(counted.value)} ({low:.0f}–{high:.0f}{PER_CENT})"


def number(value: float | None, interval: Interval | None = None) -> str:
    """Return ``0.87 (0.80–0.93)``."""
    if value is None:
        return UNDEFINED
    if interval is None:
        return f"{value:.2f}"
    return f"{value:.2f} ({interval.low:.2f}–{interval.high:.2f})"


def counted(count: int, one: str, many: str) -> str:
    """Return ``1 image`` or ``2,000 images``."""
    return f"{count:,} {one if count == 1 else many}"


def images(count: int) -> str:
    """Return ``1 image`` or ``2,000 images``."""
    return counted(count, "image", "images")


def patients(count: int) -> str:
    """Return ``1 patient`` or ``2,000 patients``."""
    return counted(count, "patient", "patients")


def scanner(name: str) -> str:
    """Return what a scanner is called."""
    return name or "Unnamed scanner"


def moment(at: datetime) -> str:
    """Return day and time where it was, with the distance from UTC, the same on every machine."""
    return f"{at:%Y-%m-%d %H:%M} {at.tzname() or ''}".strip()


def mean_auc(areas: list[float | None]) -> float | None:
    """Return the mean of the areas that are defined; None if none is."""
    defined = [area for area in areas if area is not None]
    return sum(defined) / len(defined) if defined else None


def mean_auc_of(report: QualityReport) -> float | None:
    """Return the mean over the classes of a model."""
    return mean_auc([quality.auc for quality in report.together.classes])
