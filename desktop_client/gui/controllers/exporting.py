"""File > Export labels: asks how, writes the table beside the window, says where it lies."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_client.gui.models.sample_model import SampleModel, ShownSamples
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.export_dialogs import ExportLabelsDialog, Which
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.wording import counted
from desktop_client.gui.worker import Worker, Workers
from desktop_client.labelling.exporting import (
    LabelExport,
    LabelsExported,
    RowsCollected,
    export_labels,
)


class ChosenImages:
    """The images of the page that an export can be of."""

    def __init__(self, page: ImagesPage, model: SampleModel) -> None:
        self._page = page
        self._model = model

    def counts(self) -> dict[Which, int]:
        """Return how many images each choice has."""
        return {
            Which.ALL: self._model.rowCount(),
            Which.SHOWN: self._page.grid.model().rowCount(),
            Which.SELECTED: len(self._page.grid.selectedIndexes()),
        }

    def ids(self, which: Which) -> frozenset[str] | None:
        """Return the images of a choice; None for all."""
        if which is Which.ALL:
            return None
        if which is Which.SELECTED:
            return frozenset(s.sample_id for s in self._page.grid.selected_samples())
        shown = self._page.grid.model()
        assert isinstance(shown, ShownSamples)  # noqa: S101  our own invariant
        return frozenset(shown.sample_at(row).sample_id for row in range(shown.rowCount()))


class ExportController(QObject):
    """Writes at most one table at a time."""

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
        self._chosen = ChosenImages(page, model)
        self._workers = workers
        self._dialogs = dialogs
        self._store_path = store_path
        self._worker: Worker | None = None
        self._window: ExportWindow | None = None
        self._last_folder: Path | None = None
        self.reader_name: Callable[[], str] = str
        """Returns who is recorded with the export."""

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {"export_labels": self.ask}

    def ask(self) -> None:
        """Ask which labels to export and how."""
        counts = self._chosen.counts()
        if self._worker is not None:
            self.problem_met.emit(self.tr("Labels are being exported; wait until that is done."))
        elif not counts[Which.ALL]:
            self.problem_met.emit(self.tr("There are no images yet; open a folder first."))
        else:
            dialog = ExportLabelsDialog(self._page.window(), counts)
            dialog.accepted.connect(lambda: self._begin(dialog))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def on_worker_event_emitted(self, event: object) -> None:
        """Show how far it is, or that it is done."""
        assert self._window is not None  # noqa: S101  made before the worker
        match event:
            case RowsCollected(done_count, total_count):
                words = self.tr("Image {0} of {1}").format(f"{done_count:,}", f"{total_count:,}")
                self._window.show_progress(words, done_count, total_count)
            case LabelsExported(path, row_count, labelled_count):
                images = counted(row_count, self.tr("image"), self.tr("images"))
                words = self.tr("{0} holds {1}, {2} of them labelled.")
                self._window.finish(
                    words.format(path.name, images, f"{labelled_count:,}"), path.parent
                )

    def on_worker_failed(self, sentence: str) -> None:
        """Say why there is no table."""
        assert self._window is not None  # noqa: S101  made before the worker
        self._window.finish(sentence, None)

    def on_worker_cancelled(self) -> None:
        """Say that nothing was written."""
        self.on_worker_failed(self.tr("The export was cancelled; nothing was written."))

    def on_worker_finished(self) -> None:
        """Be ready for the next one."""
        self._worker = None

    def _begin(self, dialog: ExportLabelsDialog) -> None:
        path = self._dialogs.pick_new_table(self._last_folder)
        if path is None:
            return
        self._last_folder = path.parent
        export = LabelExport(
            path if path.suffix else path.with_suffix(".csv"),
            self._chosen.ids(dialog.which.chosen),
            dialog.paths,
            dialog.is_for_excel,
            dialog.delimiter,
            self.reader_name(),
        )
        self._window = ExportWindow(self._page.window(), self.tr("Export labels"))
        self._window.finished.connect(self._window.deleteLater)
        self._worker = Worker(partial(export_labels, self._store_path, export))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.cancelled.connect(self.on_worker_cancelled)
        self._worker.finished.connect(self.on_worker_finished)
        self._window.cancel_asked.connect(self._worker.requestInterruption)
        self._window.begin(self.tr("Collecting labels …"))
        self._workers.start(self._worker)
