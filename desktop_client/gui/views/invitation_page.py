"""Where an invitation is pasted, or an address and a code are entered."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from coordinator.invitation import MARK
from desktop_client.gui.views.elements import button, column, text

INVITATION_HEIGHT_PX = 120
LONGEST = 300


class InvitationPage(QWidget):
    """The invitation as it came, and what is wrong with it."""

    authorities_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.invitation = QPlainTextEdit()
        self.invitation.setAccessibleName(self.tr("Invitation"))
        self.invitation.setPlaceholderText(f"{MARK}-…")
        self.invitation.setTabChangesFocus(True)
        self.invitation.setMinimumHeight(INVITATION_HEIGHT_PX)
        self.address = _line(self.tr("Coordinator address"), "https://study.example.org")
        self.code = _line(self.tr("One-time code"), "")
        self._plain = column(
            text(self.address.accessibleName()),
            self.address,
            text(self.code.accessibleName()),
            self.code,
            spacing=4,
        )
        self._choose_plain = button(self.tr("I have an address and a code"))
        self._choose_plain.setCheckable(True)
        self._choose_plain.toggled.connect(self.on_choose_plain_toggled)
        self._problem = text("", "error")
        self.accepts_other = QCheckBox(
            self.tr("Our IT department says that our network reads encrypted traffic: go on")
        )
        self._authorities = button(self.tr("Certificate file of our network …"))
        self._authorities.clicked.connect(self.authorities_asked)
        self._words = text(
            self.tr(
                "Paste the invitation that the study's owner sent you. The whole message will do; "
                "line breaks and spaces do no harm. Nothing is decided by looking at it."
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        for widget in (self._words, self.invitation, self._plain, self._problem):
            layout.addWidget(widget)
        for widget in (self.accepts_other, self._authorities, self._choose_plain):
            layout.addWidget(widget, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)
        self._choose_plain.setChecked(False)
        self._plain.hide()
        self.show_problem("")

    @property
    def is_plain(self) -> bool:
        """Whether address and code are entered instead of an invitation."""
        return self._choose_plain.isChecked()

    @property
    def problem(self) -> QLabel:
        """What is wrong, in words."""
        return self._problem

    def show_problem(
        self, sentence: str, *, is_certificate: bool = False, is_untrusted: bool = False
    ) -> None:
        """Say what is wrong, and offer what can be done about certificates here."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        self.accepts_other.setVisible(is_certificate)
        self._authorities.setVisible(is_untrusted)
        if not is_certificate:
            self.accepts_other.setChecked(False)
        if sentence:
            field = self.address if self.is_plain else self.invitation
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def on_choose_plain_toggled(self, is_plain: bool) -> None:
        """Ask for the one or for the other."""
        self._plain.setVisible(is_plain)
        self.invitation.setVisible(not is_plain)
        self._words.setVisible(not is_plain)
        self.show_problem("")


def _line(words: str, example: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(words)
    line.setPlaceholderText(example)
    line.setMaxLength(LONGEST)
    return line
