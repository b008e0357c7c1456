"""The side of the images page: squeezes nothing, and gives up its picture before it scrolls."""

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from desktop_client.gui.views.class_panel import ClassPanel
from desktop_client.gui.views.metadata_panel import MetadataPanel
from desktop_client.gui.views.preview_pane import PreviewPane
from desktop_client.gui.views.suggestion_panel import SuggestionPanel

SIDE_WIDTH_PX: Final = 310
NARROWEST_SIDE_PX: Final = 270


class SideColumn(QScrollArea):
    """What is known and done about the current image, from its picture to its label.

    What one labels with must be at hand in a low window too. The picture is only a help there,
    the grid has a larger one: it goes when the others would have to be scrolled for its sake.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preview = PreviewPane()
        self.suggestion = SuggestionPanel()
        self.metadata = MetadataPanel()
        self.metadata.hide()
        self.classes = ClassPanel()
        self._rest = QWidget()  # the room below the classes that a picture would else take
        self._content = content = QWidget()
        content.setProperty("role", "scrolled")
        self._lines = QVBoxLayout(content)
        self._lines.setContentsMargins(6, 0, 0, 0)
        self._lines.setSpacing(12)
        self._lines.addWidget(self.preview, 1)
        self._lines.addWidget(self.suggestion)
        self._lines.addWidget(self.metadata, 1)
        self._lines.addWidget(self.classes)
        self._lines.addWidget(self._rest, 1)
        self._is_picture_wanted = True
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._share()

    def want_picture(self, is_wanted: bool) -> None:
        """Show the picture if there is room, or never while it is shown large elsewhere."""
        self._is_picture_wanted = is_wanted
        self._share()

    def show_metadata(self, is_shown: bool) -> None:
        """Show what the file says, or not."""
        self.metadata.setVisible(is_shown)
        self._share()

    def minimumSizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """Return the width in which no word is cut off, beside a scroll bar too."""
        bar_px = self.verticalScrollBar().sizeHint().width()
        least_px = self._content.minimumSizeHint().width() + bar_px
        return QSize(max(NARROWEST_SIDE_PX, least_px), 0)

    def event(self, event: QEvent) -> bool:
        """Share the height out anew when something in it needs more or less."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._share()
            self.updateGeometry()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Share the new height out."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        has_picture = self._is_picture_wanted and self._has_room_for_picture()
        is_metadata_shown = not self.metadata.isHidden()
        self.preview.show_picture(has_picture)
        self._rest.setVisible(not has_picture and not is_metadata_shown)
        policy = QSizePolicy.Policy.Preferred if has_picture else QSizePolicy.Policy.Maximum
        self.preview.setSizePolicy(QSizePolicy.Policy.Preferred, policy)

    def _has_room_for_picture(self) -> bool:
        others = (self.suggestion, self.metadata, self.classes)
        shown = [widget for widget in others if not widget.isHidden()]
        width_px = self.viewport().width() - self._lines.contentsMargins().left()
        heights = [_height_of(widget, width_px) for widget in shown]
        heights.append(self.preview.height_with_picture(width_px))
        gaps_px = self._lines.spacing() * len(shown)
        return sum(heights) + gaps_px <= self.viewport().height()


class SideSplit(QSplitter):
    """The images and the side, which keeps the width it was dragged to in any window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side_width_px: int | None = None
        """As it was dragged; None for the usual width."""
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self.on_splitter_moved)

    def on_splitter_moved(self) -> None:
        """Keep the width from now on."""
        self.side_width_px = self.sizes()[1]

    def event(self, event: QEvent) -> bool:
        """Give the side its width when the images need less room than they did."""
        is_handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._share()
        return is_handled

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Leave to the images what the side does not need."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        side_px = self.side_width_px or SIDE_WIDTH_PX
        if self.sizes()[1:] != [side_px]:
            self.setSizes([max(1, self.width() - self.handleWidth() - side_px), side_px])


def _height_of(widget: QWidget, width_px: int) -> int:
    return (
        widget.heightForWidth(width_px)
        if widget.hasHeightForWidth()
        else widget.sizeHint().height()
    )
