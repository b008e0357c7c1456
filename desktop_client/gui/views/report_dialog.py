"""Shows a report of a problem, every word of it, before it is saved."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import button, text

OWN_WORDS: Final = "what-happened.txt"


class ReportDialog(QDialog):
    """Nothing is sent: the report is a file that the person may pass on."""

    save_asked = Signal(dict)
    """The report's files by their names."""

    def __init__(self, files: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self.setWindowTitle(self.tr("Report a problem"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 640)
        self.own_words = QPlainTextEdit()
        self.own_words.setAccessibleName(self.tr("What happened, without patients' names"))
        self.own_words.setPlaceholderText(
            self.tr("What did you do, and what happened? Please name no patient.")
        )
        self.own_words.setTabChangesFocus(True)
        self.own_words.setFixedHeight(96)
        self.contents = QPlainTextEdit(readOnly=True)
        self.contents.setAccessibleName(self.tr("Everything that is in the report"))
        self.contents.setTabChangesFocus(True)
        self.contents.setPlainText(
            "\n\n".join(f"— {name} —\n{content}" for name, content in files.items())
        )
        save = button(self.tr("&Save the report …"), "primary")
        save.clicked.connect(self._save)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(save, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("Report a problem"), "title"))
        layout.addWidget(
            text(
                self.tr(
                    "The report is a file that you can give to whoever helps you; the program "
                    "sends it to nobody. Names, paths, addresses, numbers and quotations were "
                    "taken out. Look through it before you pass it on."
                )
            )
        )
        layout.addWidget(self.own_words)
        layout.addWidget(text(self.tr("This is in the report:"), "strong"))
        layout.addWidget(self.contents, 1)
        layout.addWidget(buttons)
        self.own_words.setFocus()

    def _save(self) -> None:
        words = self.own_words.toPlainText().strip()
        self.save_asked.emit({OWN_WORDS: words, **self._files} if words else dict(self._files))
