"""Readers > Check and Export audit trail: reads it beside the window and says what was found."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.gui.worker import StartEvents, Worker, Workers
from desktop_client.labelling.auditing import (
    AuditTrailExported,
    AuditTrailWhole,
    EntriesSeen,
    check_audit_trail,
    export_audit_trail,
)


class AuditController(QObject):
    """Does one thing with the trail at a time."""

    problem_met = Signal(str)

    def __init__(self, page: QWidget, workers: Workers, dialogs: Dialogs, store_path: Path) -> None:
        super().__init__(page)
        self._page = page
        self._workers = workers
        self._dialogs = dialogs
        self._store_path = store_path
        self._worker: Worker | None = None
        self._report: ExportWindow | None = None

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {"audit_check": self.check, "audit_export": self.export}

    def check(self) -> None:
        """Check that no act was altered or taken out."""
        self._begin(self.tr("Check audit trail"), partial(check_audit_trail, self._store_path))

    def export(self) -> None:
        """Ask where to write the trail, and write it."""
        path = None if self._worker else self._dialogs.pick_new_audit_trail()
        if path is not None:
            output = path if path.suffix else path.with_suffix(".csv")
            start = partial(export_audit_trail, self._store_path, output)
            self._begin(self.tr("Export audit trail"), start)

    def on_worker_event_emitted(self, event: object) -> None:
        """Show how far it is, or what was found."""
        assert self._report is not None  # noqa: S101  made before the worker
        match event:
            case EntriesSeen(done_count, total_count):
                words = self.tr("Entry {0} of {1}").format(f"{done_count:,}", f"{total_count:,}")
                self._report.show_progress(words, done_count, total_count)
            case AuditTrailWhole(entry_count, digest):
                words = self.tr(
                    "The audit trail is whole: {0} entries. Keep this elsewhere, to notice if its "
                    "end is cut off:\n{1} {2}"
                )
                self._report.finish(words.format(f"{entry_count:,}", entry_count, digest), None)
            case AuditTrailExported(path, entry_count):
                words = self.tr("{0} holds {1} entries of the audit trail.")
                self._report.finish(words.format(path.name, f"{entry_count:,}"), path.parent)

    def on_worker_failed(self, sentence: str) -> None:
        """Say what is wrong."""
        assert self._report is not None  # noqa: S101  made before the worker
        self._report.finish(sentence, None)

    def on_worker_cancelled(self) -> None:
        """Say that it was not carried out."""
        self.on_worker_failed(self.tr("Cancelled before the end; nothing was changed."))

    def on_worker_finished(self) -> None:
        """Be ready for the next one."""
        self._worker = None

    def _begin(self, title: str, start: StartEvents) -> None:
        if self._worker is not None:
            self.problem_met.emit(self.tr("The audit trail is being read; wait for that."))
            return
        self._report = ExportWindow(self._page.window(), title)
        self._report.finished.connect(self._report.deleteLater)
        self._worker = Worker(start)
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.cancelled.connect(self.on_worker_cancelled)
        self._worker.finished.connect(self.on_worker_finished)
        self._report.cancel_asked.connect(self._worker.requestInterruption)
        self._report.begin(self.tr("Reading the audit trail …"))
        self._workers.start(self._worker)
