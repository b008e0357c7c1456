"""The colours of reports, on white paper and on a dark screen; a dash or a mark goes with each.

Text has a contrast of at least 4.5:1 with its background, lines that mean something 3:1; a test
computes both.

Source: Okabe and Ito 2008, https://jfly.uni-koeln.de/color/, darkened or lightened for contrast;
WCAG 2.2, success criteria 1.4.3 and 1.4.11, https://www.w3.org/TR/WCAG22/.
"""

from typing import Final, Literal

Ink = Literal[
    "text", "muted", "grid", "paper", "first", "second", "third", "fourth", "fifth", "sixth"
]

CURVE_INKS: Final[tuple[Ink, ...]] = ("first", "second", "third", "fourth", "fifth", "sixth")

LIGHT: Final[dict[Ink, str]] = {
    "text": "#16202b",
    "muted": "#4a5866",
    "grid": "#dfe5ec",
    "paper": "#ffffff",
    "first": "#0067a8",
    "second": "#c24f00",
    "third": "#00775a",
    "fourth": "#a2447f",
    "fifth": "#7a6200",
    "sixth": "#2a7fb0",
}
DARK: Final[dict[Ink, str]] = {
    "text": "#e8edf2",
    "muted": "#adb9c5",
    "grid": "#33404d",
    "paper": "#151b22",
    "first": "#6db7f2",
    "second": "#ff9a57",
    "third": "#54cfa8",
    "fourth": "#e79ccb",
    "fifth": "#e0c04a",
    "sixth": "#9cd3f0",
}
"""The same on a dark screen."""

LIGHT_SHADES: Final[dict[str, str]] = {
    "rule": "#c9d2dc",
    "notice": "#fff4d6",
    "notice-text": "#4d3400",
    "notice-edge": "#b36b00",
    "card": "#f3f6fa",
    "heat": "#0067a8",
}
DARK_SHADES: Final[dict[str, str]] = {
    "rule": "#3d4a58",
    "notice": "#3b2f10",
    "notice-text": "#ffe3a3",
    "notice-edge": "#e0a83a",
    "card": "#1d2630",
    "heat": "#6db7f2",
}
"""Backgrounds and edges."""
DARKEST_SHADE: Final = 0.45
"""Of ``heat``, behind the largest number of a table, so that the number can be read on it."""
