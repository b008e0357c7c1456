"""The pages of help in a window of their own, to be read while the work goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.help import page_title
from desktop_client.gui.views.elements import text
from desktop_client.gui.views.page_view import PageView

FIRST_SIZE: Final = QSize(1020, 860)
SMALLEST_SIZE: Final = QSize(880, 400)
"""Narrower, the letters of a picture are too small to read."""
INDEX_WIDTH_PX: Final = 250


@dataclass(frozen=True)
class HelpPage:
    """One page, as Markdown."""

    name: str
    markdown: str

    @property
    def title(self) -> str:
        """Its first heading."""
        return page_title(self.markdown)

    def contains(self, words: str) -> bool:
        """Return whether all words are in the page, whatever their capitals."""
        return all(word in self.markdown.casefold() for word in words.casefold().split())


class HelpWindow(QDialog):
    """Does not block the program's window; Esc closes it."""

    def __init__(self, parent: QWidget, pages: Sequence[HelpPage]) -> None:
        super().__init__(parent, Qt.WindowType.Window)  # a window of its own can be maximised
        self._pages = pages
        self.setProperty("role", "page")
        self.setWindowTitle(self.tr("Help"))
        self.setMinimumSize(SMALLEST_SIZE)
        self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize()))
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search the help"))
        self.search.textChanged.connect(self._list_pages)
        self.index = QListWidget()
        self.index.setProperty("role", "list")
        self.index.setWordWrap(True)
        self.index.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.index.setAccessibleName(self.tr("Pages of the help"))
        self.index.currentItemChanged.connect(self._show_current)
        self._none = text(self.tr("No page says this."), "muted")
        self.page = PageView()
        self._lay_out()
        self._list_pages("")

    def show_named(self, name: str) -> None:
        """Show a page from its beginning."""
        self.search.clear()
        self.index.setCurrentRow([page.name for page in self._pages].index(name))
        self.page.setFocus()

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        for widget in (self.search, self._none):
            side.addWidget(widget)
        side.addWidget(self.index, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        left = QWidget()
        left.setLayout(side)
        left.setFixedWidth(INDEX_WIDTH_PX)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(left)
        middle.addWidget(self.page, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 14, 0, 14)
        layout.addLayout(middle, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(20, 0, 20, 0)
        foot.addWidget(buttons)
        layout.addLayout(foot)

    def _list_pages(self, words: str) -> None:
        """List the pages that say these words, and show the first place where one does."""
        current = self._current()
        found = [page for page in self._pages if page.contains(words)]
        with QSignalBlocker(self.index):
            self.index.clear()
            for page in found:
                item = QListWidgetItem(page.title)
                item.setData(Qt.ItemDataRole.UserRole, page)
                self.index.addItem(item)
        self._none.setVisible(not found)
        if found:
            self.index.setCurrentRow(found.index(current) if current in found else 0)
            self._mark(words)

    def _current(self) -> HelpPage | None:
        item = self.index.currentItem()
        page = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return page if isinstance(page, HelpPage) else None

    def _show_current(self) -> None:
        page = self._current()
        if page is not None:
            self.page.setAccessibleName(page.title)
            self.page.show_page(page.markdown)
            self._mark(self.search.text())

    def _mark(self, words: str) -> None:
        self.page.moveCursor(QTextCursor.MoveOperation.Start)
        if words.split():
            self.page.find(words.split()[0])
