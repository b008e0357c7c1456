"""Files that are no longer where they were: noticed at the start, found again on request."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.wording import Pace, counted, time_left
from desktop_client.gui.worker import StartEvents, Worker, Workers
from desktop_client.labelling.gathering import FilesSeen
from desktop_client.labelling.relinking import (
    FilesChecked,
    MissingFound,
    RelinkFinished,
    find_missing,
    relink,
)


class RelinkingController(QObject):
    """Runs at most one search at a time."""

    problem_met = Signal(str)
    finished = Signal(str)
    """How a search ended, as a sentence."""
    stored = Signal()
    """Images have other paths than before."""
    checked = Signal()
    """The store knows anew which files are missing."""

    def __init__(
        self, page: ImagesPage, workers: Workers, dialogs: Dialogs, store_path: Path
    ) -> None:
        super().__init__(page)
        self._bar = page.search_bar
        self._workers = workers
        self._dialogs = dialogs
        self._store_path = store_path
        self._worker: Worker | None = None
        self._is_asked = False
        self._missing_count: int | None = None
        self._pace = Pace()
        self.last_folder: Path | None = None
        page.search_bar.cancel_asked.connect(self.on_bar_cancel_asked)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {"find_moved": self.find_moved}

    def check(self) -> None:
        """Look in the background whether all files are there; say only if some are not."""
        self._is_asked = False
        self._start(partial(find_missing, self._store_path))

    def find_moved(self) -> None:
        """Look which files are missing, then ask where they may be and look there."""
        self._is_asked = True
        if self._worker is None:
            self._bar.begin()
            self._start(partial(find_missing, self._store_path))

    def on_bar_cancel_asked(self) -> None:
        """Stop; what was found stays found."""
        if self._worker is not None:
            self._worker.requestInterruption()

    def on_worker_event_emitted(self, event: object) -> None:
        """Show how far it is, and keep what came out."""
        match event:
            case FilesSeen(count):
                self._bar.show_found(count)
            case FilesChecked(done_count, total_count):
                left = time_left(self._pace.seconds_left(done_count, total_count))
                self._bar.show_progress(done_count, total_count, left)
            case MissingFound(count):
                self._missing_count = count
                self.checked.emit()
            case RelinkFinished():
                self.finished.emit(self._summary(event))
                self.stored.emit()

    def on_worker_cancelled(self) -> None:
        """Say that it is not over."""
        self.finished.emit(self.tr("The search was cancelled; what was found is kept."))
        self.stored.emit()

    def on_worker_finished(self) -> None:
        """Go on with the question, if one was to be asked."""
        self._worker = None
        self._bar.hide()
        missing_count, self._missing_count = self._missing_count, None
        if missing_count is None:
            return
        if self._is_asked:
            self._ask_where(missing_count)
        elif missing_count:
            files = counted(missing_count, self.tr("image file is"), self.tr("image files are"))
            self.problem_met.emit(
                self.tr(
                    "{0} missing. Labels are kept. To look for moved files, choose “Find moved "
                    "files” in the menu “File”."
                ).format(files)
            )

    def _ask_where(self, missing_count: int) -> None:
        if missing_count == 0:
            self.finished.emit(self.tr("All files are where they were."))
            return
        folder = self._dialogs.pick_search_folder(self.last_folder)
        if folder is not None:
            self._bar.begin()
            self._start(partial(relink, self._store_path, folder))

    def _start(self, start_events: StartEvents) -> None:
        self._pace = Pace()
        self._worker = Worker(start_events)
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.problem_met)
        self._worker.cancelled.connect(self.on_worker_cancelled)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def _summary(self, done: RelinkFinished) -> str:
        found = counted(done.found_count, self.tr("image"), self.tr("images"))
        if done.missing_count == 0:
            return self.tr("Found {0} again; none is missing any more.").format(found)
        return self.tr("Found {0} again; {1} still missing.").format(
            found, counted(done.missing_count, self.tr("is"), self.tr("are"))
        )
