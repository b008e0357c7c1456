"""The program's log, to be searched and copied beside the work."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.views.elements import button, text
from desktop_client.support.log import LogEntry, matching


class LogWindow(QDialog):
    """Shows the newest entry at its end; Esc closes it."""

    def __init__(self, entries: Sequence[LogEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._entries = entries
        self.setWindowTitle(self.tr("Log"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 600)
        self._level = QComboBox()
        self._level.setAccessibleName(self.tr("Which messages"))
        for words, level in (
            (self.tr("all messages"), "DEBUG"),
            (self.tr("warnings and errors"), "WARNING"),
            (self.tr("errors only"), "ERROR"),
        ):
            self._level.addItem(words, level)
        self._words = QLineEdit(clearButtonEnabled=True)
        self._words.setPlaceholderText(self.tr("Search"))
        self._words.setAccessibleName(self.tr("Search the log"))
        self._count = text("", "muted")
        self.lines = QPlainTextEdit(readOnly=True)
        self.lines.setAccessibleName(self.tr("Messages of the log"))
        self.lines.setTabChangesFocus(True)
        copy = button(self.tr("&Copy"), described=self.tr("Copy the messages shown"))
        copy.clicked.connect(self._copy)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self._level.currentIndexChanged.connect(self._show)
        self._words.textChanged.connect(self._show)
        self._lay_out(buttons)
        self._words.setFocus()
        self._show()

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        top = QHBoxLayout()
        top.addWidget(self._level)
        top.addWidget(self._words, 1)
        top.addWidget(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.lines, 1)
        layout.addWidget(buttons)

    def _show(self) -> None:
        shown = matching(self._entries, self._level.currentData(), self._words.text())
        self.lines.setPlainText("\n\n".join(entry.text for entry in shown))
        bar = self.lines.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._count.setText(self.tr("{0} of {1}").format(len(shown), len(self._entries)))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.lines.toPlainText())
