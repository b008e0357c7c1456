"""How an export goes on and how it ended: progress with a way out, then the outcome."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.views.elements import button, selectable, text

PATIENCE_MS: Final = 1000
"""Work that is over sooner shows only its outcome."""


class ExportWindow(QDialog):
    """A small window beside the main one; closing it while the export runs asks to cancel."""

    cancel_asked = Signal()

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(520)
        self._opened = Path()
        self.is_running = False
        self._words = selectable()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the export"))
        self._left_out_title = text("", "strong")
        self._left_out = QPlainTextEdit()
        self._left_out.setReadOnly(True)
        self._left_out.setTabChangesFocus(True)
        self._left_out.setAccessibleName(self.tr("Files that were left out, and why"))
        self._cancel = button(self.tr("Cancel"), described=self.tr("Cancel the export"))
        self._copy = button(self.tr("Copy list"))
        self._open = button(self.tr("Open folder"), "primary")
        self._close = button(self.tr("Close"))
        self._cancel.clicked.connect(self.cancel_asked)
        self._copy.clicked.connect(self.on_copy_clicked)
        self._open.clicked.connect(self.on_open_clicked)
        self._close.clicked.connect(self.accept)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self.open)
        self._lay_out(title)

    @property
    def sentence(self) -> str:
        """What is said at present."""
        return self._words.text()

    @property
    def left_out(self) -> str:
        """The files that were left out, one a line."""
        return self._left_out.toPlainText()

    def begin(self, sentence: str) -> None:
        """Show, unless it is over at once, that work has begun."""
        self.is_running = True
        self._words.setText(sentence)
        self._bar.setRange(0, 0)
        self._show_parts(())
        self._patience.start()

    def show_progress(self, sentence: str, done_count: int, total_count: int) -> None:
        """Show how far it is."""
        self._words.setText(sentence)
        self._bar.setRange(0, max(1, total_count))
        self._bar.setValue(done_count)

    def pause(self) -> None:
        """Get out of the way while a person is asked something."""
        self._patience.stop()
        self.is_running = False
        self.hide()

    def finish(
        self,
        sentence: str,
        folder: Path | None,
        left_out: Sequence[str] = (),
        opens: Path | None = None,
    ) -> None:
        """Show the outcome.

        Args:
            sentence: What was done, or why nothing was.
            folder: Where the outcome lies; None if there is none.
            left_out: A line for each file that is missing in it.
            opens: The outcome itself, where it is one file that a person reads.
        """
        self._patience.stop()
        self.is_running = False
        self._opened = opens or folder or Path()
        if opens is not None:
            self._open.setText(self.tr("Open"))
            self._open.setAccessibleName(self.tr("Open {0}").format(opens.name))
        self._words.setText(sentence)
        self._show_parts(left_out)
        self._open.setVisible(folder is not None)
        self.open()
        (self._open if folder is not None else self._close).setFocus()

    def on_copy_clicked(self) -> None:
        """Put the list on the clipboard."""
        QGuiApplication.clipboard().setText(self.left_out)

    def on_open_clicked(self) -> None:
        """Show folder or file in the system's own program for it."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._opened)))

    def reject(self) -> None:
        """Take Escape and the window's cross for Cancel while the export runs."""
        if self.is_running:
            self.cancel_asked.emit()
        else:
            super().reject()

    def _show_parts(self, left_out: Sequence[str]) -> None:
        self._bar.setVisible(self.is_running)
        self._cancel.setVisible(self.is_running)
        self._open.setVisible(not self.is_running)
        self._close.setVisible(not self.is_running)
        self._left_out_title.setText(self.tr("Left out ({0})").format(f"{len(left_out):,}"))
        self._left_out.setPlainText("\n".join(left_out))
        self._left_out_title.setVisible(bool(left_out))
        self._left_out.setVisible(bool(left_out))
        self._copy.setVisible(bool(left_out))
        self.adjustSize()

    def _lay_out(self, title: str) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        for widget in (self._cancel, self._close, self._open):
            buttons.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(10)
        layout.addWidget(text(title, "title"))
        layout.addWidget(self._words)
        layout.addWidget(self._bar)
        layout.addWidget(self._left_out_title)
        layout.addWidget(self._left_out, 1)
        layout.addStretch(0)
        layout.addLayout(buttons)
