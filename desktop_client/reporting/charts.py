"""Charts laid out as drawings: curves over two axes, and shares with their intervals in rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from desktop_client.reporting.drawing import Dot, Drawing, Line, Part, Point, Shape, Words
from desktop_client.reporting.inks import CURVE_INKS, Ink

LEFT, RIGHT, TOP, BOTTOM = 30.0, 6.0, 8.0, 26.0
"""Around the area of curves: room for ticks and the names of the axes."""
LEGEND_LINE: Final = 11.0
LEGEND_TEXT: Final = 27.0
"""From the beginning of a legend's sample of a line to its words."""
ROW: Final = 16.0
SMALL, TINY = 7.0, 6.5
LETTER_WIDTH: Final = 0.56
"""Mean width of a letter, of its size; only room is made by it."""
DASHES: Final[tuple[tuple[float, ...], ...]] = (
    (),
    (5, 2),
    (2, 1.5),
    (7, 2, 1.5, 2),
    (1, 2),
    (9, 3),
)
SHAPES: Final[tuple[Shape, ...]] = ("circle", "square", "triangle", "diamond")


@dataclass(frozen=True, slots=True)
class Axis:
    """From where to where, with ticks and their words."""

    name: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points joined by a line.

    Attributes:
        name: In the legend; empty for none.
        dots: Points to mark.
    """

    name: str
    points: tuple[Point, ...]
    ink: Ink
    dash: tuple[float, ...] = ()
    dots: tuple[Point, ...] = ()
    shape: Shape = "circle"


@dataclass(frozen=True, slots=True)
class Span:
    """A value with the interval that it may lie in."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    words: str
    """The value, written out at the right."""


def percent_axis(name: str) -> Axis:
    """Return an axis of shares, 0 to 100 %."""
    return Axis(name, 0.0, 1.0, tuple((n / 4, f"{25 * n} %") for n in range(5)))


def count_axis(name: str, count: int) -> Axis:
    """Return an axis of whole numbers from 1, with at most six ticks."""
    step = max(1, ceil(count / 6))
    places = [1, *range(step, count + 1, step)] if step > 1 else range(1, count + 1)
    return Axis(name, 1, max(2, count), tuple((n, str(n)) for n in dict.fromkeys(places)))


def loss_axis(name: str, highest: float) -> Axis:
    """Return an axis from 0 to a round number above the highest value."""
    step = next(s for s in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 1e3, 1e9) if highest <= 5 * s)
    count = max(1, ceil(highest / step))
    return Axis(name, 0, count * step, tuple((n * step, f"{n * step:g}") for n in range(count + 1)))


