"""The list of images that are here twice, with both pictures side by side."""

from collections.abc import Collection, Iterator
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.views.elements import button, text
from desktop_client.gui.wording import counted
from desktop_client.labelling.duplicates import DuplicatesFound
from desktop_client.labelling.sample import Sample

PICTURE_PX: Final = 96
FIRST_SIZE: Final = QSize(820, 620)
MOST_ROWS: Final = 2000
"""A longer list is not read to its end by anybody; it says how many more there are."""

_Row = tuple[str, Sample, str, Sample, str]
"""In words what is twice; each image and the place of its file."""


class DuplicatesDialog(QDialog):
    """Shows pairs; they are compared in the grid, or the second image is excluded at once."""

    selection_asked = Signal(list)
    """Select the images of these identities in the grid."""
    exclusion_asked = Signal(list)
    """Exclude the images of these identities as duplicates."""

    def __init__(self, found: DuplicatesFound, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Images that are here twice"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(FIRST_SIZE)
        everything = list(self._rows_of(found))
        self._rows = everything[:MOST_ROWS]
        self.table = self._make_table()
        self._select = button(self.tr("Select in the grid"), "primary")
        self._select.clicked.connect(self.on_select_clicked)
        self._exclude = button(self.tr("Exclude the other file"))
        self._exclude.clicked.connect(self.on_exclude_clicked)
        copy = button(self.tr("Copy list"))
        copy.clicked.connect(self.on_copy_clicked)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._select, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self._exclude, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.windowTitle(), "title"))
        layout.addWidget(text(self._summary(found, len(everything)), "muted"))
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        self._excluded_ids: set[str] = set()
        self.table.itemSelectionChanged.connect(self.on_selection_changed)
        self.table.selectRow(0)
        self.on_selection_changed()

    def samples(self) -> list[Sample]:
        """Return every image in the list once, from top to bottom."""
        listed = {s.sample_id: s for _, first, _, second, _ in self._rows for s in (first, second)}
        return list(listed.values())

    def show_picture(self, sample_id: str, picture: QPixmap) -> None:
        """Show a picture wherever this image is listed."""
        icon = QIcon(picture)
        icon.addPixmap(picture, QIcon.Mode.Selected)  # else Qt would colour it
        for row, (_, first, _, second, _) in enumerate(self._rows):
            for column, sample in enumerate((first, second)):
                item = self.table.item(row, column)
                if sample.sample_id == sample_id and item is not None:
                    item.setIcon(icon)

    def on_select_clicked(self) -> None:
        """Tell which images of the chosen rows are to be selected."""
        pairs = [(row[1], row[3]) for row in self._chosen()]
        ids = dict.fromkeys(sample.sample_id for pair in pairs for sample in pair)
        self.selection_asked.emit(list(ids))
        self.accept()

    def on_selection_changed(self) -> None:
        """Offer to exclude where two images are listed, of which one can stay."""
        self._exclude.setEnabled(bool(self._others()))

    def on_exclude_clicked(self) -> None:
        """Ask to exclude the second image of each chosen row."""
        self.exclusion_asked.emit(self._others())

    def show_excluded(self, sample_ids: Collection[str]) -> None:
        """Say in the rows of these images that they are excluded."""
        self._excluded_ids.update(sample_ids)
        for number, (kind, _, _, other, _) in enumerate(self._rows):
            item = self.table.item(number, 2)
            if other.sample_id in self._excluded_ids and item is not None:
                item.setText(self.tr("{0}; the other is excluded").format(kind))
        self.on_selection_changed()

    def _chosen(self) -> list[_Row]:
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        return [self._rows[row] for row in rows]

    def _others(self) -> list[str]:
        """Return the second images of the chosen rows that may be excluded.

        Files with the same pixels are one image. The first of several that look alike is never
        the second one in any row, so one of them stays whatever is chosen.
        """
        others = {row[3].sample_id: None for row in self._chosen() if row[1] != row[3]}
        return [sample_id for sample_id in others if sample_id not in self._excluded_ids]

    def on_copy_clicked(self) -> None:
        """Put the list on the clipboard, ready for a spreadsheet."""
        lines = [f"{kind}\t{first}\t{second}" for kind, _, first, _, second in self._rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _rows_of(self, found: DuplicatesFound) -> Iterator[_Row]:
        for copies in found.copies:
            sample, (place, *others) = copies.sample, copies.paths
            for other in others:
                yield self.tr("Same pixels"), sample, str(place), sample, str(other)
        for pair in found.look_alikes:
            first, second = pair.first, pair.second
            yield self.tr("Look alike"), first, str(first.path), second, str(second.path)

    def _summary(self, found: DuplicatesFound, row_count: int) -> str:
        copies = counted(len(found.copies), self.tr("image"), self.tr("images"))
        pairs = counted(len(found.look_alikes), self.tr("pair"), self.tr("pairs"))
        words = self.tr(
            "{0} in several files; a label given to one counts for all. {1} of images that look "
            "alike and have a label each: exclude the other file if it is the same lesion."
        ).format(copies, pairs)
        if row_count > MOST_ROWS:
            words += " " + self.tr("The first {0} are listed.").format(f"{MOST_ROWS:,}")
        return words

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(len(self._rows), 3)
        table.setHorizontalHeaderLabels(
            [self.tr("One file"), self.tr("The other file"), self.tr("What they share")]
        )
        table.setAccessibleName(self.windowTitle())
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setIconSize(QSize(PICTURE_PX, PICTURE_PX))
        table.setTabKeyNavigation(False)
        table.setWordWrap(True)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(PICTURE_PX + 8)
        header = table.horizontalHeader()
        for column in (0, 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        for row, (kind, first, place, second, other) in enumerate(self._rows):
            for column, (sample, where) in enumerate(((first, place), (second, other))):
                item = QTableWidgetItem(_short(where, sample.frame))
                item.setToolTip(where)
                table.setItem(row, column, item)
            table.setItem(row, 2, QTableWidgetItem(kind))
        return table


def _short(place: str, frame: int) -> str:
    """Return a file's name and folder, and which frame if not the first."""
    folder, _, name = place.replace("\\", "/").rpartition("/")
    short = f"{folder.rpartition('/')[2]}/{name}"
    return f"{short} · {frame + 1}" if frame else short
