"""Draws the current image; the mouse moves, enlarges and windows it as clinicians are used to."""

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_client.gui.models.pictures import to_qimage
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.heat_drawing import HeatDrawing
from desktop_client.imaging.image import Window
from desktop_client.imaging.prepared import PreparedImage
from desktop_client.imaging.pyramid import SeenPixels
from desktop_client.imaging.rendering import (
    lookup_table,
    to_screen,
    value_at,
)
from desktop_client.imaging.viewport import SeenPart, Viewport

ZOOM_PER_NOTCH: Final = 1.2
NOTCH: Final = 120
"""What Qt counts for one step of a mouse wheel."""
DRAG_FOR_RANGE_PX: Final = 400
"""So far one drags to change a window by the whole range of the image."""
NARROWEST: Final = 1.0

Drag = Callable[[QPointF], None]


class ImageCanvas(QWidget):
    """Left drag windows, middle drag moves, the wheel enlarges, a double click resets."""

    view_changed = Signal()
    """Window, zoom or image are other than before."""
    value_pointed_at = Signal(str)
    """What the pixel under the mouse measures; empty beside the image."""
    frame_step_asked = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._image: PreparedImage | None = None
        self._seen: SeenPixels | None = None
        self._picture: QImage | None = None
        self._viewport: Viewport | None = None  # None: fitted, whatever the widget's size
        self._window: Window | None = None
        self._heat: HeatDrawing | None = None
        self._words = ""
        self._found: QPixmap | None = None
        self._drag: Drag | None = None
        self._dragged_from = QPointF()
        self._wheel = 0
        self.is_inverted = False
        self.has_frames = False
        """Whether the wheel goes from frame to frame, and enlarges only with Ctrl."""
        self.setMinimumSize(160, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """Return the least useful size; all room that is left goes to the picture."""
        return QSize(320, 120)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._palette = palette
        self.update()

    # What is shown

    @property
    def window_used(self) -> Window | None:
        """The window that the image is shown through."""
        return self._window

    @property
    def zoom(self) -> float:
        """Screen pixels per image pixel."""
        return self._view().zoom if self._image is not None else 1.0

    def show_image(self, image: PreparedImage, window: Window, *, keeps_view: bool = False) -> None:
        """Show an image through a window; fitted, unless it takes the place of one alike."""
        if not (keeps_view and self._image and self._image.pyramid.size == image.pyramid.size):
            self._viewport = None
        self._image, self._window, self._heat = image, window, None
        self._see_anew()

    def show_words(self, words: str, found: QPixmap | None = None) -> None:
        """Show words, or a thumbnail, while or because there is no image."""
        self._image = self._seen = self._picture = self._window = self._viewport = None
        self._heat = None
        self._words, self._found = words, found
        self.value_pointed_at.emit("")
        self.view_changed.emit()
        self.update()

    def show_heat(self, heat: HeatDrawing | None) -> None:
        """Lay a map over the image that is shown, or none; the next image has none."""
        self._heat = heat
        self.update()

    @property
    def heat(self) -> HeatDrawing | None:
        """The map that lies over the image."""
        return self._heat

    def use_window(self, window: Window) -> None:
        """Show the image through another window."""
        self._window = window
        self._picture = None
        self.view_changed.emit()
        self.update()

    def invert(self) -> None:
        """Turn black and white round, or back."""
        self.is_inverted = not self.is_inverted
        if self._window is not None:
            self.use_window(self._window)

    def fit(self) -> None:
        """Show the whole image as large as there is room."""
        self._viewport = None
        self._see_anew()

    def show_actual_size(self) -> None:
        """Give every pixel of the image one of the screen."""
        if self._image is not None:
            size, screen = self._image.pyramid.size, self._screen()
            self._viewport = self._view().at_actual_size(size, screen)
            self._see_anew()

    def zoom_by_notches(self, count: float) -> None:
        """Enlarge around the middle; negative to make smaller."""
        self._zoom_by(ZOOM_PER_NOTCH**count, self._middle())

    def reset(self) -> None:
        """Show the image as it was at first."""
        if self._image is not None:
            self.is_inverted = False
            self._window = self._image.presets[0]
            self.fit()

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Begin to drag."""
        drags: dict[Qt.MouseButton, Drag] = {
            Qt.MouseButton.LeftButton: self._drag_window,
            Qt.MouseButton.MiddleButton: self._drag_image,
        }
        self._drag = drags.get(event.button()) if self._image is not None else None
        self._dragged_from = event.position()
        if self._drag is None:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Drag, and tell what is under the mouse."""
        if self._drag is not None:
            self._drag(event.position() - self._dragged_from)
            self._dragged_from = event.position()
        self._tell_value(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Leave it where it was dragged to."""
        self._drag = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Show the image as at first."""
        self._drag = None
        self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  Qt's name
        """Enlarge around the mouse, or go from frame to frame; with Ctrl the other of both."""
        has_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        turned = event.angleDelta().y()
        if self.has_frames and not has_ctrl:
            self._wheel += turned  # touchpads send small parts of a notch
            count = math.trunc(self._wheel / NOTCH)
            self._wheel -= count * NOTCH
            if count:
                self.frame_step_asked.emit(-count)
        elif self._image is not None:
            self._zoom_by(ZOOM_PER_NOTCH ** (turned / NOTCH), event.position())
        event.accept()

    def leaveEvent(self, _event: QEvent) -> None:  # noqa: N802  Qt's name
        """Tell that the mouse is on no pixel."""
        self.value_pointed_at.emit("")

    # Drawing

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Resample for the new size."""
        super().resizeEvent(event)
        self._see_anew()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        """Draw the picture, or the words."""
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.canvas))
        picture = self._rendered()
        if picture is not None and self._seen is not None:
            ratio = self.devicePixelRatioF()
            place = QPointF(self._seen.part.left / ratio, self._seen.part.top / ratio)
            painter.drawImage(place, picture)
            self._paint_heat(painter, place, self._seen.part)
        elif self._image is None:
            self._paint_stand_in(painter, self._palette)
        if self.hasFocus():
            painter.setPen(QColor(self._palette.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_heat(self, painter: QPainter, place: QPointF, part: SeenPart) -> None:
        if self._image is not None and self._heat is not None:
            layer = self._heat.layer(part, self._image.pyramid.size)
            layer.setDevicePixelRatio(self.devicePixelRatioF())
            painter.drawImage(place, layer)

    def _paint_stand_in(self, painter: QPainter, palette: Palette) -> None:
        if self._found is None:
            painter.setPen(QColor(palette.on_canvas))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self._found.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(QPoint(), size)
        target.moveCenter(self.rect().center())
        painter.drawPixmap(target, self._found)

    def _rendered(self) -> QImage | None:
        """Return what is seen in grey levels or colours; made anew only after a change."""
        image, window = self._image, self._window
        if image is None or window is None:
            return None
        if self._seen is None:
            self._seen = image.pyramid.seen(self._view(), self._screen())
            self._picture = None
        if self._seen is not None and self._picture is None:
            table = lookup_table(
                image.image.scale, window, image.image.maximum, is_inverted=self.is_inverted
            )
            self._picture = to_qimage(to_screen(self._seen.pixels, table))
            self._picture.setDevicePixelRatio(self.devicePixelRatioF())
        return self._picture

    def _see_anew(self) -> None:
        self._seen = None
        self.view_changed.emit()
        self.update()

    # Where things are; the screen is counted in device pixels

    def _screen(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _view(self) -> Viewport:
        assert self._image is not None  # noqa: S101  our own invariant
        return self._viewport or Viewport.fitting(self._image.pyramid.size, self._screen())

    def _on_screen(self, point: QPointF) -> tuple[float, float]:
        ratio = self.devicePixelRatioF()
        return point.x() * ratio, point.y() * ratio

    def _zoom_by(self, factor: float, around: QPointF) -> None:
        if self._image is not None:
            size, screen = self._image.pyramid.size, self._screen()
            self._viewport = self._view().zoomed(factor, self._on_screen(around), size, screen)
            self._see_anew()

    def _drag_image(self, by: QPointF) -> None:
        if self._image is not None:
            self._viewport = self._view().moved(self._on_screen(by), self._image.pyramid.size)
            self._see_anew()

    def _drag_window(self, by: QPointF) -> None:
        """Rightwards widens the window, so contrast falls; downwards raises it: darker."""
        if self._window is not None and self._image is not None:
            step = self._image.value_span / DRAG_FOR_RANGE_PX
            width = max(NARROWEST, self._window.width + by.x() * step)
            centre = self._window.centre + by.y() * step
            self.use_window(Window(centre, width))

    def _tell_value(self, at: QPointF) -> None:
        if self._image is None:
            return
        image = self._image.image
        point = self._view().image_point(self._on_screen(at), self._screen())
        x, y = (math.floor(coordinate) for coordinate in point)
        is_on_image = 0 <= x < image.width_px and 0 <= y < image.height_px
        self.value_pointed_at.emit(f"{value_at(image, x, y)}  ({x}, {y})" if is_on_image else "")
