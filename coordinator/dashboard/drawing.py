"""Curves over rounds as geometry for inline SVG; pure, and no drawing library needed.

Everything is in the units of the SVG's view box. Colours, widths and dashes belong to the style
sheet; a curve's number chooses them, and the shape of its marks, so that colour is never alone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

WIDTH: Final = 440
HEIGHT: Final = 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 428, 12, 206
_MARK: Final = 4.0
"""Half the width of a mark."""
_MARKED_ROUNDS: Final = 40
"""With more rounds than this, marks would hide the curve; only the newest point has one then."""

MARK_SHAPES: Final = ("circle", "square", "triangle", "diamond", "cross", "wedge")


@dataclass(frozen=True, slots=True)
class Curve:
    """Values by round, each 0 to 1."""

    label: str
    values: Mapping[int, float]
    style: str
    """A class of the style sheet, such as ``curve-0`` or ``chance``."""
    mark: str | None = None
    """One of ``MARK_SHAPES``; None for a line without marks."""


@dataclass(frozen=True, slots=True)
class Band:
    """A lowest and a highest value by round, the space between them filled."""

    low: Mapping[int, float]
    high: Mapping[int, float]
    style: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, with its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A measured point: its shape as a path, and what it says."""

    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """A curve as paths."""

    label: str
    style: str
    path: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, ready for the template."""

    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    bands: tuple[tuple[str, str], ...]
    """Style and path of each."""
    curves: tuple[DrawnCurve, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where values and rounds lie."""

    first: int
    last: int
    low: float
    high: float

    def x(self, round_number: int) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (round_number - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (value - self.low) / (self.high - self.low)

    def point(self, round_number: int, value: float) -> str:
        return f"{self.x(round_number):.1f},{self.y(value):.1f}"


def draw(curves: Sequence[Curve], bands: Sequence[Band] = ()) -> Drawing | None:
    """Lay out curves over a common pair of axes; None if no curve has a value.

    The value axis spans all values in steps of a tenth, so that small differences can be seen; its
    ticks say where it begins.
    """
    values = [value for curve in curves for value in curve.values.values()]
    values += [value for band in bands for part in (band.low, band.high) for value in part.values()]
    rounds = [number for curve in curves for number in curve.values]
    if not values:
        return None
    scale = _scale(rounds, values)
    return Drawing(
        left=_LEFT,
        right=_RIGHT,
        top=_TOP,
        bottom=_BOTTOM,
        x_ticks=_round_ticks(scale),
        y_ticks=_value_ticks(scale),
        bands=tuple((band.style, _band_path(band, scale)) for band in bands),
        curves=tuple(_drawn(curve, scale) for curve in curves),
    )


def mark_path(shape: str, x: float, y: float) -> str:
    """Return a mark as a path, centred on a point.

    Args:
        shape: One of ``MARK_SHAPES``.
        x: To the right.
        y: Downwards.
    """
    if shape == "circle":
        half = f"a{_MARK},{_MARK} 0 1 0"
        return f"M{x - _MARK:.1f},{y:.1f}{half} {2 * _MARK},0{half} {-2 * _MARK},0Z"
    corners = {
        "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
        "triangle": ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
        "wedge": ((0, 1.2), (1.15, -0.9), (-1.15, -0.9)),
        "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
        "cross": (
            *((-1.1, -0.4), (-0.4, -0.4), (-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4)),
            *((1.1, 0.4), (0.4, 0.4), (0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4)),
        ),
    }[shape]
    points = " ".join(f"{x + _MARK * dx:.1f},{y + _MARK * dy:.1f}" for dx, dy in corners)
    return f"M{points}Z"


def _scale(rounds: Sequence[int], values: Sequence[float]) -> _Scale:
    first, last = min(rounds), max(rounds)
    low, high = math.floor(min(values) * 10), math.ceil(max(values) * 10)
    if high - low < 2:  # a single tenth over the whole height would make noise look like a trend
        low, high = (low, low + 2) if low < 9 else (8, 10)
    return _Scale(first, max(last, first + 2), low / 10, high / 10)


def _value_ticks(scale: _Scale) -> tuple[Tick, ...]:
    tenths = range(round(scale.low * 10), round(scale.high * 10) + 1)
    step = 1 if len(tenths) <= 6 else 2
    return tuple(Tick(scale.y(tenth / 10), f"{tenth / 10:.1f}") for tenth in tenths[::step])


def _round_ticks(scale: _Scale) -> tuple[Tick, ...]:
    span = scale.last - scale.first
    steps = (factor * 10**power for power in count() for factor in (1, 2, 5))
    step = next(step for step in steps if span / step <= 8)
    first = -(-scale.first // step) * step
    return tuple(Tick(scale.x(n), str(n)) for n in range(first, scale.last + 1, step))


def _drawn(curve: Curve, scale: _Scale) -> DrawnCurve:
    ordered = sorted(curve.values.items())
    line = " ".join(scale.point(number, value) for number, value in ordered)
    marked = ordered if scale.last - scale.first <= _MARKED_ROUNDS else ordered[-1:]
    marks = [
        Mark(
            mark_path(curve.mark, scale.x(number), scale.y(value)),
            f"{curve.label}, round {number}: {value:.3f}",
        )
        for number, value in marked
        if curve.mark is not None
    ]
    return DrawnCurve(curve.label, curve.style, f"M{line}" if ordered else "", tuple(marks))


def _band_path(band: Band, scale: _Scale) -> str:
    there = [scale.point(number, value) for number, value in sorted(band.high.items())]
    back = [scale.point(number, value) for number, value in sorted(band.low.items(), reverse=True)]
    return f"M{' '.join(there + back)}Z"
