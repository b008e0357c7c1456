"""Where a model looks in the current image and its neighbours, asked in the compute process."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.models.model_choices import ModelChoice
from desktop_client.gui.worker import Worker, Workers
from desktop_client.labelling.sample import Sample
from desktop_client.training.explanations import (
    ExplainerReady,
    ExplainQuestion,
    ExplainRequest,
    ImageExplained,
    ImageNotExplained,
)
from desktop_client.training.process import Questions, in_child_process
from desktop_client.training.request import DeviceChoice

EXPLAIN: Final = "desktop_client.training.explain_on_demand:answer_questions"
LINGER_MS: Final = 120_000
"""How long the process waits for the next question; it holds most of a gigabyte."""
RETRY_MS: Final = 1_000
MEMORY_LIMIT_BYTES: Final = 32 * 2**20

HeatAnswer = ImageExplained | ImageNotExplained


class HeatLoader(QObject):
    """Asks one model one thing at a time: the image that is looked at first, then its neighbours.

    Whatever else wants to compute goes first: the process ends then, and is started again when
    the computer is free.
    """

    changed = Signal()
    """There is another answer, or another reason why there is none."""

    def __init__(self, workers: Workers, slot: ComputeSlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._slot = slot
        self._choice: ModelChoice | None = None
        self._worker: Worker | None = None
        self._is_loaded = self._is_ending = False
        self._has_slot = False
        self._questions: Questions[ExplainQuestion] = Questions()
        self._pending: ExplainQuestion | None = None
        self._wanted: list[ExplainQuestion] = []
        self._answers: OrderedDict[ExplainQuestion, HeatAnswer] = OrderedDict()
        self.model: ExplainerReady | None = None
        """What is known of the model; None until it was loaded once."""
        self.failure = ""
        """Why the model cannot be asked at all."""
        self.device: DeviceChoice = "automatic"
        self._linger = QTimer(self, singleShot=True, interval=LINGER_MS)
        self._linger.timeout.connect(self.stop)
        self._retry = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._retry.timeout.connect(self._go_on)

    @property
    def is_waiting_for(self) -> str:
        """What computes now and goes first, in words; empty if nothing does."""
        return "" if self._has_slot else self._slot.holder or ""

    @property
    def is_loaded(self) -> bool:
        """Whether the model only has to be asked."""
        return self._is_loaded

    def use_model(self, choice: ModelChoice | None) -> None:
        """Ask this model from now on; what others said, or it before it was saved, is forgotten."""
        if choice == self._choice and not self.failure:
            return
        self._choice, self.model, self.failure = choice, None, ""
        self._answers.clear()
        self.stop()

    def ask(
        self, sample: Sample, neighbours: Sequence[Sample], class_index: int | None
    ) -> HeatAnswer | None:
        """Return the answer about a sample if it is there; else ask, and afterwards neighbours."""
        self._wanted = [
            ExplainQuestion(s.sample_id, s.path, s.frame, class_index)
            for s in (sample, *neighbours)
        ]
        self._go_on()
        return self._answers.get(self._wanted[0])

    def stop(self) -> None:
        """Ask nothing more and end the process."""
        self._wanted = []
        self._retry.stop()
        self._linger.stop()
        self._end_process()

    def on_worker_event_emitted(self, event: object) -> None:
        """Take an answer, and ask the next question."""
        if self._is_ending:  # it may be about a model that nobody asks any more
            return
        match event:
            case ExplainerReady():
                self.model, self._is_loaded = event, True
            case ImageExplained(question=question) | ImageNotExplained(question=question):
                self._pending = None
                self._answers[question] = event
                self._forget_oldest()
        self.changed.emit()
        self._go_on()

    def on_worker_failed(self, sentence: str) -> None:
        """Keep why, until another model is chosen or the map is asked for again."""
        self.failure, self._wanted = sentence, []

    def on_worker_finished(self) -> None:
        """Begin again if something is still to be asked."""
        self._worker = self._pending = None
        self._is_loaded = self._is_ending = False
        if self._has_slot:
            self._slot.release()
            self._has_slot = False
        self.changed.emit()
        self._go_on()

    def _go_on(self) -> None:
        missing = [question for question in self._wanted if question not in self._answers]
        if self._choice is None or self.failure or not missing:
            self._linger.start()
        elif self._worker is None:
            self._start(self._choice.path)
        elif self._is_loaded and self._pending is None:
            self._linger.stop()
            self._pending = missing[0]
            self._questions.ask(missing[0])

    def _start(self, path: Path) -> None:
        if not self._slot.take(self.tr("where the model looks"), self._give_way):
            self._retry.start()
            return
        self._has_slot, self._questions = True, Questions()
        request = ExplainRequest(path, self.device)
        self._worker = Worker(partial(in_child_process, EXPLAIN, request, self._questions))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)
        self.changed.emit()

    def _give_way(self) -> None:
        """End the process, since something else is about to compute; keep what is to be asked."""
        self._has_slot = False
        self._end_process()

    def _end_process(self) -> None:
        if self._worker is not None:
            self._is_loaded, self._is_ending = False, True
            self._worker.requestInterruption()

    def _forget_oldest(self) -> None:
        while sum(map(_size_bytes, self._answers.values())) > MEMORY_LIMIT_BYTES:
            self._answers.popitem(last=False)


def _size_bytes(answer: HeatAnswer) -> int:
    if isinstance(answer, ImageNotExplained) or answer.heat is None:
        return 0
    return answer.heat.nbytes
