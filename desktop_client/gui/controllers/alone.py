"""Whether this site is better off in a study than alone: trains alone, and compares."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from coordinator.protocol import LesionMetrics
from desktop_client.federation.alone_record import AloneRecord, alone_of
from desktop_client.federation.events import AloneMeasured
from desktop_client.federation.membership import Membership, StudyRequest
from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.models.round_history import StudyHistory
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.gui.worker import Worker, Workers
from desktop_client.paths import Home
from desktop_client.training.events import ImagesPrepared, StepFinished
from desktop_client.training.process import in_child_process
from desktop_client.training.request import DeviceChoice

TRAIN_ALONE: Final = "desktop_client.federation.alone:train_alone"
FEW_IMAGES: Final = 100
"""On fewer held-out images a difference of some points may well be chance."""


class AloneController(QObject):
    """Compares for the study that is shown; trains at most one model at a time."""

    activity_changed = Signal(str)

    def __init__(
        self, page: StudyPage, workers: Workers, home: Home, slot: ComputeSlot, dialogs: Dialogs
    ) -> None:
        super().__init__(page)
        self._page = page
        self._workers = workers
        self._home = home
        self._slot = slot
        self._dialogs = dialogs
        self._worker: Worker | None = None
        self._member: Membership | None = None
        self._shared: LesionMetrics | None = None
        self.device: DeviceChoice = "automatic"

    def show(self, member: Membership, history: StudyHistory) -> None:
        """Compare for this study, whose shared model did so here."""
        measured = [s.validation for _, s in sorted(history.rounds.items()) if s.validation]
        self._member, self._shared = member, measured[-1] if measured else None
        if self._worker is None:
            self._show_comparison()

    def train(self, member: Membership) -> None:
        """Train alone, after asking: it takes as long as all rounds together."""
        is_wanted = self._dialogs.confirm(
            self.tr("Train a model on this site's images alone?"),
            self.tr(
                "It takes as many steps as all rounds of the study together, and is measured on "
                "the same held-out images as the shared model. Nothing is sent."
            ),
            self.tr("Train alone"),
        )
        if not is_wanted or self._worker is not None:
            return
        if not self._slot.take(self.tr("a comparison with training alone")):
            self._page.show_problem(
                self.tr("This computer is busy with {0}; stop that first.").format(
                    self._slot.holder
                )
            )
            return
        self._member = member
        request = StudyRequest(self._home.path, member.study_id, self.device)
        self._worker = Worker(partial(in_child_process, TRAIN_ALONE, request))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self._page.show_problem)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def on_worker_event_emitted(self, event: object) -> None:
        """Show how far the training is."""
        match event:
            case StepFinished(step=step, step_count=step_count):
                self._page.show_comparison(
                    self.tr("Training alone, to compare: step {0} of {1}").format(step, step_count)
                )
                self._page.show_progress(step, step_count)
            case ImagesPrepared(done_count, total_count):
                self._page.show_progress(done_count, total_count)
            case AloneMeasured():
                self._show_comparison()

    def on_worker_finished(self) -> None:
        """Let something else compute."""
        self._worker = None
        self._slot.release()
        self._page.show_progress(0, 0)
        self._show_comparison()

    def _show_comparison(self) -> None:
        if self._member is None:
            return
        record = alone_of(self._home, self._member.study_id)
        self._page.show_comparison("" if record is None else self._words(record))

    def _words(self, record: AloneRecord) -> str:
        alone, shared = record.validation, self._shared
        if shared is None:
            return self.tr("Trained alone: {0}. No shared model was received yet.").format(
                _metric(alone)
            )
        told = self.tr("Shared model: {0}. Trained alone: {1}, on the same {2} images.").format(
            _metric(shared), _metric(alone), alone.sample_count
        )
        if alone.sample_count < FEW_IMAGES:
            told += " " + self.tr("So few images: the difference may be chance.")
        return told


def _metric(metrics: LesionMetrics) -> str:
    if metrics.auc is not None:
        return f"AUC {metrics.auc:.2f}"
    return "–" if metrics.accuracy is None else f"{100 * metrics.accuracy:.0f} %"
