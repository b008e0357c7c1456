"""What was found out about this computer, finding by finding, to read and to hand on."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.views.elements import button, selectable, show_role, text
from desktop_client.training.findings import Finding

MARK_WIDTH_PX = 96


class DoctorSheet(QDialog):
    """Grows while the examination goes on."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("This computer"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 560)
        self._findings: list[Finding] = []
        self._state = text(self.tr("Looking …"), "muted")
        content = QWidget()
        content.setProperty("role", "scrolled")
        self._grid = QGridLayout(content)
        self._grid.setColumnMinimumWidth(0, MARK_WIDTH_PX)
        self._grid.setColumnStretch(1, 1)
        self._grid.setVerticalSpacing(14)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        area = QScrollArea()
        area.setAccessibleName(self.tr("What training computes on, and why"))
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self._copy = button(self.tr("Copy"), "", self.tr("Copy all of it for your IT department"))
        self._copy.setToolTip(self._copy.accessibleName())
        self._copy.clicked.connect(self.on_copy_clicked)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.closed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text(self.tr("What training computes on, and why"), "title"))
        layout.addWidget(self._state)
        layout.addWidget(area, 1)
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
        """Show one more finding; what it means is said in words beside the colour."""
        row = len(self._findings)
        self._findings.append(finding)
        words, role = self._verdicts()[finding.verdict]
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(text(words, role), row, 0, top)
        said = QVBoxLayout()
        said.setSpacing(3)
        said.addWidget(text(finding.topic, "strong"))
        said.addWidget(selectable(finding.sentence))
        if finding.remedy:
            said.addWidget(selectable(f"→ {finding.remedy}", "muted"))
        self._grid.addLayout(said, row, 1)

    def on_copy_clicked(self) -> None:
        """Put everything on the clipboard, for a message to whoever can help."""
        verdicts = self._verdicts()
        lines = [
            " ".join(filter(None, (f"{verdicts[f.verdict][0]}: {f.topic}.", f.sentence, f.remedy)))
            for f in self._findings
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _verdicts(self) -> dict[str, tuple[str, str]]:
        return {
            "good": (self.tr("✓ In order"), "success"),
            "note": (self.tr("• Note"), "strong"),
            "problem": (self.tr("✕ Problem"), "error"),
        }
