"""The page where images are opened, looked at and labelled."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QSizePolicy,
    QStackedLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.commands import LABEL_PREFIX
from desktop_client.gui.keymap import KeyMap
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.elements import button, column, text
from desktop_client.gui.views.import_bar import ImportBar, SearchBar, SkippedList
from desktop_client.gui.views.invitation import Invitation
from desktop_client.gui.views.reading_bar import ReadingBar
from desktop_client.gui.views.side_column import SideColumn, SideSplit
from desktop_client.gui.views.sight_bar import SightBar
from desktop_client.gui.views.suggestion_panel import SuggestionBar
from desktop_client.gui.views.thumbnail_grid import ThumbnailGrid
from desktop_client.gui.views.viewer import Viewer


class ImagesPage(QWidget):
    """Lays out the parts and tells what was pressed; its parts have signals of their own."""

    folder_asked = Signal()
    table_asked = Signal()
    paths_dropped = Signal(list)
    """Folders and files were let go over the page."""
    key_pressed = Signal(str)
    """A key that may belong to a class, ``"1"`` to ``"9"``."""
    remove_label_asked = Signal()
    accept_asked = Signal()
    """The model suggestions for the selected images are to become labels."""
    step_asked = Signal(int)
    """Go so many images onwards; negative for back."""

    all_asked = Signal()
    """Nothing fits the search and the filters; all images are to be shown again."""
    view_command_asked = Signal(str)
    """What is to be done with the view of the current image, by ``command_id``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keymap = KeyMap()
        self.invitation = Invitation(
            "images",
            self.tr("Open a folder of images"),
            self.tr(
                "Drop folders or files here, or choose a folder: DICOM, JPEG, PNG and TIFF.\n"
                "Your images stay where they are, on this computer; SiteBlind remembers only\n"
                "where each one is and how you labelled it."
            ),
            self.tr("Open folder …"),
            self.tr("Import labels from a CSV table …"),
        )
        self.import_bar = ImportBar()
        self.search_bar = SearchBar()
        self.suggestion_bar = SuggestionBar()
        self.skipped = SkippedList()
        self.reading_bar = ReadingBar()
        self.sight = SightBar()
        self.grid = ThumbnailGrid()
        self.viewer = Viewer()
        self.viewer.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._side = SideColumn()
        self.preview, self.suggestion = self._side.preview, self._side.suggestion
        self.metadata, self.classes = self._side.metadata, self._side.classes
        self.split = SideSplit()
        self._left = QStackedWidget()
        self._progress_words = text()
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(160)
        self._progress.setAccessibleName(self.tr("Share of the images that are labelled"))
        self._nothing = self._empty_area()
        self._body = QWidget()
        self._stack = QStackedLayout(self._body)
        self._stack.addWidget(self.invitation)
        self._stack.addWidget(self._work_area())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 14)
        layout.setSpacing(10)
        layout.addLayout(self._header())
        layout.addWidget(self.import_bar)
        layout.addWidget(self.suggestion_bar)
        layout.addWidget(self.search_bar)
        layout.addWidget(self.skipped)
        layout.addWidget(self.reading_bar)
        layout.addWidget(self._body, 1)
        self.setAcceptDrops(True)
        self.invitation.accepted.connect(self.folder_asked)
        self.invitation.other_accepted.connect(self.table_asked)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self.invitation.set_palette(palette)
        self.preview.set_palette(palette)
        self.viewer.set_palette(palette)
        self.classes.set_palette(palette)

    def show_progress(self, labelled_count: int, total_count: int) -> None:
        """Show how many images are labelled; without images, the invitation to open some."""
        has_images = total_count > 0
        self._stack.setCurrentIndex(1 if has_images else 0)
        for widget in (self._progress, self._progress_words, self._open, self._import):
            widget.setVisible(has_images)
        self._progress.setRange(0, max(1, total_count))
        self._progress.setValue(labelled_count)
        self._progress_words.setText(
            self.tr("{0} of {1} labelled").format(f"{labelled_count:,}", f"{total_count:,}")
        )

    def show_shown_count(self, count: int) -> None:
        """Say that no image fits when the filter leaves none."""
        self._nothing.setVisible(count == 0)
        self.grid.setVisible(count > 0)

    def _header(self) -> QHBoxLayout:
        self._open = button(self.tr("Open folder …"), described=self.tr("Open a folder of images"))
        self._open.clicked.connect(self.folder_asked)
        self._import = button(self.tr("Import CSV …"), described=self.tr("Import labels from CSV"))
        self._import.clicked.connect(self.table_asked)
        self._progress_words.setWordWrap(False)
        header = QHBoxLayout()
        header.setSpacing(10)
        header.addWidget(text(self.tr("Images"), "title"))
        header.addStretch(1)
        header.addWidget(self._progress_words)
        header.addWidget(self._progress)
        header.addWidget(self._open)
        header.addWidget(self._import)
        return header

    @property
    def is_viewer_open(self) -> bool:
        """Whether the current image is shown large, in place of the grid."""
        return self._left.currentWidget() is self.viewer

    def show_viewer(self, is_open: bool) -> None:
        """Show the current image large, or all images; the keys go to what is shown."""
        if is_open == self.is_viewer_open:
            return
        self._left.setCurrentIndex(1 if is_open else 0)
        self._side.want_picture(not (is_open or self.is_metadata_shown))
        self.take_focus()

    @property
    def is_metadata_shown(self) -> bool:
        """Whether what the file says is shown at the side."""
        return not self.metadata.isHidden()

    def show_metadata(self, is_shown: bool) -> None:
        """Show what the file says at the side, in place of the picture there."""
        self._side.show_metadata(is_shown)
        self._side.want_picture(not (is_shown or self.is_viewer_open))

    @property
    def side_width_px(self) -> int | None:
        """How wide the side was dragged; None if it never was."""
        return self.split.side_width_px

    def show_side_width(self, width_px: int) -> None:
        """Make the side as wide as it was dragged; the images take the rest."""
        self.split.side_width_px = width_px

    def begin_search(self) -> None:
        """Put the cursor where the images are searched; that is above the grid."""
        self.show_viewer(False)
        self.sight.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.sight.search.selectAll()

    def take_focus(self) -> None:
        """Give the keys to what is shown: the grid, or the one image."""
        (self.viewer.canvas if self.is_viewer_open else self.grid).setFocus()

    def _empty_area(self) -> QWidget:
        words = text(self.tr("No image fits what is searched and filtered for."), "muted")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        show_all = button(self.tr("Show all images"))
        show_all.clicked.connect(self.all_asked)
        area = column(words, show_all)
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        layout = area.layout()
        assert isinstance(layout, QVBoxLayout)  # noqa: S101  made so
        layout.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return area

    def _work_area(self) -> QWidget:
        self._left.addWidget(column(self.sight, self.grid, self._nothing, spacing=8))
        self._left.addWidget(self.viewer)
        self._left.setContentsMargins(0, 0, 6, 0)
        self.split.addWidget(self._left)
        self.split.addWidget(self._side)
        self._nothing.hide()
        return self.split

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Label and move on with single keys, wherever on the page the focus is."""
        # A field for text leaves Return and Esc over, but they were meant for it.
        is_typing = isinstance(self.focusWidget(), QLineEdit | QPlainTextEdit)
        command = None if is_typing else self.keymap.asked_by(event)
        if command is None:
            super().keyPressEvent(event)
        else:
            self.ask(command.command_id)

    def ask(self, command_id: str) -> None:
        """Tell what a key or menu of this page asks for."""
        match command_id:
            case "remove_label":
                self.remove_label_asked.emit()
            case "accept_suggestion":
                self.accept_asked.emit()
            case "next_image":
                self.step_asked.emit(1)
            case "previous_image":
                self.step_asked.emit(-1)
            case _ if command_id.startswith(LABEL_PREFIX):
                self.key_pressed.emit(command_id.removeprefix(LABEL_PREFIX))
            case _:
                self.view_command_asked.emit(command_id)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  Qt's name
        """Take local folders and files."""
        urls = event.mimeData().urls()
        if urls and all(url.isLocalFile() for url in urls):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  Qt's name
        """Tell which folders and files were dropped."""
        event.acceptProposedAction()
        self.paths_dropped.emit([Path(url.toLocalFile()) for url in event.mimeData().urls()])
