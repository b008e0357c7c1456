"""What an import or a search is doing, and which files were left out and why."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import button, card
from desktop_client.gui.views.work_bar import WorkBar
from desktop_client.gui.wording import counted

LONGEST_LIST_LINES: Final = 4


class ImportBar(WorkBar):
    """Progress of a running import, with a way out."""

    def __init__(self) -> None:
        super().__init__(
            self.tr("Import progress"),
            self.tr("Looking for images …"),
            self.tr("Importing image {0} of {1}"),
            self.tr("Cancel the import"),
        )


class SearchBar(WorkBar):
    """Progress of a search for moved files, with a way out."""

    def __init__(self) -> None:
        super().__init__(
            self.tr("Search progress"),
            self.tr("Looking for files …"),
            self.tr("Comparing file {0} of {1}"),
            self.tr("Cancel the search"),
        )


class SkippedList(QWidget):
    """Files that were left out, folded away under their number."""

    save_asked = Signal(list)
    """Write these lines to a file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._fold = button("", "fold")
        self._fold.setCheckable(True)
        self._list = QPlainTextEdit()
        self._list.setReadOnly(True)
        self._list.setTabChangesFocus(True)
        self._list.setAccessibleName(self.tr("Files that were skipped, and why"))
        self._copy = button(self.tr("Copy list"))
        self._copy.clicked.connect(self.on_copy_clicked)
        save = button(self.tr("Save list …"))
        save.clicked.connect(self.on_save_clicked)
        close = button(self.tr("Dismiss"), "quiet", self.tr("Dismiss the list of skipped files"))
        close.clicked.connect(self.hide)
        frame, inner = card()
        row = QHBoxLayout()
        row.addWidget(self._fold, 1)
        row.addWidget(self._copy)
        row.addWidget(save)
        row.addWidget(close)
        inner.addLayout(row)
        inner.addWidget(self._list)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self._fold.toggled.connect(self.on_fold_toggled)
        self.show_lines(())

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show one line per file; without lines there is nothing to see."""
        self._list.setPlainText("\n".join(lines))
        self._count = len(lines)
        line_px = self._list.fontMetrics().lineSpacing()
        self._list.setFixedHeight(min(len(lines), LONGEST_LIST_LINES) * line_px + 24)
        self.on_fold_toggled(self._fold.isChecked())
        self.setVisible(bool(lines))

    def on_fold_toggled(self, is_open: bool) -> None:
        """Unfold or fold the list."""
        files = counted(self._count, self.tr("file was"), self.tr("files were"))
        self._fold.setText(("▾  " if is_open else "▸  ") + self.tr("{0} skipped").format(files))
        self._fold.setAccessibleName(self.tr("{0} skipped; show why").format(files))
        self._list.setVisible(is_open)

    def on_copy_clicked(self) -> None:
        """Put the list on the clipboard, ready for an e-mail or a spreadsheet."""
        QGuiApplication.clipboard().setText(self._list.toPlainText())

    def on_save_clicked(self) -> None:
        """Have the list written to a file."""
        self.save_asked.emit(self._list.toPlainText().splitlines())
