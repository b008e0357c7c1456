"""Whether this program looks for newer versions of itself: what it does, and the choice."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import button, show_role, text
from desktop_client.updates.policy import UpdatePolicy


class UpdateSheet(QDialog):
    """Shows what the IT department and the person have chosen."""

    wanted_changed = Signal(bool)
    look_asked = Signal()

    def __init__(self, policy: UpdatePolicy, own_version: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._policy = policy
        self.setWindowTitle(self.tr("Newer versions"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self._box = QCheckBox(self.tr("&Look for a newer version once a day"))
        self._box.setAccessibleName(self.tr("Look for a newer version once a day"))
        self._box.setEnabled(policy.is_possible and policy.check != "on")
        self._box.clicked.connect(self.wanted_changed)
        self._look = button(self.tr("Look &now"))
        self._look.setVisible(policy.is_possible)
        self._look.clicked.connect(self.look_asked)
        self._state = text("", "muted")
        self._state.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._look, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("Newer versions"), "title"))
        layout.addWidget(text(self.tr("This is version {0}.").format(own_version), "muted"))
        layout.addWidget(self._box)
        layout.addWidget(text(self._who_decides()))
        if policy.is_possible:
            layout.addWidget(text(self._what_is_sent()))
        layout.addWidget(self._state)
        layout.addStretch(1)
        layout.addWidget(buttons)

    @property
    def state(self) -> str:
        """What is said of the last look."""
        return self._state.text()

    def show_wanted(self, *, is_wanted: bool) -> None:
        """Show whether it looks each day."""
        self._box.setChecked(self._policy.is_on(is_wanted=is_wanted))

    def show_looking(self) -> None:
        """Say that an answer is waited for."""
        self._look.setEnabled(False)
        self.show_state(self.tr("Looking …"))

    def show_state(self, sentence: str, role: str = "muted") -> None:
        """Say what came of it."""
        self._state.setText(sentence)
        show_role(self._state, "role", role)
        self._state.show()

    def show_done(self) -> None:
        """Let the person look again."""
        self._look.setEnabled(True)

    def _who_decides(self) -> str:
        if self._policy.check == "off":
            return self.tr("Your IT department has switched this off: this program asks nobody.")
        if not self._policy.is_possible:
            return self.tr(
                "Your IT department has not said where to look, so that this program asks nobody."
            )
        if self._policy.check == "on":
            return self.tr(
                "Your IT department has switched this on, and says where to look: {0}."
            ).format(self._policy.host)
        return self.tr("Where to look is said by your IT department: {0}.").format(
            self._policy.host
        )

    def _what_is_sent(self) -> str:
        return self.tr(
            "One small file is read there. Nothing is said about you, your images or this "
            "hospital, not even which version this is. If there is a newer one, a line above the "
            "page tells you; nothing is downloaded or installed by this program."
        )
