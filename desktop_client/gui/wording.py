"""Numbers as people say them: durations, shares, counts."""

import time
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("wording", text, None, count)


def counted(count: int, one: str, many: str) -> str:
    """Return ``1 image`` or ``2,000 images``."""
    return f"{count:,} {one if count == 1 else many}"


def percent(share: float | None) -> str:
    """Return a share of 0 to 1 as ``83 %``; an undefined one as ``undefined``."""
    return _tr("undefined") if share is None else f"{100 * share:.0f} %"


def reason_words(reason: str) -> str:
    """Return why an image is excluded in the language in use; own words stay as they are."""
    return {
        "blurred": _tr("blurred"),
        "lesion not visible": _tr("lesion not visible"),
        "wrong body part": _tr("wrong body part"),
        "obscured": _tr("obscured, for example by hair or gel"),
        "marked or annotated": _tr("marked or annotated"),
        "shows who the patient is": _tr("shows who the patient is"),
        "treated before": _tr("treated before"),
        "duplicate": _tr("duplicate"),
    }.get(reason, reason)


def moment_words(moment: datetime) -> str:
    """Return a date and time as this desktop writes them; without the date if it is today."""
    when = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
    short, locale = QLocale.FormatType.ShortFormat, QLocale()
    if when.date() == QDate.currentDate():
        return locale.toString(when.time(), short)
    return locale.toString(when, short)


def time_left(seconds: float | None) -> str:
    """Return how long something will still take, in words, or nothing while nobody can know."""
    if seconds is None:
        return ""
    if seconds < 10:
        return _tr("a few seconds left")
    if seconds < 55:
        return _tr("about {0} seconds left").format(round(seconds / 10) * 10)
    if seconds < 90:
        return _tr("about a minute left")
    if seconds < 90 * 60:
        return _tr("about {0} minutes left").format(round(seconds / 60))
    return _tr("about {0} hours left").format(round(seconds / 3600))


class Pace:
    """How fast work goes, measured from its first unit; ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start: tuple[float, int] | None = None

    def seconds_left(self, done_count: int, total_count: int) -> float | None:
        """Return the seconds the rest will take at the pace so far; None until that is known."""
        now = self._clock()
        if self._start is None:
            self._start = (now, done_count)
        began_at, began_count = self._start
        elapsed = now - began_at
        if done_count <= began_count or elapsed < 1:
            return None
        return elapsed / (done_count - began_count) * (total_count - done_count)
