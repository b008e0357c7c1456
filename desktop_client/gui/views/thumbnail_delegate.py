"""How one image looks in the grid: picture, class as colour and text, file name."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_client.gui.models.sample_model import Role, Tile
from desktop_client.gui.palette import Palette, ink_on
from desktop_client.labelling.sample import LesionClass, Sample

MARGIN_PX: Final = 6
GAP_PX: Final = 4
SIGN_PX: Final = 20
EXCLUDED_OPACITY: Final = 0.3

FindPixmap = Callable[[str], QPixmap | None]
FindFailure = Callable[[str], str | None]


class ThumbnailDelegate(QStyledItemDelegate):
    """Paints a tile; asks for its picture by sample and owns none."""

    def __init__(
        self, pixmap_of: FindPixmap, failure_of: FindFailure, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pixmap_of = pixmap_of
        self._failure_of = failure_of
        self._palette: Palette | None = None
        self._size_px = 144
        self._line_px = 18
        self.has_suggestions = False
        """Whether tiles have room for a suggestion; takes effect with the next ``set_look``."""

    def set_look(self, palette: Palette, size_px: int, line_px: int) -> None:
        """Use these colours, this picture size and this height of a line of text."""
        self._palette, self._size_px, self._line_px = palette, size_px, line_px

    @property
    def tile_size(self) -> QSize:
        """Size of every tile, gaps included."""
        width = self._size_px + 2 * (MARGIN_PX + GAP_PX)
        line_count = 3 if self.has_suggestions else 2
        return QSize(width, width + line_count * self._line_px + 8)

    def sizeHint(  # noqa: N802  Qt's name
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size of every tile; all are alike."""
        return self.tile_size

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one tile."""
        told = index.data(Role.TILE)  # one question a tile: each costs as much as a line of text
        if self._palette is None or not isinstance(told, Tile):
            return
        sample = told.sample
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        tile = option.rect.adjusted(GAP_PX, GAP_PX, -GAP_PX, -GAP_PX)
        state = option.state
        self._paint_frame(painter, tile, self._palette, state)
        inner = tile.adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        picture = QRect(inner.left(), inner.top(), inner.width(), inner.width())
        self._paint_picture(painter, picture, self._palette, sample)
        self._paint_signs(painter, picture, self._palette, told)
        strip = QRect(inner.left(), picture.bottom() + 4, inner.width(), self._line_px + 2)
        self._paint_label(painter, strip, self._palette, told.lesion_class)
        name = QRect(inner.left(), strip.bottom() + 2, inner.width(), self._line_px)
        if told.suggestion:
            self._paint_suggestion(painter, name, self._palette, told.suggestion)
        else:
            painter.setPen(QColor(self._palette.muted))
            _draw_elided(painter, name, sample.title, Qt.TextElideMode.ElideMiddle)
        painter.restore()

    def _paint_frame(
        self, painter: QPainter, tile: QRect, palette: Palette, state: QStyle.StateFlag
    ) -> None:
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        is_current = bool(state & QStyle.StateFlag.State_HasFocus)
        if is_selected:
            painter.setBrush(QColor(palette.selection))
        if is_selected or is_current:
            painter.setPen(QPen(QColor(palette.accent), 3 if is_current else 1.5))
            painter.drawRoundedRect(tile.adjusted(1, 1, -1, -1), 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_picture(
        self, painter: QPainter, area: QRect, palette: Palette, sample: Sample
    ) -> None:
        painter.fillRect(area, QColor(palette.raised))
        pixmap = self._pixmap_of(sample.sample_id)
        painter.setOpacity(1.0 if sample.exclusion is None else EXCLUDED_OPACITY)
        if pixmap is not None:
            size = pixmap.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(area.topLeft(), size)
            target.moveCenter(area.center())
            painter.drawPixmap(target, pixmap)
        elif self._failure_of(sample.sample_id) is not None:
            painter.setPen(QColor(palette.danger))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.tr("cannot be\nshown"))
        painter.setOpacity(1.0)

    def _paint_signs(self, painter: QPainter, area: QRect, palette: Palette, told: Tile) -> None:
        """Write what is to be known of the image, so that no colour is the only sign."""
        band = QRect(
            area.left(), area.bottom() - self._line_px - 1, area.width(), self._line_px + 2
        )
        if told.sample.exclusion is not None:
            painter.setPen(QPen(QColor(palette.danger), 2))
            painter.drawLine(area.topLeft(), area.bottomRight())
            _paint_band(painter, band, palette, self.tr("excluded"))
            band.translate(0, -band.height())
        if told.is_missing:
            _paint_band(painter, band, palette, self.tr("file missing"))
        if told.sample.note:
            _paint_sign(painter, area.topRight() - QPoint(SIGN_PX + 3, -4), palette, "✎")

    def _paint_suggestion(
        self, painter: QPainter, area: QRect, palette: Palette, suggestion: str
    ) -> None:
        """Write a suggestion in the place of the file name; the picture stays uncovered."""
        lines = ((palette.muted, self.tr("Model suggestion")), (palette.text, suggestion))
        for number, (colour, words) in enumerate(lines):
            line = QRect(area.left(), area.top(), area.width(), self._line_px)
            painter.setPen(QColor(colour))
            _draw_elided(painter, line.translated(0, number * self._line_px), words)

    def _paint_label(
        self, painter: QPainter, strip: QRect, palette: Palette, lesion_class: LesionClass | None
    ) -> None:
        if lesion_class is None:
            painter.setPen(QPen(QColor(palette.outline), 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(strip.adjusted(0, 0, -1, -1), 3, 3)
            painter.setPen(QColor(palette.muted))
            _draw_elided(painter, strip.adjusted(6, 0, -6, 0), self.tr("not labelled"))
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(lesion_class.colour))
        painter.drawRoundedRect(strip, 3, 3)
        painter.setPen(QColor(ink_on(lesion_class.colour)))
        plain = painter.font()
        painter.setFont(_bold(plain))
        key = f"{lesion_class.key}  " if lesion_class.key else ""
        _draw_elided(painter, strip.adjusted(6, 0, -6, 0), key + lesion_class.name)
        painter.setFont(plain)


def _paint_band(painter: QPainter, band: QRect, palette: Palette, words: str) -> None:
    painter.fillRect(band, QColor(palette.surface))
    painter.setPen(QColor(palette.danger))
    _draw_elided(painter, band.adjusted(6, 0, -6, 0), words)


def _paint_sign(painter: QPainter, corner: QPoint, palette: Palette, sign: str) -> None:
    badge = QRect(corner, QSize(SIGN_PX, SIGN_PX))
    painter.setPen(QPen(QColor(palette.outline), 1))
    painter.setBrush(QColor(palette.surface))
    painter.drawEllipse(badge)
    painter.setPen(QColor(palette.text))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, sign)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _bold(font: QFont) -> QFont:
    result = QFont(font)
    result.setBold(True)
    return result


def _draw_elided(
    painter: QPainter,
    area: QRect,
    text: str,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    fitting = _fitting(text, area.width(), mode, painter.font().key())
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)


@lru_cache(maxsize=2048)
def _fitting(text: str, width: int, mode: Qt.TextElideMode, font_key: str) -> str:
    """Shorten a text to a width; kept, since measuring takes as long as drawing."""
    font = QFont()
    font.fromString(font_key)
    return QFontMetrics(font).elidedText(text, mode, width)
