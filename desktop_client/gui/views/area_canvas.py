"""An image on which rectangles are drawn, moved and resized, by mouse or keys alone."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_client.gui.palette import Palette
from desktop_client.imaging.deidentify.areas import Area

HANDLE_PX: Final = 10
SMALLEST_PX: Final = 2
"""Smaller drags are clicks."""
FAST_STEP_PX: Final = 10
_COVER: Final = QColor(0, 0, 0, 190)
"""Nearly black, so that one sees both what goes and that all of it is covered."""
_EDGE: Final = QColor("#f0e442")
"""Okabe and Ito's yellow on black: seen on every image, whatever the theme."""
_MOVES: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class AreaCanvas(QWidget):
    """Shows one image, fitted, with the areas that will be black in its copy."""

    areas_changed = Signal()
    """Areas, or which of them is current, are other than before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._words = ""
        self._palette: Palette | None = None
        self._areas: list[Area] = []
        self._current = -1
        self._anchor = QPoint()
        """The corner that stays while an area is drawn, or where a move began, in image pixels."""
        self._moved: Area | None = None
        self._is_drawing = False
        self.setMinimumSize(360, 300)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Image with the areas that will be black"))

    @property
    def areas(self) -> tuple[Area, ...]:
        """The areas as they are now."""
        return tuple(self._areas)

    @property
    def current(self) -> int:
        """Which area keys work on; -1 for none."""
        return self._current

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """Return a comfortable size."""
        return QSize(640, 520)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._palette = palette
        self.update()

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """Show this picture, or these words where there is none."""
        self._image, self._words = image, words
        self.update()

    def show_areas(self, areas: Sequence[Area]) -> None:
        """Show these areas; the first becomes current."""
        self._areas = list(areas)
        self.choose(0 if self._areas else -1)

    def choose(self, number: int) -> None:
        """Make an area the one that keys work on."""
        self._current = number if 0 <= number < len(self._areas) else -1
        self._tell()

    def add(self) -> None:
        """Add an area in the upper part of the image, to be moved where it is needed."""
        if self._image is not None:
            width, height = self._image.width(), self._image.height()
            size = max(1, width // 3), max(1, height // 12)
            self._areas.append(Area((width - size[0]) // 2, height // 20, *size))
            self.choose(len(self._areas) - 1)

    def remove(self) -> None:
        """Remove the current area."""
        if self._current >= 0:
            del self._areas[self._current]
            self.choose(min(self._current, len(self._areas) - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Move with arrows, resize with Shift, faster with Ctrl; A adds, Delete removes."""
        key, held = Qt.Key(event.key()), event.modifiers()
        if key in _MOVES and self._current >= 0:
            pace = FAST_STEP_PX if held & Qt.KeyboardModifier.ControlModifier else 1
            step = (pace * _MOVES[key][0], pace * _MOVES[key][1])
            self._step(step, is_resizing=bool(held & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_A:
            self.add()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Take hold of a corner or an area, or begin a new one."""
        if self._image is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        at = self._in_image(event.position())
        self._moved, self._is_drawing = None, True
        if (corner := self._opposite_corner(event.position())) is not None:
            self._anchor = corner
            return
        hit = [n for n, area in enumerate(self._areas) if _rect(area).contains(QPointF(at))]
        if hit:
            self.choose(hit[-1])
            self._anchor, self._moved = at, self._areas[hit[-1]]
            return
        self._anchor = at
        self._areas.append(Area(at.x(), at.y(), 1, 1))
        self.choose(len(self._areas) - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Follow the mouse."""
        if not self._is_drawing or self._current < 0:
            return
        at = self._in_image(event.position())
        if self._moved is not None:
            by = at - self._anchor
            area = self._moved
            left, top = area.left_px + by.x(), area.top_px + by.y()
            self._put(Area(left, top, area.width_px, area.height_px))
            return
        left, right = sorted((self._anchor.x(), at.x()))
        top, bottom = sorted((self._anchor.y(), at.y()))
        self._put(Area(left, top, max(1, right - left), max(1, bottom - top)))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        """Keep what was drawn; a mere click draws nothing."""
        if not self._is_drawing:
            return
        self._is_drawing = False
        if self._current >= 0 and self._moved is None:
            area = self._areas[self._current]
            if max(area.width_px, area.height_px) < SMALLEST_PX:
                self.remove()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        """Draw the image and what will be black in it."""
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(self._palette.raised))
        if self._image is None:
            painter.setPen(QColor(self._palette.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._words)
            return
        painter.drawImage(self._frame(), self._image)
        for number, area in enumerate(self._areas):
            self._paint_area(painter, number, self._on_screen(area))

    def _paint_area(self, painter: QPainter, number: int, rect: QRectF) -> None:
        is_current = number == self._current
        painter.fillRect(rect, _COVER)
        painter.setPen(QPen(_EDGE, 3 if is_current else 1))
        painter.drawRect(rect)
        painter.drawText(rect.adjusted(5, 1, 0, 0), 0, str(number + 1))
        if is_current:
            for corner in _corners(rect):
                half = QPointF(HANDLE_PX / 2, HANDLE_PX / 2)
                painter.fillRect(QRectF(corner - half, corner + half), _EDGE)

    def _step(self, step: tuple[int, int], *, is_resizing: bool) -> None:
        area, (x, y) = self._areas[self._current], step
        if is_resizing:
            width, height = max(1, area.width_px + x), max(1, area.height_px + y)
            self._put(Area(area.left_px, area.top_px, width, height))
        else:
            self._put(Area(area.left_px + x, area.top_px + y, area.width_px, area.height_px))

    def _put(self, area: Area) -> None:
        """Change the current area to what of this one lies on the image."""
        assert self._image is not None  # noqa: S101  there are no areas without an image
        inside = area.within(self._image.width(), self._image.height())
        if inside is not None:
            self._areas[self._current] = inside
            self._tell()

    def _tell(self) -> None:
        self.update()
        self.areas_changed.emit()

    def _frame(self) -> QRectF:
        """Return where the image is on the screen."""
        assert self._image is not None  # noqa: S101  only asked when there is one
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def _scale(self) -> float:
        assert self._image is not None  # noqa: S101  only asked when there is one
        return self._frame().width() / self._image.width()

    def _on_screen(self, area: Area) -> QRectF:
        scale, origin = self._scale(), self._frame().topLeft()
        rect = _rect(area)
        return QRectF(origin + rect.topLeft() * scale, rect.size() * scale)

    def _in_image(self, at: QPointF) -> QPoint:
        """Return the image's pixel edge that is nearest to a point on the screen."""
        assert self._image is not None  # noqa: S101  only asked when there is one
        point = (at - self._frame().topLeft()) / self._scale()
        x = min(max(0, round(point.x())), self._image.width())
        return QPoint(x, min(max(0, round(point.y())), self._image.height()))

    def _opposite_corner(self, at: QPointF) -> QPoint | None:
        """Return the corner that stays when the current area is taken by the one at a point."""
        if self._current < 0:
            return None
        corners = _corners(self._on_screen(self._areas[self._current]))
        for corner, opposite in zip(corners, reversed(corners), strict=True):
            if (corner - at).manhattanLength() <= HANDLE_PX:
                return self._in_image(opposite)
        return None


def _rect(area: Area) -> QRectF:
    return QRectF(area.left_px, area.top_px, area.width_px, area.height_px)


def _corners(rect: QRectF) -> tuple[QPointF, QPointF, QPointF, QPointF]:
    """Return the corners; the first and last, and the two in the middle, face each other."""
    return rect.topLeft(), rect.topRight(), rect.bottomLeft(), rect.bottomRight()
