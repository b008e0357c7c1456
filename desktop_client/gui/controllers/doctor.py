"""Examines this computer in a process of its own, and says what training computes on."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject

from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.views.doctor_sheet import DoctorSheet
from desktop_client.gui.views.training_page import TrainingPage
from desktop_client.gui.worker import Worker, Workers
from desktop_client.training.events import TrainingStarted
from desktop_client.training.findings import ExaminationFinished, Finding
from desktop_client.training.process import in_child_process
from desktop_client.training.request import DoctorRequest

EXAMINE: Final = "desktop_client.training.doctor:examine"


class DoctorController(QObject):
    """Runs at most one examination, and keeps the page's word on the processor true."""

    def __init__(self, page: TrainingPage, workers: Workers, slot: ComputeSlot) -> None:
        super().__init__(page)
        self._page = page
        self._workers = workers
        self._slot = slot
        self._worker: Worker | None = None
        self._sheet: DoctorSheet | None = None
        self._has_slot = False
        self._gain: float | None = None
        page.doctor_asked.connect(self.on_page_doctor_asked)

    def on_page_doctor_asked(self) -> None:
        """Open the sheet and begin; steps are timed only while nothing else computes."""
        if self._worker is not None:
            return
        self._has_slot = self._slot.take(self.tr("a look at this computer"))
        settings = self._page.settings
        request = DoctorRequest(
            settings.chosen_device(), settings.network.design(), settings.method(), self._has_slot
        )
        self._sheet = DoctorSheet(self._page)
        self._sheet.closed.connect(self.on_sheet_closed)
        self._sheet.open()
        self._worker = Worker(partial(in_child_process, EXAMINE, request))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def on_sheet_closed(self) -> None:
        """Stop looking when nobody reads any more."""
        self._sheet = None
        if self._worker is not None:
            self._worker.requestInterruption()

    def on_worker_event_emitted(self, event: object) -> None:
        """Show what was found."""
        if isinstance(event, ExaminationFinished):
            self._gain = event.gain
            self._show_processor(event.device)
        if self._sheet is None:
            return
        if isinstance(event, Finding):
            self._sheet.add(event)
        elif isinstance(event, ExaminationFinished):
            self._sheet.show_state(
                self.tr("That is all.")
                if self._has_slot
                else self.tr("That is all; no step was timed, because something else computes.")
            )

    def on_worker_failed(self, sentence: str) -> None:
        """Say why there is no examination."""
        if self._sheet is not None:
            self._sheet.show_state(sentence, "error")

    def on_worker_finished(self) -> None:
        """Let something else compute."""
        self._worker = None
        if self._has_slot:
            self._slot.release()

    def on_training_started(self, event: TrainingStarted) -> None:
        """Say so where a training runs on the processor."""
        self._show_processor(event.device_type)

    def _show_processor(self, device: str) -> None:
        if device != "cpu":
            self._page.show_banner("")
        elif self._gain is None:
            self._page.show_banner(
                self.tr(
                    "Training runs on the processor. A suitable NVIDIA graphics card is typically "
                    "ten times as fast or more; “Check this computer” says what there is."
                )
            )
        else:
            self._page.show_banner(
                self.tr(
                    "Training runs on the processor. The graphics card of this computer was {0} "
                    "times as fast when it was tried."
                ).format(f"{self._gain:.1f}")
            )
