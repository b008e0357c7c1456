"""The colours of the two themes, the only place where the window's colours are written.

Text on its background has a contrast of at least 4.5:1 and lines that carry meaning at least
3:1; `tests/ui/test_palette.py` computes both.

Source: WCAG 2.2, success criteria 1.4.3 and 1.4.11, https://www.w3.org/TR/WCAG22/.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True)
class Palette:
    """One theme's colours, each ``#rrggbb``."""

    name: ThemeName
    window: str
    surface: str
    raised: str
    divider: str
    """Separates areas; carries no meaning."""
    outline: str
    """Edge of a control; must be seen to find it."""
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    danger: str
    warning: str
    success: str
    banner: str
    on_banner: str
    canvas: str
    """Around a picture, dark in both themes: next to white, greys look darker than they are."""
    on_canvas: str
    curves: tuple[str, str, str]
    """Okabe and Ito's blue, vermilion and green, or their lighter kin; always with a dash style."""


LIGHT: Final = Palette(
    name="light",
    window="#f3f5f8",
    surface="#ffffff",
    raised="#e9eef4",
    divider="#d3dbe4",
    outline="#75828f",
    text="#16202b",
    muted="#4a5866",
    accent="#0b5cad",
    on_accent="#ffffff",
    selection="#d6e6f7",
    danger="#b3261e",
    warning="#7a4f00",
    success="#1b6e3c",
    banner="#fff1c9",
    on_banner="#4d3400",
    canvas="#101418",
    on_canvas="#c3cdd7",
    curves=("#0072b2", "#d55e00", "#00805d"),
)
DARK: Final = Palette(
    name="dark",
    window="#12171d",
    surface="#1a2129",
    raised="#242d38",
    divider="#33404d",
    outline="#7f8c99",
    text="#e8edf2",
    muted="#adb9c5",
    accent="#74b6ff",
    on_accent="#06213d",
    selection="#1e3d5f",
    danger="#ffa198",
    warning="#f2c566",
    success="#83d4a0",
    banner="#3b2f10",
    on_banner="#ffe2a3",
    canvas="#0b0e12",
    on_canvas="#c3cdd7",
    curves=("#56b4e9", "#f0a030", "#3fc79a"),
)
PALETTES: Final[dict[ThemeName, Palette]] = {"light": LIGHT, "dark": DARK}


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast ratio of two ``#rrggbb`` colours, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@cache
def ink_on(background: str) -> str:
    """Return black or white, whichever is easier to read on ``background``."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, background))


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definitions)."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
