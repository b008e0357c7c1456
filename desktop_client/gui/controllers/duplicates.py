"""Images that are in the project twice: compared beside the window, shown in a list."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from desktop_client.gui.views.duplicates_dialog import PICTURE_PX, DuplicatesDialog
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.worker import StartEvents, Worker, Workers
from desktop_client.imaging.thumbnails import ThumbnailMade, make_thumbnails
from desktop_client.labelling.duplicates import DuplicatesFound, find_duplicates
from desktop_client.labelling.sample import DUPLICATE


class DuplicatesController(QObject):
    """Runs at most one comparison at a time."""

    problem_met = Signal(str)
    finished = Signal(str)
    """How a comparison ended without a list, as a sentence."""

    def __init__(
        self, page: ImagesPage, workers: Workers, store_path: Path, thumbnails_path: Path
    ) -> None:
        super().__init__(page)
        self._page = page
        self._workers = workers
        self._store_path = store_path
        self._thumbnails_path = thumbnails_path
        self._worker: Worker | None = None
        self._found: DuplicatesFound | None = None
        self.dialog: DuplicatesDialog | None = None
        self.exclude: Callable[[list[str], str], bool] = lambda _ids, _reason: False
        """Excludes images for a reason, and says whether that was done."""

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {"find_duplicates": self.find}

    def find(self) -> None:
        """Compare all images; what is being compared already is waited for."""
        if self._worker is None:
            self._start(partial(find_duplicates, self._store_path))

    def on_worker_event_emitted(self, event: object) -> None:
        """Keep the outcome, or show a picture that got ready."""
        match event:
            case DuplicatesFound():
                self._found = event
            case ThumbnailMade(sample_id, encoded) if self.dialog is not None:
                picture = QPixmap()
                picture.loadFromData(encoded)
                self.dialog.show_picture(sample_id, picture)

    def on_worker_finished(self) -> None:
        """Show what was found, then make its pictures."""
        self._worker = None
        found, self._found = self._found, None
        if found is None:
            return
        if not found.copies and not found.look_alikes:
            self.finished.emit(self.tr("No image is here twice."))
            return
        self.dialog = DuplicatesDialog(found, self._page)
        self.dialog.selection_asked.connect(self._page.grid.select_samples)
        self.dialog.exclusion_asked.connect(self.on_dialog_exclusion_asked)
        self.dialog.finished.connect(self.on_dialog_finished)
        self.dialog.open()
        samples = self.dialog.samples()
        self._start(partial(make_thumbnails, self._thumbnails_path, samples, PICTURE_PX))

    def on_dialog_exclusion_asked(self, sample_ids: list[str]) -> None:
        """Exclude the images, and show in the list that they are."""
        if self.exclude(sample_ids, DUPLICATE) and self.dialog is not None:
            self.dialog.show_excluded(sample_ids)

    def on_dialog_finished(self) -> None:
        """Stop making pictures that nobody looks at."""
        self.dialog = None
        if self._worker is not None:
            self._worker.requestInterruption()

    def _start(self, start_events: StartEvents) -> None:
        self._worker = Worker(start_events)
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.problem_met)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)
