"""Tables on paper: columns as wide as their words, the head again on every page, nothing cut."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from reportlab.lib.colors import HexColor, linearlyInterpolatedColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from desktop_client.reporting.document import Table
from desktop_client.reporting.fonts import BOLD, PLAIN
from desktop_client.reporting.inks import DARKEST_SHADE, LIGHT, LIGHT_SHADES

SIZES: Final = (8.0, 7.4, 6.8, 6.2, 5.6)
"""Of letters; smaller ones where a table would else be too wide."""
PADDING: Final = 5.0
SLACK: Final = 1.0
"""Widths are sums; without it the last word may be taken for too long."""
WIDEST_FIRST: Final = 190.0
"""Of the column that names the rows."""

Rule = tuple[str, tuple[int, int], tuple[int, int], *tuple[Any, ...]]
"""What reportlab does with some cells: a word, the first, the last, and what the word needs."""


def table_of(table: Table, width: float) -> Flowable:
    """Return a table without its caption."""
    size = next((s for s in SIZES if sum(_natural(table, s)) <= width), SIZES[-1])
    widths = _fitted(_natural(table, size), width)
    rows = [[_cell(table, place, words, size, BOLD) for place, words in enumerate(table.columns)]]
    first_total = len(table.rows) - table.total_count
    for number, row in enumerate(table.rows):
        font = BOLD if number >= first_total else PLAIN
        rows.append([_cell(table, place, words, size, font) for place, words in enumerate(row)])
    grid = Grid(rows, colWidths=widths, repeatRows=1, hAlign="LEFT", spaceAfter=2)
    grid.setStyle([*_rules(table), *_shades(table)])
    return grid


def _natural(table: Table, size: float) -> list[float]:
    """Return the widths that need no second line, but for the heads; the first is bounded."""
    widths = [
        max(
            _head_width(head, size),
            *(stringWidth(row[place], BOLD, size) for row in table.rows),
        )
        + 2 * PADDING
        + SLACK
        for place, head in enumerate(table.columns)
    ]
    return [min(widths[0], WIDEST_FIRST), *widths[1:]]


def _head_width(head: str, size: float) -> float:
    """Return what a head needs in two lines."""
    longest = max(stringWidth(word, BOLD, size) for word in head.split() or [""])
    return max(longest, 0.6 * stringWidth(head, BOLD, size))


def _fitted(widths: Sequence[float], available: float) -> list[float]:
    total = sum(widths)
    return list(widths) if total <= available else [w * available / total for w in widths]


def _cell(table: Table, place: int, words: str, size: float, font: str) -> Flowable:
    is_text = not place or place in table.text_columns
    style = ParagraphStyle(
        "cell",
        fontName=font,
        fontSize=size,
        leading=size * 1.35,
        alignment=0 if is_text else 2,
        textColor=HexColor(LIGHT["text"]),
        splitLongWords=1,
    )
    return Text(escape(words, quote=False), style)


def _rules(table: Table) -> list[Rule]:
    rules: list[Rule] = [
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, HexColor(LIGHT_SHADES["rule"])),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(LIGHT["grid"])),
        ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 2.6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.2),
    ]
    if table.total_count:
        first = len(table.rows) - table.total_count + 1
        rules.append(("LINEABOVE", (0, first), (-1, first), 0.9, HexColor(LIGHT_SHADES["rule"])))
    return rules


def _shades(table: Table) -> Iterator[Rule]:
    paper, heat = HexColor(LIGHT["paper"]), HexColor(LIGHT_SHADES["heat"])
    for row, shades in enumerate(table.shades, 1):
        for place, share in enumerate(shades, 1):
            colour = linearlyInterpolatedColor(paper, heat, 0, 1, DARKEST_SHADE * share)
            yield "BACKGROUND", (place, row), (place, row), colour
