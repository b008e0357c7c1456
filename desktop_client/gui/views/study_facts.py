"""What a study is and what of this site it gets to see, before anyone takes part."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from coordinator.study import Study
from desktop_client.gui.views.elements import button, card, selectable, text


class StudyFacts(QWidget):
    """Name, task, classes, owner, and what leaves this computer."""

    add_classes_asked = Signal()

    def __init__(self, *, is_framed: bool = True) -> None:
        super().__init__()
        frame, inner = card()
        if not is_framed:
            frame.setProperty("role", "")
            inner.setContentsMargins(0, 0, 0, 0)
        self._name = text("", "heading")
        self._names: dict[QLabel, QLabel] = {}
        self._form = QGridLayout()
        self._form.setColumnStretch(1, 1)
        self._form.setHorizontalSpacing(14)
        self._form.setVerticalSpacing(5)
        self._task = self._fact(self.tr("Task"))
        self._classes = self._fact(self.tr("Classes"))
        self._owner = self._fact(self.tr("Run by"))
        self._model = self._fact(self.tr("Training"))
        self._place = self._fact(self.tr("You are"))
        self._sent = self._fact(self.tr("What is sent"))
        self._size = self._fact(self.tr("How much"))
        self._never = self._fact(self.tr("Never sent"))
        self._missing = text("", "warning")
        self._add = button(self.tr("Add the study's classes to mine"))
        self._add.clicked.connect(self.add_classes_asked)
        inner.addWidget(self._name)
        inner.addLayout(self._form)
        inner.addWidget(self._missing)
        inner.addWidget(self._add)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self.show_missing("")

    def show_study(self, study: Study, owner: str, training: str, place: str) -> None:
        """Show what the study's owner wrote.

        Args:
            study: The study.
            owner: Who runs it, and where.
            training: What is trained, and for how long.
            place: Who this site is in it; empty if it is not in it.
        """
        self._name.setText(study.name)
        self._task.setText(study.task)
        self._classes.setText(", ".join(c.name for c in study.classes))
        self._owner.setText(owner)
        self._model.setText(training)
        self._show(self._place, place)

    def show_sent(self, sent: str, size: str, never: str) -> None:
        """Show what leaves this computer in each round, how much that is, and what does not."""
        self._sent.setText(sent)
        self._show(self._size, size)
        self._never.setText(never)

    def show_missing(self, sentence: str) -> None:
        """Say which of the study's classes this site does not have."""
        self._missing.setText(sentence)
        self._missing.setVisible(bool(sentence))
        self._add.setVisible(bool(sentence))

    def _show(self, value: QLabel, words: str) -> None:
        """Show a fact, or leave its row out."""
        value.setText(words)
        for widget in (self._names[value], value):
            widget.setVisible(bool(words))

    def _fact(self, words: str) -> QLabel:
        value = selectable()
        label = text(words, "muted")
        label.setWordWrap(False)
        row = self._form.rowCount()
        self._form.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._form.addWidget(value, row, 1)
        self._names[value] = label
        return value
