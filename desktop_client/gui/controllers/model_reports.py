"""Reports, cards and exports of models: asks how, writes beside the window, says where it lies."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.gui.views.model_report_dialog import ModelReportDialog
from desktop_client.gui.worker import Worker, Workers
from desktop_client.paths import Home
from desktop_client.reporting.request import (
    CardRequest,
    CardWritten,
    ReportAdvanced,
    ReportRequest,
    ReportWritten,
    card_path_of,
)
from desktop_client.training.events import ModelExported
from desktop_client.training.process import in_child_process
from desktop_client.training.quality import QualityReport
from desktop_client.training.request import OnnxExportRequest

WRITE_REPORT: Final = "desktop_client.reporting.writing:write_report"
WRITE_CARD: Final = "desktop_client.reporting.writing:write_card"
EXPORT: Final = "desktop_client.reporting.exporting:export_with_card"


class ModelReportController(QObject):
    """Writes at most one file at a time."""

    def __init__(
        self, parent: QWidget, workers: Workers, dialogs: Dialogs, home: Home, slot: ComputeSlot
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._workers = workers
        self._dialogs = dialogs
        self._home = home
        self._slot = slot
        self._worker: Worker | None = None
        self._window: ExportWindow | None = None
        self._holds_slot = False
        self._last_folder: Path | None = None

    @property
    def is_running(self) -> bool:
        """Whether something is being written."""
        return self._worker is not None

    def ask_report(
        self, above: QWidget, model_path: Path, quality: QualityReport, sensitivity: float
    ) -> None:
        """Ask how a report is to be written, in front of a window, and write it."""
        if self.is_running:
            return
        dialog = ModelReportDialog(above, len(quality.wrongest))
        dialog.accepted.connect(lambda: self._begin_report(dialog, model_path, sensitivity))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask_card(self, model_path: Path) -> None:
        """Ask where a card is to lie, and write it."""
        path = None if self.is_running else self._dialogs.pick_new_card(card_path_of(model_path))
        if path is not None:
            request = CardRequest(model_path, path, self._home.path)
            self._run(self.tr("Save model card"), WRITE_CARD, request)

    def ask_export(self, model_path: Path) -> None:
        """Ask where a model is to lie for other programs, and write it."""
        proposed = (self._last_folder or Path.home()) / f"{model_path.stem}.onnx"
        path = None if self.is_running else self._dialogs.pick_new_onnx(proposed)
        if path is None:
            return
        self._last_folder = path.parent
        request = OnnxExportRequest(model_path, path if path.suffix else path.with_suffix(".onnx"))
        self._run(self.tr("Export for other programs"), EXPORT, request, self.tr("an export"))

    def on_worker_event_emitted(self, event: object) -> None:
        """Show how far it is, or that it is done."""
        assert self._window is not None  # noqa: S101  made before the worker
        match event:
            case ReportAdvanced(done_count, total_count):
                self._window.show_progress(self.tr("Writing …"), done_count, total_count)
            case ReportWritten(path, picture_count):
                words = self.tr("{0} is written.").format(path.name)
                if picture_count:
                    words += "\n" + self.tr("It holds {0} pictures: it is patient data.").format(
                        picture_count
                    )
                self._window.finish(words, path.parent, opens=path)
            case CardWritten(path):
                words = self.tr("Its model card lies beside it: {0}").format(path.name)
                self._window.finish(f"{self._window.sentence}\n{words}", path.parent)
            case ModelExported(path=path):
                words = self.tr(
                    "{0} is written. Programs that read ONNX can use it; its metadata says how "
                    "images must be prepared. Research use only."
                )
                self._window.finish(words.format(path.name), path.parent)

    def on_worker_failed(self, sentence: str) -> None:
        """Say why there is nothing."""
        assert self._window is not None  # noqa: S101  made before the worker
        self._window.finish(sentence, None)

    def on_worker_cancelled(self) -> None:
        """Say that nothing was written."""
        self.on_worker_failed(self.tr("That was cancelled; nothing was written."))

    def on_worker_finished(self) -> None:
        """Be ready for the next one."""
        self._worker = None
        if self._holds_slot:
            self._slot.release()
            self._holds_slot = False

    def _begin_report(
        self, dialog: ModelReportDialog, model_path: Path, sensitivity: float
    ) -> None:
        path = self._dialogs.pick_new_report(dialog.suffix, self._last_folder)
        if path is None:
            return
        self._last_folder = path.parent
        if not path.suffix:
            path = path.with_suffix(dialog.suffix)
        request = ReportRequest(
            model_path, path, self._home.path, sensitivity, has_pictures=dialog.has_pictures
        )
        slot_for = self.tr("a report") if dialog.has_pictures else ""
        self._run(self.tr("Save report"), WRITE_REPORT, request, slot_for)

    def _run(self, title: str, function: str, request: object, slot_for: str = "") -> None:
        """Begin to write; ``slot_for`` says in words what computes for it, if anything does."""
        self._window = ExportWindow(self._parent.window(), title)
        self._window.finished.connect(self._window.deleteLater)
        if slot_for and not self._slot.take(slot_for):
            busy = self.tr("This computer is busy with {0}; stop that first.")
            self._window.finish(busy.format(self._slot.holder), None)
            return
        self._holds_slot = bool(slot_for)
        self._worker = Worker(partial(in_child_process, function, request))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.cancelled.connect(self.on_worker_cancelled)
        self._worker.finished.connect(self.on_worker_finished)
        self._window.cancel_asked.connect(self._worker.requestInterruption)
        self._window.begin(self.tr("Writing …"))
        self._workers.start(self._worker)
