"""The grid of images: shows thousands, asks only for the thumbnails on the screen."""

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from desktop_client.gui.models.sample_model import Role, ShownSamples
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.thumbnail_delegate import ThumbnailDelegate
from desktop_client.labelling.sample import Sample

SETTLE_MS: Final = 40
_MOVES: Final = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    }
)


class ThumbnailGrid(QListView):
    """Multi-selection grid; keys that are not for moving around are left to the page."""

    visible_changed = Signal(list)
    """The samples on the screen, then those of the page after it."""
    current_changed = Signal(object)
    """The current ``Sample``, or None."""
    selection_changed = Signal(int)
    """So many samples are selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: ShownSamples | None = None
        self._tile = QSize()
        self.setAccessibleName(self.tr("Images"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setUniformItemSizes(True)  # with the grid size: 23 ms instead of 1.2 s for 10,000
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Else a bar that comes and goes would change the width that the columns share.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.on_settle_timeout)
        self.verticalScrollBar().valueChanged.connect(self.on_contents_moved)

    def show_samples(self, samples: ShownSamples, delegate: ThumbnailDelegate) -> None:
        """Show this model with this delegate."""
        self._samples = samples
        self.setModel(samples)
        self.setItemDelegate(delegate)
        for signal in (
            samples.rowsInserted,
            samples.rowsRemoved,
            samples.modelReset,
            samples.layoutChanged,
        ):
            signal.connect(self.on_contents_moved)

    def set_look(self, palette: Palette, size_px: int) -> None:
        """Use these colours and this picture size."""
        delegate = self.itemDelegate()
        assert isinstance(delegate, ThumbnailDelegate)  # noqa: S101  our own invariant
        delegate.set_look(palette, size_px, self.fontMetrics().height() + 2)
        self._tile = delegate.tile_size
        self.verticalScrollBar().setSingleStep(self._tile.height() // 3)
        self._share_width()
        self._settle.start()

    def selected_samples(self) -> list[Sample]:
        """Return the selected samples, from first to last."""
        indexes = sorted(self.selectedIndexes(), key=QModelIndex.row)
        return [index.data(Role.SAMPLE) for index in indexes]

    def selected_count(self) -> int:
        """Return how many samples are selected."""
        return len(self.selectedIndexes())

    def current_sample(self) -> Sample | None:
        """Return the current sample, or None."""
        sample: Sample | None = self.currentIndex().data(Role.SAMPLE)
        return sample

    def go_to(self, row: int) -> None:
        """Make this row the only selected and current one, and scroll to it."""
        index = self.model().index(row, 0)
        if index.isValid():
            choose = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, choose)
            self.scrollTo(index)

    def select_also(self, rows: Iterable[int]) -> None:
        """Select these rows too; the current one stays the current one."""
        selection = QItemSelection()
        for row in rows:
            index = self.model().index(row, 0)
            selection.select(index, index)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.Select)

    def go_to_sample(self, sample_id: str) -> None:
        """Go to this sample if the filter lets it be seen."""
        if self._samples is not None:
            self.go_to(self._samples.row_of(sample_id))

    def select_samples(self, sample_ids: Sequence[str]) -> int:
        """Go to the first of these that the filter lets be seen, select all; return their number.

        A current one among them stays the current one.
        """
        if self._samples is None:
            return 0
        rows = [row for row in map(self._samples.row_of, sample_ids) if row >= 0]
        if rows:
            current = self.currentIndex().row()
            self.go_to(current if current in rows else rows[0])
            self.select_also(rows)
        return len(rows)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # type: ignore[override]  # the stubs ask for a union that Qt never passes  # noqa: N802  Qt's name
        """Tell which sample became current."""
        super().currentChanged(current, previous)
        self.current_changed.emit(current.data(Role.SAMPLE) if current.isValid() else None)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:  # noqa: N802  Qt's name
        """Tell how many samples are selected."""
        super().selectionChanged(selected, deselected)
        self.selection_changed.emit(self.selected_count())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Move around; leave every other key to the page, which labels with it."""
        if event.key() in _MOVES or event.matches(QKeySequence.StandardKey.SelectAll):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Ask for what came into sight."""
        super().resizeEvent(event)
        self._share_width()
        self._settle.start()

    def on_contents_moved(self, *_how: object) -> None:
        """Look soon at what is on the screen; not at each step of a long scroll."""
        self._settle.start()  # not connected directly: it would take a signal's number for ms

    def on_settle_timeout(self) -> None:
        """Tell which samples are on the screen."""
        if self._samples is not None:
            self.visible_changed.emit(self._on_screen(self._samples))

    def _share_width(self) -> None:
        """Let the columns share the whole width, so that no gap is left at the right."""
        if self._tile.isValid():
            width = self.viewport().width() - 1
            columns = max(1, width // self._tile.width())
            self.setGridSize(QSize(width // columns, self._tile.height()))

    def _on_screen(self, samples: ShownSamples) -> list[Sample]:
        tile, view = self.gridSize(), self.viewport().size()
        if samples.rowCount() == 0 or tile.width() <= 0:
            return []
        columns = max(1, view.width() // tile.width())
        first = self.verticalScrollBar().value() // tile.height() * columns
        page = (view.height() // tile.height() + 2) * columns
        last = min(samples.rowCount(), first + 2 * page)
        return [samples.sample_at(row) for row in range(min(first, last), last)]
