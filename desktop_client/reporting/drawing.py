"""Drawings as a few kinds of plain parts, in points from the upper left corner.

They become SVG on a page and vectors in a PDF, so that a chart is laid out once.
"""

from dataclasses import dataclass
from typing import Literal

from desktop_client.reporting.inks import Ink

Point = tuple[float, float]
Shape = Literal["circle", "square", "triangle", "diamond"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points."""

    points: tuple[Point, ...]
    ink: Ink
    width: float = 0.75
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark around a point."""

    at: Point
    ink: Ink
    shape: Shape = "circle"
    radius: float = 2.2
    is_hollow: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; ``at`` is on its baseline, at its anchor."""

    text: str
    at: Point
    ink: Ink = "muted"
    size: float = 7.0
    anchor: Literal["start", "middle", "end"] = "start"
    is_upright: bool = False
    """Whether it reads from below to above."""


Part = Line | Dot | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Parts on an area of so many points."""

    width: float
    height: float
    parts: tuple[Part, ...]


def outline(dot: Dot) -> tuple[Point, ...]:
    """Return the corners of a mark; none for a circle."""
    (x, y), r = dot.at, dot.radius
    return {
        "circle": (),
        "square": ((x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)),
        "triangle": ((x, y - 1.2 * r), (x + 1.1 * r, y + r), (x - 1.1 * r, y + r)),
        "diamond": ((x, y - 1.35 * r), (x + 1.35 * r, y), (x, y + 1.35 * r), (x - 1.35 * r, y)),
    }[dot.shape]
