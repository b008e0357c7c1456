"""Windows to read that belong to a training."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import text


def left_out_sheet(parent: QWidget, sentence: str, lines: Sequence[str]) -> QDialog:
    """Return the list of images that take no part, each with its reason; it can be copied."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(QCoreApplication.translate("training_sheets", "Images left out"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.resize(560, 380)
    listed = QPlainTextEdit("\n".join(lines))
    listed.setReadOnly(True)
    listed.setAccessibleName(sentence)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(24, 20, 24, 16)
    layout.setSpacing(12)
    layout.addWidget(text(sentence, "heading"))
    layout.addWidget(listed, 1)
    layout.addWidget(buttons)
    return dialog
