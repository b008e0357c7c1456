"""Joining a study step by step: invitation, study, images, the way there, consent."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.views.consent_page import ConsentPage
from desktop_client.gui.views.contribution_page import ContributionPage
from desktop_client.gui.views.elements import button, column, text
from desktop_client.gui.views.extractor_choice import ExtractorChoice
from desktop_client.gui.views.invitation_page import InvitationPage
from desktop_client.gui.views.preflight_panel import PreflightPanel
from desktop_client.gui.views.study_facts import StudyFacts

INVITATION, STUDY, IMAGES, WAY, CONSENT = range(5)
SIZE_PX = (760, 640)


class JoinWizard(QDialog):
    """Shows one step at a time; whoever listens decides what follows."""

    next_asked = Signal(int)
    """Of which step somebody wants to go on."""
    join_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Join a study"))
        self.resize(*SIZE_PX)
        self.invitation, self.facts = InvitationPage(), StudyFacts(is_framed=False)
        self.extractor = ExtractorChoice()
        self.contribution, self.way = ContributionPage(), PreflightPanel()
        self.consent = ConsentPage()
        self._titles = (
            self.tr("The invitation"),
            self.tr("The study"),
            self.tr("What of yours takes part"),
            self.tr("Can this site take part?"),
            self.tr("Consent"),
        )
        self._step, self._title = text("", "muted"), text("", "title")
        self._pages = QStackedWidget()
        content = column(self.facts, self.extractor, spare=True)
        content.setProperty("role", "scrolled")
        facts = QScrollArea()
        facts.setWidgetResizable(True)
        facts.setWidget(content)
        for page in (self.invitation, facts, self.contribution, self.way, self.consent):
            self._pages.addWidget(page)
        self._cancel = button(self.tr("Cancel"))
        self._back, self._next = button(self.tr("Back")), button(self.tr("Next"), "primary")
        self._cancel.clicked.connect(self.reject)
        self._back.clicked.connect(lambda: self.show_step(self.step - 1))
        self._next.clicked.connect(self.on_next_clicked)
        self.consent.changed.connect(self._show_buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 22, 28, 18)
        layout.setSpacing(10)
        layout.addWidget(self._step)
        layout.addWidget(self._title)
        layout.addWidget(self._pages, 1)
        row = QHBoxLayout()
        row.addWidget(self._cancel)
        row.addStretch(1)
        row.addWidget(self._back)
        row.addWidget(self._next)
        layout.addSpacing(6)
        layout.addLayout(row)
        self._is_busy = False
        self.show_step(INVITATION)

    @property
    def step(self) -> int:
        """Which step is shown."""
        return self._pages.currentIndex()

    @property
    def heading(self) -> QLabel:
        """What the step is called."""
        return self._title

    def show_step(self, step: int) -> None:
        """Show a step."""
        self._pages.setCurrentIndex(step)
        self._step.setText(self.tr("Step {0} of {1}").format(step + 1, len(self._titles)))
        self._title.setText(self._titles[step])
        self._show_buttons()

    def show_busy(self, is_busy: bool) -> None:
        """Wait for the coordinator's answer."""
        self._is_busy = is_busy
        self._pages.setEnabled(not is_busy)
        self._show_buttons()

    def on_next_clicked(self) -> None:
        """Go on, or join at the end."""
        if self.step == CONSENT:
            self.join_asked.emit()
        else:
            self.next_asked.emit(self.step)

    def _show_buttons(self) -> None:
        is_last = self.step == CONSENT
        words = self.tr("Join the study") if is_last else self.tr("Next")
        self._next.setText(self.tr("Asking the coordinator …") if self._is_busy else words)
        self._next.setAccessibleName(words)
        self._next.setEnabled(not self._is_busy and (not is_last or self.consent.is_complete))
        self._back.setEnabled(not self._is_busy and self.step > INVITATION)
