"""Long work beside the window: the one thread class, and who keeps the running ones."""

import logging
from collections.abc import Callable, Generator
from contextlib import closing

from PySide6.QtCore import QObject, QThread, Signal

from desktop_client.errors import ClientError
from desktop_client.training.events import StillWorking

logger = logging.getLogger(__name__)

StartEvents = Callable[[], Generator[object]]
"""Begins the work; called in the worker's own thread, so that connections are opened there."""


class Worker(QThread):
    """Iterates a generator of events in its own thread and emits each as a signal.

    The end is exactly one of ``succeeded``, ``cancelled`` and ``failed``; ``finished`` (Qt's own)
    follows when the thread is over and the generator closed.
    """

    event_emitted = Signal(object)
    succeeded = Signal()
    cancelled = Signal()
    failed = Signal(str)

    def __init__(self, start_events: StartEvents, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._start_events = start_events

    def run(self) -> None:
        """Iterate until the events end, the work fails or somebody interrupts."""
        try:
            is_cancelled = self._iterate()
        except ClientError as error:
            self.failed.emit(str(error))
        except Exception:  # last line of defence: report, never die silently
            logger.exception("Worker failed")
            self.failed.emit("Unexpected error; see the log for details.")
        else:
            (self.cancelled if is_cancelled else self.succeeded).emit()

    def _iterate(self) -> bool:
        """Emit every event and return whether somebody interrupted."""
        with closing(self._start_events()) as events:
            for event in events:
                if not isinstance(event, StillWorking):  # sent only so that we can stop here
                    self.event_emitted.emit(event)
                if self.isInterruptionRequested():
                    return True
        return False


class Workers(QObject):
    """Keeps each worker alive until its thread is over; a QThread destroyed early aborts Qt."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: set[Worker] = set()
        self._is_open = True

    @property
    def running_count(self) -> int:
        """How many workers were started and are not over."""
        return len(self._running)

    def start(self, worker: Worker) -> None:
        """Start a worker and keep it until it is over; does nothing once all were cancelled."""
        if not self._is_open:
            return
        self._running.add(worker)
        worker.finished.connect(self.on_worker_finished)
        worker.start()

    def cancel_all(self) -> None:
        """Stop every worker for good and wait for it; blocks, so hide the window first.

        From now on none can be started: signals still under way would otherwise begin new work
        behind a closed window.
        """
        self._is_open = False
        for worker in self._running:
            worker.requestInterruption()
        for worker in self._running:
            worker.wait()
        self._running.clear()

    def on_worker_finished(self) -> None:
        """Let go of the workers that are over."""
        for worker in [worker for worker in self._running if worker.isFinished()]:
            self._running.discard(worker)
            worker.wait()  # `finished` is emitted a moment before the thread is really over
            worker.deleteLater()
