"""Opening folders and tables: runs the import beside the window and shows how it goes."""

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_client.errors import ImageUnreadableError
from desktop_client.gui.file_words import file_words
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.views.dialogs import Dialogs, FolderNames
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.wording import Pace, counted, time_left
from desktop_client.gui.worker import StartEvents, Worker, Workers
from desktop_client.labelling.gathering import FilesSeen
from desktop_client.labelling.importing import (
    FilesFound,
    ImageImported,
    ImageRefused,
    ImportFinished,
    import_folder,
    import_paths,
)
from desktop_client.labelling.restoring import import_csv
from desktop_client.labelling.sample import Sample

REDRAW_MS = 100
"""Imported images are shown in batches; one by one, Qt would lay out the grid for each."""


@dataclass(frozen=True, slots=True)
class SubfoldersFound:
    """The folder was looked at; its subfolders' names may be labels."""

    folder: Path
    names: tuple[str, ...]


class ImportController(QObject):
    """Runs at most one import at a time."""

    problem_met = Signal(str)
    finished = Signal(str)
    """What was imported, as a sentence."""
    stored = Signal()
    """Classes, scanners or labels may be other than before."""
    folder_opened = Signal(Path)

    def __init__(
        self,
        page: ImagesPage,
        model: SampleModel,
        workers: Workers,
        dialogs: Dialogs,
        store_path: Path,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._model = model
        self._workers = workers
        self._dialogs = dialogs
        self._store_path = store_path
        self._worker: Worker | None = None
        self._looked_at: SubfoldersFound | None = None
        self._is_cancelled = False
        self._arrived: list[Sample] = []
        self._refused: list[str] = []
        self._seen = (0, 0)
        self._pace = Pace()
        self.last_folder: Path | None = None
        self._redraw = QTimer(self, interval=REDRAW_MS)
        self._redraw.timeout.connect(self.on_redraw_timeout)
        page.folder_asked.connect(self.on_page_folder_asked)
        page.table_asked.connect(self.on_page_table_asked)
        page.paths_dropped.connect(self.on_page_paths_dropped)
        page.import_bar.cancel_asked.connect(self.on_bar_cancel_asked)

    @property
    def is_running(self) -> bool:
        """Whether an import is going on."""
        return self._worker is not None

    def on_page_folder_asked(self) -> None:
        """Ask for a folder and open it."""
        folder = self._dialogs.pick_folder(self.last_folder)
        if folder is not None:
            self.open_folder(folder)

    def on_page_table_asked(self) -> None:
        """Ask for a table and import it."""
        path = self._dialogs.pick_table(self.last_folder)
        if path is not None:
            self.import_table(path)

    def ask_for_files(self) -> None:
        """Ask for single images and open them."""
        paths = self._dialogs.pick_files(self.last_folder)
        if paths:
            self.open_paths(paths)

    def ask_for_dicomdir(self) -> None:
        """Ask for the list of files on a disc and open them."""
        path = self._dialogs.pick_dicomdir(self.last_folder)
        if path is not None:
            self.open_paths([path])

    def on_page_paths_dropped(self, paths: list[Path]) -> None:
        """Open what was dropped: a folder, a table, or any number of folders and images."""
        first = paths[0]
        if len(paths) == 1 and first.is_dir():
            self.open_folder(first)
        elif len(paths) == 1 and first.suffix.lower() in {".csv", ".tsv", ".txt"}:
            self.import_table(first)
        else:
            self.open_paths(paths)

    def open_folder(self, folder: Path) -> None:
        """Import a folder, after asking what the names of its subfolders mean."""
        self.last_folder = folder
        self._run(partial(look_for_subfolders, folder))

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Import any folders, images and DICOMDIRs, without labels."""
        self._run(partial(import_paths, self._store_path, tuple(paths)))

    def import_table(self, path: Path) -> None:
        """Import the images and labels that a CSV table lists."""
        self._run(partial(import_csv, self._store_path, path))

    def on_bar_cancel_asked(self) -> None:
        """Stop the import; what was imported stays."""
        self._is_cancelled = True
        if self._worker is not None:
            self._worker.requestInterruption()

    def on_worker_event_emitted(self, event: object) -> None:
        """Note what happened; the screen follows in batches."""
        match event:
            case SubfoldersFound():
                self._looked_at = event
            case FilesSeen(count):
                self._page.import_bar.show_found(count)
            case FilesFound(count):
                self._seen = (0, count)
            case ImageImported(sample, done_count, total_count):
                self._arrived.append(sample)
                self._seen = (done_count, total_count)
            case ImageRefused(path, reason, done_count, total_count):
                self._refused.append(f"{path}\t{file_words(reason)}")
                self._seen = (done_count, total_count)
            case ImportFinished():
                self.finished.emit(self._summary(event))

    def on_worker_cancelled(self) -> None:
        """Say that what was imported stays."""
        self._looked_at = None
        self.finished.emit(
            self.tr("The import was cancelled; the images imported so far are kept.")
        )

    def on_redraw_timeout(self) -> None:
        """Show what arrived since the last time."""
        if self._arrived:
            self._model.put(self._arrived)
            self._arrived = []
            self._page.show_progress(*self._counts())
        done_count, total_count = self._seen
        if total_count:
            left = time_left(self._pace.seconds_left(done_count, total_count))
            self._page.import_bar.show_progress(done_count, total_count, left)

    def on_worker_finished(self) -> None:
        """Show everything that was imported."""
        self._worker = None
        looked_at, self._looked_at = self._looked_at, None
        if looked_at is not None:
            if self._is_cancelled:  # too late for the worker to notice
                self.on_worker_cancelled()
            else:
                self._begin_folder(looked_at)
                return
        self._redraw.stop()
        self.on_redraw_timeout()
        self._page.import_bar.hide()
        self._page.skipped.show_lines(self._refused)
        self.stored.emit()

    def _begin_folder(self, found: SubfoldersFound) -> None:
        answer = FolderNames.NOTHING
        if found.names:
            answer = self._dialogs.ask_folder_names(found.folder, found.names)
        if answer is FolderNames.CANCELLED:
            self._redraw.stop()
            self._page.import_bar.hide()
            return
        self.folder_opened.emit(found.folder)
        is_labelled = answer is FolderNames.LABELS
        self._start(
            partial(import_folder, self._store_path, found.folder, labels_from_folders=is_labelled)
        )

    def _run(self, start_events: StartEvents) -> None:
        if self.is_running:
            self.problem_met.emit(
                self.tr("An import is still running; cancel it or wait until it is done.")
            )
            return
        self._refused, self._arrived, self._seen, self._pace = [], [], (0, 0), Pace()
        self._is_cancelled = False
        self._page.import_bar.begin()
        self._redraw.start()
        self._start(start_events)

    def _start(self, start_events: StartEvents) -> None:
        self._worker = Worker(start_events)
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.problem_met)
        self._worker.cancelled.connect(self.on_worker_cancelled)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def _counts(self) -> tuple[int, int]:
        samples = self._model.samples
        return sum(sample.class_id is not None for sample in samples), len(samples)

    def _summary(self, done: ImportFinished) -> str:
        if done.imported_count + done.duplicate_count + done.refused_count == 0:
            return self.tr("There are no images in this folder.")
        parts = [counted(done.imported_count, self.tr("image"), self.tr("images"))]
        if done.labelled_count:
            parts.append(counted(done.labelled_count, self.tr("label"), self.tr("labels")))
        if done.duplicate_count:
            known = (self.tr("image already known"), self.tr("images already known"))
            parts.append(counted(done.duplicate_count, *known))
        if done.refused_count:
            parts.append(self.tr("{0} skipped").format(f"{done.refused_count:,}"))
        words = self.tr("Imported {0}.").format(", ".join(parts))
        if done.look_alike_count:
            words += " " + self.tr(
                "{0} like others; see “Find duplicates” in the menu “File”."
            ).format(
                counted(done.look_alike_count, self.tr("new one looks"), self.tr("new ones look"))
            )
        return words


def look_for_subfolders(folder: Path) -> Generator[SubfoldersFound]:
    """Yield the names of the folder's subfolders; may take long on a network drive.

    Raises:
        ImageUnreadableError: if the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            names = sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))
    except OSError as error:
        reason = error.strerror or "the disk does not answer"
        raise ImageUnreadableError(folder, reason) from error
    yield SubfoldersFound(folder, tuple(names))
