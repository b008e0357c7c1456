"""File > Export de-identified copy: asks, has a person look at what may hold a name, copies."""

from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from desktop_client.gui.controllers.exporting import ChosenImages
from desktop_client.gui.file_words import file_words
from desktop_client.gui.models.image_loader import ImageLoaded, ImageLoader
from desktop_client.gui.models.pictures import to_qimage
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.export_dialogs import ExportCopiesDialog, Which
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.views.review_dialog import ReviewDialog, ToReview
from desktop_client.gui.wording import Pace, counted, time_left
from desktop_client.gui.worker import StartEvents, Worker, Workers
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.imaging.deidentify.policy import Policy
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.rendering import default_window, lookup_table
from desktop_client.labelling.copying import (
    CopiesFinished,
    CopyEvent,
    CopyExport,
    FileCopied,
    FileLookedAt,
    FileWithheld,
    export_copies,
    look_for_text,
    prepare_folder,
)
from desktop_client.labelling.sample import Sample


class CopyController(QObject):
    """Runs at most one export of copies: look, ask, copy."""

    problem_met = Signal(str)

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
        self._chosen = ChosenImages(page, model)
        self._workers = workers
        self._dialogs = dialogs
        self._store_path = store_path
        self._images = ImageLoader(workers, self)
        self._images.loaded.connect(self.on_images_loaded)
        self._palette: Palette | None = None
        self._worker: Worker | None = None
        self._window: ExportWindow | None = None
        self._review: ReviewDialog | None = None
        self._export: CopyExport | None = None
        self._found: list[FileLookedAt] = []
        self._left_out: list[str] = []
        self._copied_count = 0
        self._pace = Pace()
        self.reader_name: Callable[[], str] = str
        """Returns who is recorded with the export."""

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {"export_copies": self.ask}

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._palette = palette

    def ask(self) -> None:
        """Ask which images to copy and what the copies may say."""
        counts = self._chosen.counts()
        if self._export is not None:
            self.problem_met.emit(self.tr("Copies are being exported; wait until that is done."))
        elif not counts[Which.ALL]:
            self.problem_met.emit(self.tr("There are no images yet; open a folder first."))
        else:
            dialog = ExportCopiesDialog(self._page.window(), counts)
            dialog.accepted.connect(lambda: self._begin(dialog))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def on_looking_event_emitted(self, event: FileLookedAt | FileWithheld) -> None:
        """Note what a person must look at."""
        if isinstance(event, FileLookedAt) and event.suspicion is not None:
            self._found.append(event)
        words = self.tr("Looking for names written into images: {0} of {1}")
        self._show_progress(words, event.done_count, event.total_count)

    def on_looking_succeeded(self) -> None:
        """Ask a person about what was found, or copy at once if nothing was."""
        if not self._found:
            self._copy({})
            return
        assert self._window is not None  # noqa: S101  made before the worker
        assert self._palette is not None  # noqa: S101  set before anything is shown
        self._window.pause()
        items = [self._to_review(found) for found in self._found]
        self._review = review = ReviewDialog(self._page.window(), items, self._palette)
        review.image_asked.connect(self.on_review_image_asked)
        review.accepted.connect(lambda: self._copy(review.decisions))
        review.rejected.connect(self.on_looking_cancelled)
        review.finished.connect(self.on_review_finished)
        review.begin()

    def on_looking_cancelled(self) -> None:
        """Say that nothing was written."""
        self._end(self.tr("The export was cancelled; nothing was written."), None)

    def on_review_image_asked(self, path: Path) -> None:
        """Have the first of a file's chosen frames shown."""
        self._images.ask(self._samples_of(path)[0])

    def on_images_loaded(self, loaded: ImageLoaded) -> None:
        """Show the image if it is still the one under review."""
        review = self._review
        if review is None or loaded.sample_id != self._samples_of(review.path)[0].sample_id:
            return
        if loaded.image is None:
            review.show_image(
                None, self.tr("It cannot be shown: {0}").format(file_words(loaded.reason))
            )
        else:
            review.show_image(_picture(loaded.image.image))

    def on_review_finished(self) -> None:
        """Let go of the review's images."""
        if self._review is not None:
            self._review.deleteLater()
        self._review = None
        self._images.ask(None)

    def on_copying_event_emitted(self, event: CopyEvent) -> None:
        """Show how far it is, and the sums at the end."""
        match event:
            case FileWithheld(path, reason, done_count, total_count):
                self._left_out.append(f"{path.name}\t{file_words(reason)}")
                self._show_progress(self._copying_words(), done_count, total_count)
            case FileCopied(_, done_count, total_count):
                self._copied_count += 1
                self._show_progress(self._copying_words(), done_count, total_count)
            case CopiesFinished(folder, copied_count, _):
                files = counted(copied_count, self.tr("file"), self.tr("files"))
                words = self.tr("Exported {0}, with manifest.csv and README.txt.")
                self._end(words.format(files), folder)

    def on_copying_cancelled(self) -> None:
        """Say that what was copied is whole and stays."""
        assert self._export is not None  # noqa: S101  set while the export runs
        files = counted(self._copied_count, self.tr("file"), self.tr("files"))
        words = self.tr(
            "The export was cancelled. What was exported so far ({0}) is whole and listed in "
            "manifest.csv."
        )
        self._end(words.format(files), self._export.folder)

    def on_worker_failed(self, sentence: str) -> None:
        """Say why the export stopped."""
        self._end(sentence, None)

    def _begin(self, dialog: ExportCopiesDialog) -> None:
        folder = self._dialogs.pick_new_folder(None)
        if folder is None:
            return
        self._export = CopyExport(
            folder,
            self._chosen.ids(dialog.which.chosen),
            Policy(dialog.dates, dialog.keeps_scanner_model),
            reader=self.reader_name(),
        )
        self._found, self._left_out, self._copied_count = [], [], 0
        self._window = ExportWindow(self._page.window(), self.tr("Export a de-identified copy"))
        self._window.finished.connect(self._window.deleteLater)
        self._window.cancel_asked.connect(self.on_window_cancel_asked)
        start = partial(look_before_copying, self._store_path, self._export)
        worker = self._start(start, self.tr("Looking for names written into images …"))
        worker.event_emitted.connect(self.on_looking_event_emitted)
        worker.succeeded.connect(self.on_looking_succeeded)
        worker.cancelled.connect(self.on_looking_cancelled)
        self._workers.start(worker)

    def _copy(self, decisions: dict[Path, tuple[Area, ...]]) -> None:
        assert self._export is not None  # noqa: S101  set while the export runs
        export = self._export
        self._export = CopyExport(
            export.folder, export.sample_ids, export.policy, decisions, reader=export.reader
        )
        start = partial(export_copies, self._store_path, self._export)
        worker = self._start(start, self.tr("Copying …"))
        worker.event_emitted.connect(self.on_copying_event_emitted)
        worker.cancelled.connect(self.on_copying_cancelled)
        self._workers.start(worker)

    def _start(self, start_events: StartEvents, words: str) -> Worker:
        assert self._window is not None  # noqa: S101  made before the worker
        self._pace = Pace()
        self._worker = worker = Worker(start_events)
        worker.failed.connect(self.on_worker_failed)
        self._window.begin(words)
        return worker

    def on_window_cancel_asked(self) -> None:
        """Stop what is going on."""
        if self._worker is not None:
            self._worker.requestInterruption()

    def _end(self, sentence: str, folder: Path | None) -> None:
        self._export, self._worker = None, None
        if self._window is not None:
            self._window.finish(sentence, folder, self._left_out)

    def _show_progress(self, words: str, done_count: int, total_count: int) -> None:
        assert self._window is not None  # noqa: S101  made before the worker
        left = time_left(self._pace.seconds_left(done_count, total_count))
        said = words.format(f"{done_count:,}", f"{total_count:,}")
        self._window.show_progress(f"{said} · {left}" if left else said, done_count, total_count)

    def _copying_words(self) -> str:
        return self.tr("Copying file {0} of {1}")

    def _samples_of(self, path: Path) -> list[Sample]:
        return [sample for sample in self._model.samples if sample.path == path]

    def _to_review(self, found: FileLookedAt) -> ToReview:
        assert found.suspicion is not None  # noqa: S101  only such were kept
        samples = self._samples_of(found.path)
        suspicion = found.suspicion
        return ToReview(
            found.path, samples[0].title, suspicion.reason, suspicion.areas, len(samples)
        )


def look_before_copying(
    store_path: Path, export: CopyExport
) -> Generator[FileLookedAt | FileWithheld]:
    """Refuse a folder that cannot be used before anybody looks at a single image."""
    prepare_folder(export.folder, store_path.parent)
    yield from look_for_text(store_path, export.sample_ids)


def _picture(image: DecodedImage) -> QImage:
    """Return an image as the file wants it to be looked at."""
    table = lookup_table(image.scale, default_window(image), image.maximum)
    return to_qimage(table[image.pixels])
