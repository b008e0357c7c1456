"""A drawing as vectors in a PDF, with real text."""

from typing import Final

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from desktop_client.reporting.drawing import Dot, Drawing, Line, Words, outline
from desktop_client.reporting.fonts import PLAIN
from desktop_client.reporting.inks import LIGHT

MARK_EDGE: Final = 0.9
GAP: Final = 14.0
"""Between drawings."""


class DrawnPanels(Flowable):
    """Drawings in as many rows as they need; one wider than the page is drawn smaller."""

    def __init__(self, drawings: tuple[Drawing, ...]) -> None:
        super().__init__()
        self._drawings = drawings
        self._rows: list[list[Drawing]] = []
        self._scale = 1.0

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """Return the size that is needed."""
        widest = max(drawing.width for drawing in self._drawings)
        self._scale = min(1.0, available_width / widest)
        self._rows = [[]]
        for drawing in self._drawings:
            taken = sum(before.width + GAP for before in self._rows[-1])
            if self._rows[-1] and (taken + drawing.width) * self._scale > available_width:
                self._rows.append([])
            self._rows[-1].append(drawing)
        height = sum(map(_height, self._rows)) + GAP * (len(self._rows) - 1)
        return available_width, height * self._scale

    def draw(self) -> None:
        """Draw them row by row, their tops in line."""
        canvas: Canvas = self.canv
        canvas.scale(self._scale, self._scale)
        top = sum(map(_height, self._rows)) + GAP * (len(self._rows) - 1)
        for row in self._rows:
            left = 0.0
            for drawing in row:
                canvas.saveState()
                canvas.translate(left, top)
                canvas.scale(1, -1)
                _draw(canvas, drawing)
                canvas.restoreState()
                left += drawing.width + GAP
            top -= _height(row) + GAP


def _height(row: list[Drawing]) -> float:
    return max(drawing.height for drawing in row)


def _draw(canvas: Canvas, drawing: Drawing) -> None:
    for part in drawing.parts:
        canvas.setStrokeColor(HexColor(LIGHT[part.ink]))
        canvas.setFillColor(HexColor(LIGHT[part.ink]))
        match part:
            case Line(points, _, width, dash):
                canvas.setLineWidth(width)
                canvas.setDash(list(dash))
                _trace(canvas, points, is_closed=False, is_filled=False)
                canvas.setDash([])
            case Dot():
                _mark(canvas, part)
            case Words():
                _write(canvas, part)


def _mark(canvas: Canvas, dot: Dot) -> None:
    canvas.setLineWidth(MARK_EDGE)
    if corners := outline(dot):
        _trace(canvas, corners, is_closed=True, is_filled=not dot.is_hollow)
    else:
        canvas.circle(*dot.at, dot.radius, stroke=int(dot.is_hollow), fill=int(not dot.is_hollow))


def _trace(
    canvas: Canvas, points: tuple[tuple[float, float], ...], *, is_closed: bool, is_filled: bool
) -> None:
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    if is_closed:
        path.close()
    canvas.drawPath(path, stroke=int(not is_filled), fill=int(is_filled))


def _write(canvas: Canvas, words: Words) -> None:
    canvas.saveState()
    canvas.translate(*words.at)
    canvas.scale(1, -1)  # what is drawn grows downwards, letters upwards
    if words.is_upright:
        canvas.rotate(90)
    canvas.setFont(PLAIN, words.size)
    write = {
        "start": canvas.drawString,
        "middle": canvas.drawCentredString,
        "end": canvas.drawRightString,
    }[words.anchor]
    write(0, 0, words.text)
    canvas.restoreState()
