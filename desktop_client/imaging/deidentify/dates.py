"""Dates as DICOM writes them, moved by a patient's days."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

_DAY: Final = re.compile(r"(\d{4})(\.?)(\d{2})\2(\d{2})")
"""``20260331``, or ``2026.03.31`` as before DICOM; a DT goes on with the time of day."""


def shift_text(text: str, shifted: Callable[[date], date]) -> str:
    """Move the day that a DA or DT begins with; what names no whole day becomes empty.

    Args:
        text: One value.
        shifted: Moves a day.
    """
    found = _DAY.match(text.strip())
    if found is None:
        return ""
    year, dot, month, day = found.groups()
    try:
        moved = shifted(date(int(year), int(month), int(day)))
    except (ValueError, OverflowError):
        return ""  # the 30th of February, or before the year 1
    time_of_day = text.strip()[found.end() :]
    return f"{moved.year:04}{dot}{moved.month:02}{dot}{moved.day:02}{time_of_day}"
