"""How lesion classes are told apart at a glance: colours and keys."""

from collections.abc import Collection
from typing import Final

OKABE_ITO: Final = (
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#f0e442",
    "#0072b2",
    "#d55e00",
    "#cc79a7",
    "#999999",
)
"""Colours that colour-blind people can tell apart, orange first.

Source: Okabe and Ito 2008, https://jfly.uni-koeln.de/color/; grey in place of black, which does
not show on dark images.
"""

LABEL_KEYS: Final = tuple("123456789")


def next_colour(taken: Collection[str]) -> str:
    """Return the first free colour; when all are taken, begin again."""
    free = [colour for colour in OKABE_ITO if colour not in taken]
    return free[0] if free else OKABE_ITO[len(taken) % len(OKABE_ITO)]


def next_key(taken: Collection[str]) -> str:
    """Return the first free number key, or an empty string."""
    return next((key for key in LABEL_KEYS if key not in taken), "")
