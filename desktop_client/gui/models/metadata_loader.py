"""What a file says about its image, read beside the window: the file may lie on a slow drive."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import ImageUnreadableError
from desktop_client.gui.worker import Worker, Workers
from desktop_client.imaging.metadata import MetadataField, read_metadata


@dataclass(frozen=True, slots=True)
class MetadataRead:
    """What one file says; ``reason`` where it cannot be read."""

    path: Path
    fields: tuple[MetadataField, ...] = ()
    reason: str = ""


class MetadataLoader(QObject):
    """Reads the file asked for last; nothing is kept."""

    read = Signal(object)
    """A ``MetadataRead`` of the file asked for last."""

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._worker: Worker | None = None
        self._asked: Path | None = None

    def ask(self, path: Path) -> None:
        """Ask what this file says."""
        self._asked = path
        if self._worker is None:
            self._worker = Worker(partial(read_fields, path))
            self._worker.event_emitted.connect(self.on_worker_event_emitted)
            self._worker.finished.connect(self.on_worker_finished)
            self._workers.start(self._worker)

    def on_worker_event_emitted(self, event: MetadataRead) -> None:
        """Hand on what was read if it is still asked for."""
        if event.path == self._asked:
            self._asked = None
            self.read.emit(event)

    def on_worker_finished(self) -> None:
        """Go on with the file asked for in the meantime, if any."""
        self._worker = None
        if self._asked is not None:
            self.ask(self._asked)


def read_fields(path: Path) -> Generator[MetadataRead]:
    """Read a file's fields and yield them, or why they cannot be read."""
    try:
        yield MetadataRead(path, tuple(read_metadata(path)))
    except ImageUnreadableError as error:
        yield MetadataRead(path, reason=error.reason)
