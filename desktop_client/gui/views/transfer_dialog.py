"""Shows how far something is that has to end before the work goes on; it can be cancelled."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import text

STEPS: Final = 1000
"""The bar counts thousandths: bytes would not fit into it."""


class TransferDialog(QDialog):
    """Stays until the work is over; Cancel and Esc only ask for its end."""

    cancel_asked = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("SiteBlind")
        self.setMinimumWidth(420)
        self.setWindowFlag(Qt.WindowType.WindowCloseButtonHint, False)
        self._words = text(title, "heading")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(title)
        self._bar.setRange(0, 0)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.cancel_asked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(14)
        for widget in (self._words, self._bar, buttons):
            layout.addWidget(widget)

    def show_progress(self, done: int, total: int) -> None:
        """Show how far it is."""
        self._bar.setRange(0, STEPS)
        self._bar.setValue(STEPS * done // max(1, total))

    def end(self) -> None:
        """Go away."""
        self.done(QDialog.DialogCode.Accepted)
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Esc asks for the end, too, instead of hiding what goes on."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancel_asked.emit()
        else:
            super().keyPressEvent(event)
