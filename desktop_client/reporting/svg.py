"""A drawing as inline SVG whose colours follow the page's style sheet, light or dark."""

from html import escape
from typing import Final

from desktop_client.reporting.drawing import Dot, Drawing, Line, Part, Words, outline

ENLARGED: Final = 1.25
"""Letters on a screen are read from farther away than those on paper."""


def as_svg(drawing: Drawing, description: str) -> str:
    """Return an ``<svg>`` element that is read out as its description."""
    width, height = _number(drawing.width), _number(drawing.height)
    shown = _number(ENLARGED * drawing.width)
    parts = "".join(map(_element, drawing.parts))
    return (
        f'<svg role="img" aria-label="{escape(description)}" viewBox="0 0 {width} {height}" '
        f'style="width:{shown}pt" xmlns="http://www.w3.org/2000/svg">{parts}</svg>'
    )


def _element(part: Part) -> str:
    match part:
        case Line(points, ink, width, dash):
            dashed = f' stroke-dasharray="{" ".join(map(_number, dash))}"' if dash else ""
            return (
                f'<polyline class="line {ink}" stroke-width="{_number(width)}"{dashed} '
                f'points="{_points(points)}"/>'
            )
        case Dot():
            return _mark(part)
        case Words(text, (x, y), ink, size, anchor, is_upright):
            turned = f' transform="rotate(-90 {_number(x)} {_number(y)})"' if is_upright else ""
            return (
                f'<text class="fill {ink}" x="{_number(x)}" y="{_number(y)}" '
                f'font-size="{_number(size)}" text-anchor="{anchor}"{turned}>{escape(text)}</text>'
            )


def _mark(dot: Dot) -> str:
    kind = f"line {dot.ink} hollow" if dot.is_hollow else f"fill {dot.ink}"
    if corners := outline(dot):
        return f'<polygon class="{kind}" points="{_points(corners)}"/>'
    x, y = map(_number, dot.at)
    return f'<circle class="{kind}" cx="{x}" cy="{y}" r="{_number(dot.radius)}"/>'


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{round(value, 2):g}"
