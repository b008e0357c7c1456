"""How the image is shown: value under the mouse, window, level and zoom."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_client.gui.views.elements import text
from desktop_client.gui.views.image_canvas import ImageCanvas
from desktop_client.imaging.image import Window


class ViewStatus(QWidget):
    """One line below a picture."""

    def __init__(self, canvas: ImageCanvas, *, is_short: bool = False) -> None:
        super().__init__()
        self._canvas = canvas
        self._is_short = is_short
        self._value, self._window, self._zoom = text("", "muted"), text(), text()
        for label, name in (
            (self._value, self.tr("Value under the mouse")),
            (self._window, self.tr("Window and level")),
            (self._zoom, self.tr("Zoom")),
        ):
            label.setWordWrap(False)
            label.setToolTip(name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addWidget(self._value, 1)
        layout.addWidget(self._window)
        layout.addWidget(self._zoom)
        canvas.view_changed.connect(self.on_canvas_view_changed)
        canvas.value_pointed_at.connect(self._value.setText)

    @property
    def words(self) -> str:
        """What the line says of window and zoom."""
        return f"{self._window.text()} {self._zoom.text()}".strip()

    def on_canvas_view_changed(self) -> None:
        """Show how the image is seen now."""
        window = self._canvas.window_used
        is_inverted = self._canvas.is_inverted and not self._is_short
        inverted = self.tr(", inverted") if is_inverted else ""
        self._window.setText("" if window is None else window_words(window) + inverted)
        self._zoom.setText("" if window is None else f"{100 * self._canvas.zoom:.0f} %")


def window_words(window: Window) -> str:
    """Return a window as radiologists write it: width, then level."""
    return f"W {_number(window.width)}  L {_number(window.centre)}"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
