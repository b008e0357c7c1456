"""What hinders this site from taking part: findings, how far the look is, copy and look again."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop_client.federation.findings import Checked, PreflightFinished
from desktop_client.gui.phrases import remedy_words, said, topic_words, verdict_words
from desktop_client.gui.views.elements import button, show_role, text
from desktop_client.gui.views.finding_grid import FindingGrid
from desktop_client.gui.wording import counted


class PreflightPanel(QWidget):
    """Grows while things are looked at."""

    again_asked = Signal()
    authorities_asked = Signal()
    authorities_forgotten = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state = text("", "muted")
        self.findings = FindingGrid(self.tr("What was looked at before taking part"))
        self._again = button(self.tr("Look again"))
        self._again.clicked.connect(self.again_asked)
        copy = button(self.tr("Copy"), "", self.tr("Copy all of it for your IT department"))
        copy.setToolTip(copy.accessibleName())
        copy.clicked.connect(self.findings.copy)
        authorities = button(self.tr("Certificate file of our network …"))
        authorities.setToolTip(
            self.tr("The certificate authority of a network that looks into encrypted traffic")
        )
        authorities.clicked.connect(self.authorities_asked)
        self._forget = button(
            self.tr("Remove certificate"), "", self.tr("Trust our network's certificate no longer")
        )
        self._forget.setToolTip(self.tr("Trust only what this computer trusts again"))
        self._forget.hide()
        self._forget.clicked.connect(self.authorities_forgotten)
        row = QHBoxLayout()
        for one in (self._again, copy, authorities, self._forget):
            row.addWidget(one)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._state)
        layout.addWidget(self.findings, 1)
        layout.addLayout(row)

    @property
    def state(self) -> str:
        """What is said of the look as a whole."""
        return self._state.text()

    def begin(self, *, has_authorities: bool) -> None:
        """Forget the last look.

        Args:
            has_authorities: Whether the project trusts authorities of its own, to be forgotten.
        """
        self.findings.clear()
        self._forget.setVisible(has_authorities)
        self._again.setEnabled(False)
        self.show_state(self.tr("Looking …"))

    def add(self, checked: Checked) -> None:
        """Show one more finding."""
        self.findings.add(
            verdict_words(checked.verdict),
            topic_words(checked.topic),
            said(checked.sentence),
            remedy_words(checked),
        )

    def finish(self, event: PreflightFinished) -> None:
        """Say what it comes to."""
        if event.problem_count:
            problems = counted(event.problem_count, self.tr("problem"), self.tr("problems"))
            self.show_state(
                self.tr("✕ {0} to be mended before the first round.").format(problems), "error"
            )
        else:
            self.show_state(self.tr("✓ Nothing hinders this site from taking part."), "success")

    def show_state(self, sentence: str, role: str = "muted") -> None:
        """Say how far the look is, or why it failed."""
        self._state.setText(sentence)
        show_role(self._state, "role", role)

    def allow_again(self) -> None:
        """Let somebody look once more."""
        self._again.setEnabled(True)


class PreflightSheet(QDialog):
    """The panel in a window of its own, for a study that was joined."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Check the way to the study"))
        self.resize(680, 600)
        self.panel = PreflightPanel()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.closed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("Can this site take part?"), "title"))
        layout.addWidget(self.panel, 1)
        layout.addWidget(buttons)
