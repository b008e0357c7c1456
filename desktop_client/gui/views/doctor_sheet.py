"""What was found out about this computer, finding by finding, to read and to hand on."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from desktop_client.gui.phrases import verdict_words
from desktop_client.gui.views.elements import button, show_role, text
from desktop_client.gui.views.finding_grid import FindingGrid
from desktop_client.training.findings import Finding


class DoctorSheet(QDialog):
    """Grows while the examination goes on."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("This computer"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 560)
        self._state = text(self.tr("Looking …"), "muted")
        self.findings = FindingGrid(self.tr("What training computes on, and why"))
        self._copy = button(self.tr("Copy"), "", self.tr("Copy all of it for your IT department"))
        self._copy.setToolTip(self._copy.accessibleName())
        self._copy.clicked.connect(self.findings.copy)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.closed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("What training computes on, and why"), "title"))
        layout.addWidget(self._state)
        layout.addWidget(self.findings, 1)
        layout.addWidget(buttons)

    @property
    def state(self) -> str:
        """What is said of the examination."""
        return self._state.text()

    def show_state(self, sentence: str, role: str = "muted") -> None:
        """Say how far the examination is, or why it failed."""
        self._state.setText(sentence)
        show_role(self._state, "role", role)

    def add(self, finding: Finding) -> None:
        """Show one more finding."""
        verdict = verdict_words(finding.verdict)
        self.findings.add(verdict, finding.topic, finding.sentence, finding.remedy)
