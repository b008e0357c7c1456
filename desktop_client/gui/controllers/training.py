"""Training on this site's own images: starts the compute process and shows what it says."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from coordinator.protocol import LesionMetrics
from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.controllers.doctor import DoctorController
from desktop_client.gui.controllers.results import ResultsController
from desktop_client.gui.controllers.resuming import ResumeController
from desktop_client.gui.models.curves import TrainingCurves
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.training_page import TrainingPage
from desktop_client.gui.views.training_sheets import left_out_sheet
from desktop_client.gui.wording import Pace, counted, percent, time_left
from desktop_client.gui.worker import Worker, Workers
from desktop_client.labelling.sample import LesionClass
from desktop_client.labelling.store import LabelProgress
from desktop_client.paths import Home
from desktop_client.training.events import (
    EpochFinished,
    ImageLeftOut,
    ImagesPrepared,
    JudgingStarted,
    StepFinished,
    TrainingFinished,
    TrainingPaused,
    TrainingResumed,
    TrainingStarted,
    TrainingWarned,
)
from desktop_client.training.process import PauseSwitch, in_child_process
from desktop_client.training.request import ResumeRequest, TrainingRequest
from desktop_client.training.run_file import run_path_of

TRAIN: Final = "desktop_client.training.own_training:train_from_store"
RESUME: Final = "desktop_client.training.own_training:resume_from_store"
REDRAW_MS: Final = 250
ENOUGH_PER_CLASS: Final = 2
"""One image of a class to learn from and one to test on."""


class TrainingController(QObject):
    """Runs at most one training."""

    activity_changed = Signal(str)
    """What is going on, for those who look at another page; empty when nothing is."""
    settings_changed = Signal()

    def __init__(
        self,
        page: TrainingPage,
        workers: Workers,
        home: Home,
        slot: ComputeSlot,
        dialogs: Dialogs,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._workers = workers
        self._home = home
        self._slot = slot
        self._dialogs = dialogs
        self.resuming = ResumeController(page.offer, dialogs, home.checkpoints_path)
        self.results = ResultsController(page, workers, home, slot, dialogs)
        self._doctor = DoctorController(page, workers, slot)
        self._worker: Worker | None = None
        self._pause: PauseSwitch | None = None
        self._checkpoint_path: Path | None = None
        """Of the training that is running."""
        self._is_abandoned = False
        self._paused_at = ""
        self._curves = TrainingCurves()
        self._is_drawn = True
        self._pace = Pace()
        self._step = (0, 0)
        self._epoch = ""
        self._warnings: list[str] = []
        self._left_out: list[str] = []
        self._image_count = 0
        self._redraw = QTimer(self, interval=REDRAW_MS)
        self._redraw.timeout.connect(self.on_redraw_timeout)
        page.start_asked.connect(self.on_page_start_asked)
        page.pause_asked.connect(self.on_page_pause_asked)
        page.stop_asked.connect(self.on_page_stop_asked)
        page.left_out_asked.connect(self.on_page_left_out_asked)
        self.resuming.resume_chosen.connect(self.on_resuming_resume_chosen)
        self.resuming.changed.connect(self.on_resuming_changed)
        self.resuming.problem_met.connect(self.on_resuming_problem_met)
        page.settings.changed.connect(self.settings_changed)
        page.settings.network.weights_asked.connect(self.on_network_weights_asked)

    @property
    def is_running(self) -> bool:
        """Whether something is being trained."""
        return self._worker is not None

    def look(self) -> None:
        """Offer what earlier trainings have left: one to go on with, and reports."""
        self.resuming.look()
        self.results.look()

    def show_labels(self, progress: LabelProgress, classes: tuple[LesionClass, ...]) -> None:
        """Say what is missing before training can begin."""
        self._page.show_need(self._what_is_missing(progress, classes))

    def on_page_start_asked(self) -> None:
        """Begin a training with the settings on the page."""
        if self._is_slot_free() and self.resuming.let_go():
            request = self._request()
            self._run(TRAIN, request, request.checkpoint_path)

    def on_resuming_resume_chosen(self, checkpoint_path: Path) -> None:
        """Go on with a training, with the settings that it had."""
        if self._is_slot_free():
            request = ResumeRequest(self._home.labels_path, checkpoint_path)
            self._run(RESUME, request, checkpoint_path)

    def on_resuming_changed(self) -> None:
        """Let the start button say whether something is left behind."""
        self._page.show_is_fresh_start(self.resuming.run_path is None)

    def on_resuming_problem_met(self, sentence: str) -> None:
        """Say what is wrong."""
        self._page.show_status(sentence, "error")

    def on_page_pause_asked(self) -> None:
        """Ask the training to save everything and to stop for now."""
        self._ask_for_a_pause()
        self._page.show_status(self.tr("Pausing: the training saves everything …"))

    def on_page_stop_asked(self) -> None:
        """End the training for good, after asking; at once if it is ending already."""
        if self._worker is not None and self._is_abandoned:
            self._worker.requestInterruption()
            return
        if self._worker is None or not self._dialogs.confirm(
            self.tr("Stop this training for good?"),
            self.tr(
                "The model of its last finished pass stays, but the training cannot go on. "
                "To go on later, pause it instead."
            ),
            self.tr("Stop training"),
        ):
            return
        if self._worker is not None:  # it may have ended while the question was open
            self._is_abandoned = True
            self._page.show_status(self.tr("Stopping …"))
            if self._epoch:  # there is a model, which is judged as at a pause
                self._ask_for_a_pause()
            else:
                self._worker.requestInterruption()

    def on_network_weights_asked(self) -> None:
        """Let the person choose the file that the network begins from."""
        network = self._page.settings.network
        before = network.weights_path
        if (path := self._dialogs.pick_weights_file(before and before.parent)) is not None:
            network.show_weights(path)

    def on_page_left_out_asked(self) -> None:
        """List the images that take no part."""
        left_out_sheet(self._page, self._left_out_sentence(), self._left_out).open()

    def on_worker_event_emitted(self, event: object) -> None:
        """Note what the training says."""
        if self._curves.take(event):
            self._is_drawn = False
        match event:
            case ImagesPrepared(done_count, total_count):
                self._step = (done_count, total_count)
                self._image_count = total_count
                self._page.show_status(
                    self.tr("Reading image {0} of {1}").format(done_count, total_count)
                )
            case ImageLeftOut(path, reason):
                self._left_out.append(f"{path.name}: {reason}")
                self._page.show_left_out(self._left_out_sentence())
            case TrainingStarted():
                self._show_started(event)
            case TrainingResumed(history=history):
                self._recall(history)
            case JudgingStarted():
                self.on_redraw_timeout()  # or the last step would be told over it
                self._page.show_status(self.tr("Finding out how good the model is …"))
            case TrainingPaused(_, step, step_count):
                self._paused_at = self.tr("step {0} of {1}").format(step, step_count)
            case TrainingFinished(validation=validation):
                self._page.show_result(self._in_words(validation))
            case _:
                self._take_course(event)

    def on_redraw_timeout(self) -> None:
        """Draw what is new, at most four times a second."""
        if self._is_drawn and not self.is_running:
            return
        done_count, total_count = self._step
        left = time_left(self._pace.seconds_left(done_count, total_count))
        self._page.show_progress(done_count, total_count, left)
        if not self._is_drawn:
            self._is_drawn = True
            self._page.show_curves(self._curves)
            step = self.tr("Training: step {0} of {1}").format(done_count, total_count)
            self._page.show_status(f"{self._epoch}\n{step}" if self._epoch else step)
            self.activity_changed.emit(f"{step} · {left}" if left else step)

    def on_worker_succeeded(self) -> None:
        """Say that the model is saved, or the whole training for later."""
        if self._is_abandoned and self._paused_at:
            self.on_worker_cancelled()
        elif self._paused_at:
            paused = self.tr("Training is paused at {0}. Everything is saved.")
            self._end(paused.format(self._paused_at), "success")
        else:
            self._end(self.tr("Training is finished; the model is saved."), "success")

    def on_worker_cancelled(self) -> None:
        """Say that the training was stopped."""
        saved = (
            self.tr("{0}; the model as it was then is saved.").format(self._epoch)
            if self._epoch
            else self.tr("No pass was finished, so no model is saved.")
        )
        self._end(self.tr("Training was stopped. {0}").format(saved))

    def on_worker_failed(self, sentence: str) -> None:
        """Say why the training could not go on."""
        self._end(sentence, "error")

    def on_worker_finished(self) -> None:
        """Offer to start again, or to go on with what is unfinished."""
        self._worker = None
        self._slot.release()
        self._redraw.stop()
        if self._is_abandoned and self._checkpoint_path is not None:
            self.resuming.discard(run_path_of(self._checkpoint_path))
        self._page.show_running(False)
        self.look()
        self.activity_changed.emit("")

    def _is_slot_free(self) -> bool:
        """Whether nothing else computes; say what does."""
        if self._slot.holder is None:
            return True
        busy = self.tr("This computer is busy with {0}; stop that first.")
        self._page.show_status(busy.format(self._slot.holder), "warning")
        return False

    def _run(self, function: str, request: object, checkpoint_path: Path) -> None:
        """Start the compute process; the slot must be free."""
        self._slot.take(self.tr("a training"))
        self._forget_last()
        self.resuming.withdraw()
        self._checkpoint_path, self._pause = checkpoint_path, PauseSwitch()
        self._page.show_running(True)
        self._page.show_can_pause(False)
        self._page.show_progress(0, 0, "")
        self._page.show_status(self.tr("Starting the training program …"))
        self.activity_changed.emit(self.tr("Training is starting"))
        self._worker = Worker(partial(in_child_process, function, request, self._pause))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.succeeded.connect(self.on_worker_succeeded)
        self._worker.cancelled.connect(self.on_worker_cancelled)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)
        self._redraw.start()

    def _ask_for_a_pause(self) -> None:
        if self._pause is not None:
            self._pause.ask()
        self._page.show_can_pause(False)

    def _take_course(self, event: object) -> None:
        """Note how a training goes on."""
        match event:
            case StepFinished(step, step_count):
                self._step = (step, step_count)
            case EpochFinished(epoch, epoch_count, validation):
                self._epoch = self.tr("Pass {0} of {1} done").format(epoch, epoch_count)
                self._page.show_result(self._in_words(validation))
            case TrainingWarned(sentence):
                self._warnings.append(sentence)
                self._page.show_warnings(self._warnings)

    def _recall(self, history: Sequence[object]) -> None:
        """Show a training as it was when it was interrupted; its pace is measured anew."""
        for event in history:
            self._take_course(event)
        self._pace = Pace()

    def _end(self, sentence: str, role: str = "") -> None:
        self.on_redraw_timeout()
        self._page.show_status(sentence, role)

    def _forget_last(self) -> None:
        self._curves, self._pace = TrainingCurves(), Pace()
        self._step, self._epoch = (0, 0), ""
        self._warnings, self._left_out = [], []
        self._is_abandoned, self._paused_at, self._image_count = False, "", 0
        self._page.show_curves(self._curves)
        self._page.show_warnings(())
        self._page.show_left_out("")
        self._page.show_result("")
        self._page.show_device("")

    def _request(self) -> TrainingRequest:
        settings = self._page.settings
        name = f"own-{datetime.now(UTC):%Y%m%d-%H%M%S}.safetensors"
        return TrainingRequest(
            labels_path=self._home.labels_path,
            checkpoint_path=self._home.checkpoints_path / name,
            epoch_count=settings.epochs.value(),
            model=settings.network.design(),
            weights_path=settings.network.weights_path,
            method=settings.method(),
            device=settings.chosen_device(),
            seed=settings.seed.value(),
            is_deterministic=settings.repeatable.isChecked(),
            is_mixed_precision=settings.mixed.isChecked(),
            rank_count=settings.rank_count(),
        )

    def _show_started(self, event: TrainingStarted) -> None:
        self._pace = Pace()
        self._step = (0, event.step_count)
        self._page.show_can_pause(True)
        self._doctor.on_training_started(event)
        self._image_count = event.training_count + event.validation_count + event.left_out_count
        self._page.show_left_out(self._left_out_sentence())
        images = counted(event.training_count, self.tr("image"), self.tr("images"))
        scanners = counted(event.domain_count, self.tr("scanner"), self.tr("scanners"))
        said = self.tr("Learning from {0} of {1}, {2} held out, on {3}.").format(
            images, scanners, event.validation_count, event.device
        )
        if event.domain_count == 1:
            said += " " + self.tr(
                "With one scanner there is none to ignore: its curves say nothing."
            )
        self._page.show_device(said)

    def _left_out_sentence(self) -> str:
        if not self._left_out:
            return ""
        total = f"{self._image_count:,} " + self.tr("images")
        if len(self._left_out) == 1:
            return self.tr("1 of {0} could not be read and was left out").format(total)
        return self.tr("{0} of {1} could not be read and were left out").format(
            f"{len(self._left_out):,}", total
        )

    def _in_words(self, validation: LesionMetrics) -> str:
        auc = self.tr("undefined") if validation.auc is None else f"{validation.auc:.2f}"
        images = counted(validation.sample_count, self.tr("image"), self.tr("images"))
        return self.tr("{0} of {1} held out right, AUC {2}").format(
            percent(validation.accuracy), images, auc
        )

    def _what_is_missing(self, progress: LabelProgress, classes: tuple[LesionClass, ...]) -> str:
        ready = [c for c in classes if progress.by_class.get(c.class_id, 0) >= ENOUGH_PER_CLASS]
        if len(ready) >= 2:
            return ""
        if progress.total_count == 0:
            return self.tr("Open a folder of images first, then label some of each class.")
        if not ready:
            return self.tr("Label at least 2 images of each of 2 classes before training.")
        return self.tr(
            "Label at least 2 images of a second class; so far only {0} has enough."
        ).format(ready[0].name)
