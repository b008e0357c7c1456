"""Who agrees, for which site, to what."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import text

LONGEST = 100


class ConsentPage(QWidget):
    """What was agreed to in a few lines, and the names of site and person."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._summary = text("")
        self.site_name = self._line(self.tr("Name of this site"))
        self.site_name.setPlaceholderText(self.tr("for example the hospital"))
        self.reader_name = self._line(self.tr("Your name"))
        self.agrees = QCheckBox(self.tr("I agree, for this site, to take part in this study"))
        self.agrees.toggled.connect(self.changed)
        self._problem = text("", "error")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._summary)
        layout.addSpacing(6)
        for line, words in (
            (self.site_name, self.tr("The study's owner sees it, and may show it to others.")),
            (self.reader_name, self.tr("It stays here, in the audit trail, with the date.")),
        ):
            layout.addWidget(text(line.accessibleName(), "strong"))
            layout.addWidget(line)
            layout.addWidget(text(words, "muted"))
        layout.addSpacing(6)
        layout.addWidget(self.agrees)
        layout.addWidget(
            text(
                self.tr(
                    "You can leave the study at any time, on its page. The coordinator then drops "
                    "what it keeps of this site; models that were averaged before stay as they are."
                ),
                "muted",
            )
        )
        layout.addWidget(self._problem)
        layout.addStretch(1)
        self.show_problem("")

    @property
    def is_complete(self) -> bool:
        """Whether somebody has agreed by name."""
        named = self.site_name.text().strip() and self.reader_name.text().strip()
        return bool(named) and self.agrees.isChecked()

    def show_summary(self, sentences: str) -> None:
        """Say once more what is agreed to."""
        self._summary.setText(sentences)

    def show_problem(self, sentence: str) -> None:
        """Say why this site is not in the study."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    @property
    def problem(self) -> str:
        """Why this site is not in the study; empty if nothing is wrong."""
        return self._problem.text()

    def _line(self, words: str) -> QLineEdit:
        line = QLineEdit()
        line.setAccessibleName(words)
        line.setMaxLength(LONGEST)
        line.textChanged.connect(self.changed)
        return line