def style(place: int) -> tuple[Ink, tuple[float, ...], Shape]:
    """Return the look of the curve at a place; no two of the first two dozen are alike."""
    ink = CURVE_INKS[place % len(CURVE_INKS)]
    dash = DASHES[(place + place // len(CURVE_INKS)) % len(DASHES)]
    return ink, dash, SHAPES[place % len(SHAPES)]


def line_chart(curves: Sequence[Curve], x: Axis, y: Axis, width: float, height: float) -> Drawing:
    """Draw curves over two axes with the legend below; ``height`` is without it."""
    legend = [curve for curve in curves if curve.name]
    parts = list(_curves(curves, x, y, width, height))
    for row, curve in enumerate(legend):
        parts += _legend_entry(curve, LEFT, height + (row + 0.6) * LEGEND_LINE)
    return Drawing(width, height + len(legend) * LEGEND_LINE + 2, tuple(parts))


def square_chart(curves: Sequence[Curve], x: Axis, y: Axis, side: float) -> Drawing:
    """Draw curves over two axes of the same kind, with the legend at the right."""
    legend = [curve for curve in curves if curve.name]
    parts = list(_curves(curves, x, y, side + LEFT + RIGHT, side + TOP + BOTTOM))
    left = LEFT + side + 22
    for row, curve in enumerate(legend):
        parts += _legend_entry(curve, left, TOP + (row + 0.6) * (LEGEND_LINE + 2))
    letters = max((len(curve.name) for curve in legend), default=0)
    height = max(side + TOP + BOTTOM, TOP + len(legend) * (LEGEND_LINE + 2))
    return Drawing(left + LEGEND_TEXT + LETTER_WIDTH * SMALL * letters, height, tuple(parts))


def span_chart(
    spans: Sequence[Span], width: float, reference: tuple[float, str] | None = None
) -> Drawing:
    """Draw values of 0 to 1 with their intervals, one a row, and a line to compare them with."""
    name_width = min(0.34 * width, 8 + LETTER_WIDTH * SMALL * max(len(s.name) for s in spans))
    words_width = 8 + LETTER_WIDTH * SMALL * max(len(s.words) for s in spans)
    left, right = name_width, width - words_width
    bottom = TOP + ROW * len(spans)

    def across(value: float) -> float:
        return left + value * (right - left)

    parts: list[Part] = []
    for tick, words in percent_axis("").ticks:
        parts.append(Line(((across(tick), TOP), (across(tick), bottom)), "grid", 0.6))
        parts.append(Words(words, (across(tick), bottom + 9), "muted", TINY, "middle"))
    if reference is not None:
        at, words = across(reference[0]), reference[1]
        parts.append(Line(((at, TOP - 2), (at, bottom)), "muted", 0.9, (3, 2)))
        parts.append(Words(words, (at, bottom + 18), "muted", TINY, "middle"))
    for row, span in enumerate(spans):
        y = TOP + ROW * (row + 0.5)
        name = _shortened(span.name, name_width - 8)
        parts.append(Words(name, (0, y + 2.5), "text", SMALL))
        parts.append(Words(span.words, (width, y + 2.5), "text", SMALL, "end"))
        if span.low is not None and span.high is not None:
            parts.append(Line(((across(span.low), y), (across(span.high), y)), "first", 1.6))
        if span.value is not None:
            parts.append(Dot((across(span.value), y), "first", "circle", 3))
    return Drawing(width, bottom + (22 if reference else 12), tuple(parts))


@dataclass(frozen=True, slots=True)
class _Area:
    """Where curves are drawn, and where on the paper a point of the axes lies."""

    x: Axis
    y: Axis
    width: float
    height: float

    def place(self, point: Point) -> Point:
        right = (point[0] - self.x.low) / (self.x.high - self.x.low)
        up = (point[1] - self.y.low) / (self.y.high - self.y.low)
        return round(LEFT + right * self.width, 2), round(TOP + (1 - up) * self.height, 2)

    def frame(self) -> Iterator[Part]:
        x, y = self.x, self.y
        for tick, words in y.ticks:
            left, right = self.place((x.low, tick)), self.place((x.high, tick))
            yield Line((left, right), "grid", 0.6)
            yield Words(words, (LEFT - 4, left[1] + 2.4), "muted", TINY, "end")
        for tick, words in x.ticks:
            at = self.place((tick, y.low))
            yield Line((at, (at[0], at[1] + 2.5)), "muted", 0.6)
            yield Words(words, (at[0], at[1] + 10), "muted", TINY, "middle")
        corner, end = self.place((x.low, y.low)), self.place((x.high, y.low))
        yield Line((corner, end), "muted", 0.8)
        middle = (LEFT + self.width / 2, TOP + self.height + 20)
        yield Words(x.name, middle, "muted", SMALL, "middle")
        yield Words(y.name, (LEFT - 24, TOP + self.height / 2), "muted", SMALL, "middle", True)


def _curves(
    curves: Sequence[Curve], x: Axis, y: Axis, width: float, height: float
) -> Iterator[Part]:
    area = _Area(x, y, width - LEFT - RIGHT, height - TOP - BOTTOM)
    yield from area.frame()
    for curve in curves:
        if len(curve.points) > 1:
            yield Line(tuple(map(area.place, curve.points)), curve.ink, 1.3, curve.dash)
        yield from (Dot(area.place(point), curve.ink, curve.shape) for point in curve.dots)


def _legend_entry(curve: Curve, x: float, y: float) -> Iterator[Part]:
    yield Line(((x, y), (x + 22, y)), curve.ink, 1.3, curve.dash)
    if curve.dots:
        yield Dot((x + 11, y), curve.ink, curve.shape)
    yield Words(curve.name, (x + LEGEND_TEXT, y + 2.4), "text", SMALL)


def _shortened(text: str, width: float) -> str:
    letters = int(width / (LETTER_WIDTH * SMALL))
    return text if len(text) <= letters else f"{text[: max(1, letters - 1)]}…"
