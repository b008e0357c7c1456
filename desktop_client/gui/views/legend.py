"""Which line is which, beside the plot and not on top of its curves."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_client.gui.palette import Palette
from desktop_client.gui.views.curve_style import CurveStyle
from desktop_client.gui.views.elements import text

SAMPLE_PX = QSize(28, 14)


class LineSample(QWidget):
    """A short piece of a curve, with its dash and mark."""

    def __init__(self, style: CurveStyle) -> None:
        super().__init__()
        self._style = style
        self._colour = QColor()
        self.setFixedSize(SAMPLE_PX)

    def set_colour(self, colour: str) -> None:
        """Use this colour."""
        self._colour = QColor(colour)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        """Draw the line and its mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._colour, self._style.width, self._style.dash))
        middle = self.height() // 2
        painter.drawLine(QPoint(1, middle), QPoint(self.width() - 1, middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        centre = QPointF(self.width() / 2, middle)
        if self._style.mark == "o":
            painter.drawEllipse(centre, 4, 4)
        elif self._style.mark == "s":
            painter.drawRect(round(centre.x()) - 4, middle - 4, 8, 8)


class Legend(QWidget):
    """The curves' names in one line."""

    def __init__(self, styles: Sequence[CurveStyle], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples = [LineSample(style) for style in styles]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(6)
        for sample, style in zip(self._samples, styles, strict=True):
            name = text(style.name)
            name.setWordWrap(False)
            layout.addWidget(sample)
            layout.addWidget(name)
            layout.addSpacing(6)
        layout.addStretch(1)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        for sample, colour in zip(self._samples, palette.curves, strict=False):
            sample.set_colour(colour)
