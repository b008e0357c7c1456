"""The pages of help: Markdown, one with an SVG picture drawn in the light theme's colours.

All can be read without the program; in it the picture takes the colours of the theme in use.
"""

import re
from importlib import resources
from typing import Final

from PySide6.QtCore import QByteArray
from PySide6.QtSvg import QSvgRenderer

from desktop_client.gui.palette import LIGHT, Palette

HOW_IT_WORKS: Final = "how-it-works"
PAGES: Final = (
    "first-steps",
    "labelling",
    "second-reader",
    "dicom",
    "export",
    "training",
    "study",
    HOW_IT_WORKS,
    "projects",
    "shared-computers",
    "problems",
)
"""In the order in which they are listed."""

PICTURE_ROLES: Final = (
    "window",
    "surface",
    "raised",
    "divider",
    "outline",
    "text",
    "muted",
)
"""The palette's colours that a picture may use, besides those of the curves."""


def page_text(name: str, language: str = "en") -> str:
    """Return the page ``resources/help/<name>.md``, translated if there is a translation."""
    translated = resources.files("resources") / "help" / language / f"{name}.md"
    if translated.is_file():
        return translated.read_text(encoding="utf-8")
    return _read(f"{name}.md")


def page_title(text: str) -> str:
    """Return a page's first heading."""
    return text.split("\n", 1)[0].removeprefix("# ")


def picture(name: str, palette: Palette) -> QSvgRenderer:
    """Return the picture ``resources/help/<name>.svg`` in the colours of ``palette``."""
    colours = dict(zip(picture_colours(LIGHT), picture_colours(palette), strict=True))
    drawn = re.sub(r"#[0-9a-f]{6}", lambda found: colours[found[0]], _read(f"{name}.svg"))
    return QSvgRenderer(QByteArray(drawn.encode()))


def picture_colours(palette: Palette) -> tuple[str, ...]:
    """Return the colours that a picture may use, in the same order for every palette."""
    return (*(getattr(palette, role) for role in PICTURE_ROLES), *palette.curves)


def _read(file_name: str) -> str:
    return (resources.files("resources") / "help" / file_name).read_text(encoding="utf-8")
