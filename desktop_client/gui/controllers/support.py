"""Help with a problem: the log to look at, and a report to pass on."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from desktop_client.errors import SettingsError
from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.log_window import LogWindow
from desktop_client.gui.views.report_dialog import ReportDialog
from desktop_client.support.log import read_log
from desktop_client.support.report import ReportSource, make_report, save_report


class SupportController(QObject):
    """Belongs to a window; reads the log of the user, whichever project is open."""

    succeeded = Signal(str)

    def __init__(self, window: MainWindow, log_path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._log_path = log_path
        does: dict[str, Callable[[], object]] = {
            "view_log": self.show_log,
            "report_problem": self.report_problem,
        }
        for command_id, do in does.items():
            action = window.menus.actions[command_id]
            action.triggered.connect(lambda _checked, do=do: do())

    def show_log(self) -> None:
        """Show the log in a window beside the work."""
        LogWindow(read_log(self._log_path), self._window).show()

    def report_problem(self) -> None:
        """Show what a report would say."""
        dialog = ReportDialog(make_report(self._source()), self._window)
        dialog.save_asked.connect(lambda files: self._save(dialog, files))
        dialog.open()

    def _source(self) -> ReportSource:
        window = self._window
        progress = window.labelling.progress()
        counts = {}
        if progress is not None:
            counts = {
                "images": progress.total_count,
                "labelled": progress.labelled_count,
                "classes": len(progress.by_class),
            }
        return ReportSource(
            self._log_path,
            window.settings,
            window.home.path,
            window.reading.names(),
            counts,
        )

    def _save(self, dialog: ReportDialog, files: dict[str, str]) -> None:
        name = f"siteblind-report-{datetime.now().astimezone():%Y%m%d-%H%M}.zip"
        chosen, _ = QFileDialog.getSaveFileName(
            dialog, self.tr("Save the report"), str(Path.home() / name), "ZIP (*.zip)"
        )
        if not chosen:
            return
        try:
            save_report(Path(chosen), files)
        except SettingsError as error:
            self._window.dialogs.show_problem(str(error))
            return
        dialog.accept()
        self.succeeded.emit(self.tr("The report {0} is saved.").format(Path(chosen).name))
