"""The blocks of a document as what reportlab lays out on pages."""

import io
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Image, KeepTogether, Spacer
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from desktop_client.reporting.document import (
    Block,
    Bullets,
    Document,
    Facts,
    Figure,
    KeyFigures,
    Notice,
    Paragraph,
    Pictures,
    Section,
    Table,
)
from desktop_client.reporting.inks import LIGHT, LIGHT_SHADES
from desktop_client.reporting.pdf_drawing import DrawnPanels
from desktop_client.reporting.pdf_style import (
    BODY,
    BULLET,
    CAPTION,
    FACT,
    FACT_NAME,
    HEADING,
    MARK,
    NAME,
    NOTE,
    SUBTITLE,
    TITLE,
    VALUE,
    WARNING,
)
from desktop_client.reporting.pdf_table import table_of

WIDTH: Final = A4[0] - 40 * mm
PICTURES_IN_A_ROW: Final = 3
GAP: Final = 4 * mm
LEAST_ROOM: Final = 32 * mm
"""For a chapter to begin on a page."""


def opening(document: Document) -> Iterator[Flowable]:
    """Yield the head of the first page."""
    yield _text("SITEBLIND", MARK)
    yield _text(document.title, TITLE)
    yield _text(document.subtitle, SUBTITLE)
    yield _boxed(document.notice)


def chapter(section: Section) -> Iterator[Flowable]:
    """Yield a chapter; its title never stands alone at the foot of a page."""
    begun: list[Flowable] = [Title(section.title)]
    yield CondPageBreak(LEAST_ROOM)
    for block in section.blocks:
        for group in _groups(block):
            yield KeepTogether([*begun, *group])
            begun = []


class Title(Text):
    """The title of a chapter."""

    def __init__(self, title: str) -> None:
        super().__init__(escape(title, quote=False), HEADING)
        self.title = title


def _groups(block: Block) -> Iterator[list[Flowable]]:
    """Yield what becomes of a block, in parts that stay on one page where they can."""
    match block:
        case Paragraph(text, role):
            yield [_text(text, NOTE if role == "note" else BODY)]
        case Notice(text):
            yield [_boxed(text)]
        case Bullets(items):
            for item in items:
                yield [Text(escape(item, quote=False), BULLET, bulletText="•")]
        case KeyFigures():
            yield [_key_figures(block)]
        case Facts(pairs):
            yield [_facts(pairs)]
        case Table(caption=caption):
            yield [_caption(caption), table_of(block, WIDTH), Spacer(1, 6)]
        case Figure(caption, panels):
            drawn = DrawnPanels(tuple(drawing for drawing, _ in panels))
            yield [Spacer(1, 4), drawn, _caption(caption), Spacer(1, 5)]
        case Pictures():
            yield from _pictures(block)


def _text(text: str, style: ParagraphStyle) -> Text:
    return Text(escape(text, quote=False), style)


def _caption(caption: str) -> Text:
    number, _, words = caption.partition(". ")
    return Text(f"<b>{escape(number)}.</b> {escape(words, quote=False)}", CAPTION)


def _boxed(text: str) -> Flowable:
    edge, paper = LIGHT_SHADES["notice-edge"], LIGHT_SHADES["notice"]
    grid = Grid([[_text(text, WARNING)]], colWidths=[WIDTH], spaceBefore=4, spaceAfter=8)
    grid.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(paper)),
            ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor(edge)),
            ("LEFTPADDING", (0, 0), (-1, -1), 10),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
        ]
    )
    return grid


def _key_figures(block: KeyFigures) -> Flowable:
    count = len(block.figures)
    cells = [
        [_text(f.name, NAME), _text(f.value, VALUE), _text(f.note, NAME)] for f in block.figures
    ]
    grid = Grid([cells], colWidths=[WIDTH / count] * count, spaceBefore=4, spaceAfter=8)
    grid.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(LIGHT_SHADES["card"])),
            ("INNERGRID", (0, 0), (-1, -1), 6, HexColor(LIGHT["paper"])),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 10),
            ("TOPPADDING", (0, 0), (-1, -1), 7),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
        ]
    )
    return grid


def _facts(pairs: Sequence[tuple[str, str]]) -> Flowable:
    rows = [[_text(name, FACT_NAME), _text(value, FACT)] for name, value in pairs]
    grid = Grid(rows, colWidths=[0.27 * WIDTH, 0.73 * WIDTH], spaceAfter=6)
    grid.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ]
    )
    return grid


def _pictures(block: Pictures) -> Iterator[list[Flowable]]:
    in_a_row = min(PICTURES_IN_A_ROW, len(block.pictures))
    width = (WIDTH - GAP * (in_a_row - 1)) / in_a_row
    rows: list[Flowable] = []
    for first in range(0, len(block.pictures), in_a_row):
        row = block.pictures[first : first + in_a_row]
        cells: list[list[Flowable] | str] = []
        for picture in row:
            image = Image(io.BytesIO(picture.png))
            image.drawWidth, image.drawHeight = width, width * image.imageHeight / image.imageWidth
            cells.append([image, _text(picture.caption, CAPTION)])
        cells += [""] * (in_a_row - len(row))
        grid = Grid([cells], colWidths=[width + GAP] * in_a_row, hAlign="LEFT")
        grid.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), GAP),
            ]
        )
        rows.append(grid)
    *earlier, last = rows
    yield from ([row] for row in earlier)
    yield [last, _caption(block.caption)]
