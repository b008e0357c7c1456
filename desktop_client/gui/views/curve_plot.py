"""A small plot in a card, with a title and a sentence on how to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop_client.gui.models.curves import Series
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.curve_style import CurveStyle
from desktop_client.gui.views.elements import card, text
from desktop_client.gui.views.legend import Legend

if TYPE_CHECKING:
    from desktop_client.gui.views.curve_canvas import CurveCanvas

SHARES = (0.0, 1.0)
"""Range of the y axis of shares and accuracies."""


class CurvePlot(QWidget):
    """Keeps what is to be drawn until it is first seen; only then is there a canvas."""

    def __init__(
        self,
        title: str,
        explanation: str,
        styles: Sequence[CurveStyle],
        x_name: str,
        y_range: tuple[float, float] | None = None,
        x_range: tuple[float, float] | None = None,
    ) -> None:
        super().__init__()
        self._make_canvas_with = (styles, x_name, y_range, x_range)
        self._palette: Palette | None = None
        self._shown: tuple[Mapping[str, Series], tuple[str, float] | None] = ({}, None)
        self._drawn: tuple[object, ...] = ()
        self._canvas: CurveCanvas | None = None
        frame, self._inner = card()
        self._inner.setContentsMargins(12, 10, 12, 8)
        self._inner.setSpacing(2)
        self._inner.addWidget(text(title, "heading"))
        self._inner.addWidget(text(explanation, "muted"))
        self._legend = Legend(styles)
        self._nothing = text(self.tr("The curve appears here as soon as there is one."), "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._inner.addWidget(self._legend)
        self._inner.addWidget(self._nothing, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self.setAccessibleName(title)
        self.setAccessibleDescription(explanation)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._palette = palette
        self._legend.set_palette(palette)
        if self._canvas is not None:
            self._canvas.set_palette(palette)

    def show_curves(
        self, data: Mapping[str, Series], level: tuple[str, float] | None = None
    ) -> None:
        """Draw the curves by their names; ``level`` is a named horizontal line."""
        self.keep_curves(data, level)
        self.draw()

    def keep_curves(
        self, data: Mapping[str, Series], level: tuple[str, float] | None = None
    ) -> None:
        """Keep curves to be drawn later: one plot takes some milliseconds."""
        self._shown = (data, level)

    def draw(self) -> None:
        """Draw what was kept, if it has changed and can be seen."""
        if self._canvas is not None and self._drawn != self._extent():
            self._draw(self._canvas)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  Qt's name
        """Make the canvas when it is first to be seen."""
        super().showEvent(event)
        if self._canvas is None and self._palette is not None:
            self._canvas = self._new_canvas()
            self._canvas.set_palette(self._palette)
            self._inner.addWidget(self._canvas.widget, 1)
            self._draw(self._canvas)

    def _extent(self) -> tuple[object, ...]:
        """Return what differs whenever the picture does: curves only grow, or begin anew."""
        data, level = self._shown
        return (level, *((name, id(s), len(s.xs)) for name, s in data.items()))

    def _draw(self, canvas: CurveCanvas) -> None:
        self._drawn = self._extent()
        has_points = any(series.xs for series in self._shown[0].values())
        canvas.show_curves(*self._shown)
        canvas.widget.setVisible(has_points)
        self._legend.setVisible(has_points)
        self._nothing.setVisible(not has_points)

    def _new_canvas(self) -> CurveCanvas:
        from desktop_client.gui.views.curve_canvas import CurveCanvas  # loads pyqtgraph

        return CurveCanvas(*self._make_canvas_with)
