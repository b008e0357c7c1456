"""A document as plain values, the same whether it becomes a page, a PDF or Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from desktop_client.reporting.drawing import Drawing


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; a note explains what is above or below it, in smaller letters."""

    text: str
    role: Literal["plain", "note"] = "plain"


@dataclass(frozen=True, slots=True)
class Notice:
    """What must not be overlooked."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """Things that stand side by side."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A number to remember: what it is, and what it must be seen with."""

    value: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """A few numbers in a row."""

    figures: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they stand for."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; the first column names the row, the others hold numbers.

    Attributes:
        shades: As many rows and columns as there are numbers, 0 to 1: how dark each is behind.
        text_columns: Places of columns, beside the first, that hold words.
        total_count: The last so many rows are totals.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shades: tuple[tuple[float, ...], ...] = ()
    text_columns: frozenset[int] = frozenset()
    total_count: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """Drawings side by side under one caption.

    Attributes:
        caption: What is to be seen, and how to read it.
        panels: The drawings, each with what it shows in words, for whoever cannot see it.
    """

    caption: str
    panels: tuple[tuple[Drawing, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as a PNG, with words for whoever cannot see it, and a line below."""

    png: bytes
    description: str
    caption: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures in rows under one caption."""

    caption: str
    pictures: tuple[Picture, ...]


Block = Paragraph | Notice | Bullets | KeyFigures | Facts | Table | Figure | Pictures


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """All of it, in English."""

    title: str
    subtitle: str
    running_title: str
    """At the head of every page but the first."""
    notice: str
    """At the foot of every page."""
    sections: tuple[Section, ...]


def numbered(document: Document) -> Document:
    """Number sections, tables and figures, each from 1."""
    numbers: dict[type, int] = {Table: 0, Figure: 0}
    sections = (
        replace(
            section,
            title=f"{number} {section.title}",
            blocks=tuple(_captioned(section.blocks, numbers)),
        )
        for number, section in enumerate(document.sections, 1)
    )
    return replace(document, sections=tuple(sections))


def _captioned(blocks: tuple[Block, ...], numbers: dict[type, int]) -> Iterator[Block]:
    for block in blocks:
        match block:
            case Table():
                numbers[Table] += 1
                yield replace(block, caption=f"Table {numbers[Table]}. {block.caption}")
            case Figure() | Pictures():
                numbers[Figure] += 1
                yield replace(block, caption=f"Figure {numbers[Figure]}. {block.caption}")
            case _:
                yield block
