"""The letters of PDFs: sizes, weights and the space around them, in points."""

from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle

from desktop_client.reporting.fonts import BOLD, PLAIN
from desktop_client.reporting.inks import LIGHT, LIGHT_SHADES


def _style(
    name: str,
    size: float,
    leading: float,
    **more: Any,  # noqa: ANN401  reportlab's own options
) -> ParagraphStyle:
    ink = HexColor(LIGHT["text"])
    options: dict[str, Any] = {"fontName": PLAIN, "bulletFontName": PLAIN, "textColor": ink}
    options |= more
    return ParagraphStyle(name, fontSize=size, leading=leading, **options)


MUTED: Final = HexColor(LIGHT["muted"])
BODY: Final = _style("body", 8.8, 13, spaceAfter=5)
NOTE: Final = _style("note", 7.8, 11.4, textColor=MUTED, spaceAfter=5)
MARK: Final = _style("mark", 8, 12, fontName=BOLD, textColor=HexColor(LIGHT["first"]))
TITLE: Final = _style("title", 19, 24, fontName=BOLD, spaceAfter=2)
SUBTITLE: Final = _style("subtitle", 9, 13, textColor=MUTED, spaceAfter=9)
HEADING: Final = _style("heading", 12.5, 16, fontName=BOLD, spaceBefore=14, spaceAfter=6)
CAPTION: Final = _style("caption", 7.8, 11, textColor=MUTED, spaceBefore=3, spaceAfter=4)
NAME: Final = _style("name", 7.4, 10, textColor=MUTED)
VALUE: Final = _style("value", 15, 20, fontName=BOLD)
FACT: Final = _style("fact", 8.4, 11.6)
FACT_NAME: Final = _style("fact-name", 8.4, 11.6, textColor=MUTED)
WARNING: Final = _style(
    "notice", 8.8, 12.5, fontName=BOLD, textColor=HexColor(LIGHT_SHADES["notice-text"])
)
BULLET: Final = _style("bullet", 8.8, 13, leftIndent=13.5, bulletIndent=1, spaceAfter=2.5)
