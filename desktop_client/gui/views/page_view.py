"""Shows a page of Markdown with a picture, set to be read: short lines, air, sharp at any size."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QFont,
    QPainter,
    QPyTextObject,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

COLUMN_PX: Final = 680
"""Widest column: some 90 letters a line; wider ones are hard to follow."""
EDGE_PX: Final = 28
INDENT_PX: Final = 22
LINE_HEIGHT_PERCENT: Final = 135
TEXT_PT: Final = 11.0
HEADING_PT: Final = {1: 17.0, 2: 13.0}
"""Sizes by level; those of a window's title and, a little larger, of a card's heading."""
ROOM_ABOVE_PX: Final = {0: 0, 1: 0, 2: 18}
ROOM_BELOW_PX: Final = {0: 8, 1: 10, 2: 5}
ROOM_BETWEEN_ITEMS_PX: Final = 4
ROOM_ABOVE_PICTURE_PX: Final = 14


class PageView(QTextBrowser):
    """A page to read and scroll, one column in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().setDocumentMargin(0)
        self.document().setIndentWidth(INDENT_PX)
        self._picture = _Picture(self)
        self.document().documentLayout().registerHandler(
            QTextFormat.ObjectTypes.ImageObject, self._picture
        )

    def show_page(self, markdown: str) -> None:
        """Show this page from its beginning."""
        font = QFont(self.font())
        font.setPointSizeF(max(TEXT_PT, font.pointSizeF()))
        self.document().setDefaultFont(font)
        self.setMarkdown(markdown.replace(" %", "\N{NO-BREAK SPACE}%"))
        block = self.document().begin()
        while block.isValid():
            _set(block)
            block = block.next()

    def show_picture(self, drawn: QSvgRenderer) -> None:
        """Draw this in the place of the page's picture."""
        self._picture.drawn = drawn
        self.document().markContentsDirty(0, self.document().characterCount())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Keep the column in the middle."""
        room = self.width() - self.verticalScrollBar().sizeHint().width()
        side = max(EDGE_PX, (room - COLUMN_PX) // 2)
        self.setViewportMargins(side, 0, side, 0)
        super().resizeEvent(event)


class _Picture(QPyTextObject):
    """Draws the page's picture as wide as the column; a picture of pixels would blur."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.drawn = QSvgRenderer(self)

    def intrinsicSize(  # noqa: N802  Qt's name
        self, document: QTextDocument, _position: int, _format: QTextFormat
    ) -> QSizeF:
        """Return the size of the picture in the column as it is now."""
        natural = self.drawn.viewBoxF().size()
        if natural.isEmpty():
            return QSizeF()
        width = min(document.textWidth(), float(COLUMN_PX))
        return QSizeF(width, width * natural.height() / natural.width())

    def drawObject(  # noqa: N802  Qt's name
        self,
        painter: QPainter,
        place: QRect | QRectF,
        _document: QTextDocument,
        _position: int,
        _format: QTextFormat,
    ) -> None:
        """Draw the picture."""
        self.drawn.render(painter, QRectF(place))


def _set(block: QTextBlock) -> None:
    """Give a heading or a paragraph its size and the room around it."""
    level = block.blockFormat().headingLevel()
    spaced = QTextBlockFormat()
    spaced.setTopMargin(ROOM_ABOVE_PX[level])
    is_item_before_another = block.textList() and block.next().textList()
    spaced.setBottomMargin(
        ROOM_BETWEEN_ITEMS_PX if is_item_before_another else ROOM_BELOW_PX[level]
    )
    if "\N{OBJECT REPLACEMENT CHARACTER}" in block.text():
        spaced.setTopMargin(ROOM_ABOVE_PICTURE_PX)
    else:
        spaced.setLineHeight(
            LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
    cursor = QTextCursor(block)
    cursor.mergeBlockFormat(spaced)
    if level:
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        letters = cursor.charFormat()
        letters.clearProperty(QTextFormat.Property.FontSizeAdjustment)
        letters.setFontPointSize(HEADING_PT[level])
        letters.setFontWeight(QFont.Weight.DemiBold)
        cursor.setCharFormat(letters)
