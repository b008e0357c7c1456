"""Address, code and name: what a site needs to join a study."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import button, card, text

FIELDS: Final = ("address", "code", "site_name")


class JoinForm(QWidget):
    """Three fields, each with room for what is wrong with it."""

    join_asked = Signal(str, str, str)
    """Coordinator address, enrolment code, name of this site."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame, self._inner = card(self.tr("Join a study"))
        self._inner.setSpacing(4)
        self._inner.addWidget(
            text(self.tr("The study's owner gives you an address and a one-time code."), "muted")
        )
        self._lines: dict[str, QLineEdit] = {}
        self._problems: dict[str, QLabel] = {}
        self._add("address", self.tr("Coordinator address"), "https://study.example.org")
        self._add("code", self.tr("One-time code"), "")
        self._add("site_name", self.tr("Name of this site"), self.tr("for example the hospital"))
        self._join = button(self.tr("Join"), "primary", self.tr("Join the study"))
        self._join.clicked.connect(self.on_join_clicked)
        self._general = text("", "error")
        self._general.hide()
        self._inner.addSpacing(6)
        self._inner.addWidget(self._general)
        self._inner.addWidget(self._join)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._frame)

    def show_values(self, address: str, site_name: str) -> None:
        """Fill in what was entered the last time."""
        self._lines["address"].setText(address)
        self._lines["site_name"].setText(site_name)

    def show_busy(self, is_busy: bool) -> None:
        """Wait for the coordinator's answer."""
        for widget in (*self._lines.values(), self._join):
            widget.setEnabled(not is_busy)
        self._join.setText(self.tr("Asking the coordinator …") if is_busy else self.tr("Join"))

    def show_problem(self, field: str, sentence: str) -> None:
        """Say what is wrong, below the field that it is about, and put the cursor there."""
        label = self._problems.get(field, self._general)
        label.setText(sentence)
        label.show()
        if field in self._lines:
            self._lines[field].setFocus(Qt.FocusReason.OtherFocusReason)
            self._lines[field].selectAll()

    def clear_problems(self) -> None:
        """Take every complaint away."""
        for label in (*self._problems.values(), self._general):
            label.clear()
            label.hide()

    def clear_code(self) -> None:
        """Forget the code; it works only once."""
        self._lines["code"].clear()

    def on_join_clicked(self) -> None:
        """Ask to join, or say which field is empty."""
        self.clear_problems()
        values = {name: self._lines[name].text().strip() for name in FIELDS}
        for name in FIELDS:
            if not values[name]:
                self.show_problem(name, self.tr("Please fill this in."))
                return
        self.join_asked.emit(*values.values())

    def _add(self, name: str, words: str, example: str) -> None:
        line = QLineEdit()
        line.setAccessibleName(words)
        line.setPlaceholderText(example)
        line.setMaxLength(300)
        line.returnPressed.connect(self.on_join_clicked)
        label = text(words)
        label.setBuddy(line)
        problem = text("", "error")
        problem.hide()
        self._inner.addSpacing(6)
        for widget in (label, line, problem):
            self._inner.addWidget(widget)
        self._lines[name], self._problems[name] = line, problem
