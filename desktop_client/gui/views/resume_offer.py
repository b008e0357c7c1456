"""A training that was paused or interrupted, and what may be done with it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_client.gui.views.elements import button, card, text


class ResumeOffer(QWidget):
    """Hidden while there is nothing to go on with."""

    resume_asked = Signal()
    discard_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = text()
        self._resume = button(self.tr("Resume training"), "primary")
        self._resume.clicked.connect(self.resume_asked)
        self._discard = button(self.tr("Discard it"), "", self.tr("Discard this training"))
        self._discard.clicked.connect(self.discard_asked)
        frame, inner = card(self.tr("Unfinished training"))
        for widget in (self._words, self._resume, self._discard):
            inner.addWidget(widget)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self.hide()

    @property
    def words(self) -> str:
        """What is said of the training."""
        return self._words.text()

    def show_run(self, words: str, can_resume: bool) -> None:
        """Say which training there is; one that cannot be read can only be discarded."""
        self._words.setText(words)
        self._resume.setVisible(can_resume)
        self.show()
