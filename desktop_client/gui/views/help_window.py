"""A page of help in a window of its own, to be read while the work goes on."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from desktop_client.gui.views.page_view import PageView

FIRST_SIZE: Final = QSize(780, 860)
SMALLEST_SIZE: Final = QSize(620, 400)
"""Narrower, the letters of a picture are too small to read."""


class HelpWindow(QDialog):
    """Does not block the program's window; Esc closes it."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent, Qt.WindowType.Window)  # a window of its own can be maximised
        self.setProperty("role", "page")
        self.setWindowTitle(title)
        self.setMinimumSize(SMALLEST_SIZE)
        self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize()))
        self.page = PageView()
        self.page.setAccessibleName(title)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 18, 0, 14)
        layout.setSpacing(12)
        layout.addWidget(self.page, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(20, 0, 20, 0)
        foot.addWidget(buttons)
        layout.addLayout(foot)
        self.page.setFocus()
