"""The only module that draws with pyqtgraph; takes 0.4 s to load, so it is loaded on demand."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSizePolicy

from desktop_client.gui.models.curves import Series
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.curve_style import CurveStyle


class CountAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph publishes no types
    """An axis of steps, passes or rounds: none lies between two whole numbers."""

    def tickSpacing(self, *sight: float) -> list[tuple[float, float]]:  # noqa: N802  its name
        """Return distance and offset of each level of ticks, from coarse to fine."""
        levels = super().tickSpacing(*sight)
        return [level for level in levels if level[0] >= 1] or [(1.0, 0.0)]


class CurveCanvas:
    """Axes and curves; ``widget`` is what goes into a layout. Without an x range, x counts."""

    def __init__(
        self,
        styles: Sequence[CurveStyle],
        x_name: str,
        y_range: tuple[float, float] | None,
        x_range: tuple[float, float] | None,
    ) -> None:
        self._styles = styles
        self._x_name = x_name
        self.widget: Any = pyqtgraph.PlotWidget(  # pyqtgraph publishes no types
            axisItems={"bottom": CountAxis("bottom")} if x_range is None else {}
        )
        self.widget.setMenuEnabled(False)
        self.widget.setMouseEnabled(x=False, y=False)
        self.widget.hideButtons()
        for part in (self.widget, self.widget.viewport()):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.widget.setFrameShape(QFrame.Shape.NoFrame)
        # pyqtgraph asks for 640 × 480; the page knows better what room there is.
        self.widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._item: Any = self.widget.getPlotItem()
        self._item.showGrid(y=True, alpha=0.15)
        self._curves: list[Any] = [self._item.plot() for _ in styles]
        self._level: Any = pyqtgraph.InfiniteLine(angle=0, label="", labelOpts={"position": 0.2})
        self._level.hide()
        self._item.addItem(self._level)
        if y_range is not None:
            self._item.setYRange(*y_range, padding=0.05)
        if x_range is not None:
            self._item.setXRange(*x_range, padding=0.05)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self.widget.setBackground(palette.surface)
        for side in ("left", "bottom"):
            self._item.getAxis(side).setPen(palette.outline)
            self._item.getAxis(side).setTextPen(palette.muted)
        self._item.setLabel("bottom", self._x_name, color=palette.muted)
        for curve, style, colour in zip(self._curves, self._styles, palette.curves, strict=False):
            curve.setPen(pyqtgraph.mkPen(colour, width=style.width, style=style.dash))
            if style.mark:
                curve.setSymbol(style.mark)
                curve.setSymbolSize(7)
                curve.setSymbolBrush(colour)
                curve.setSymbolPen(None)
        self._level.setPen(pyqtgraph.mkPen(palette.muted, width=1.5, style=Qt.PenStyle.DotLine))
        self._level.label.setColor(palette.muted)

    def show_curves(self, data: Mapping[str, Series], level: tuple[str, float] | None) -> None:
        """Draw the curves by their names, and a named horizontal line if there is a level."""
        nothing = Series()
        for curve, style in zip(self._curves, self._styles, strict=True):
            series = data.get(style.name, nothing)
            curve.setData(series.xs, series.ys)
        self._level.setVisible(level is not None)
        if level is not None:
            self._level.label.setFormat(level[0])
            self._level.setValue(level[1])
