"""The reports on models of this site: whether there are any, and the window that shows them."""

import logging
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import QualityReportError
from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.controllers.model_reports import ModelReportController
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.results_dialog import ResultsDialog
from desktop_client.gui.views.training_page import TrainingPage
from desktop_client.gui.worker import Workers
from desktop_client.paths import Home
from desktop_client.training.quality import (
    QUALITY_SUFFIX,
    QualityReport,
    load_quality,
    model_path_of,
    quality_paths,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Judged:
    model_path: Path
    report: QualityReport


class ResultsController(QObject):
    """Reads the reports anew whenever somebody wants to see them."""

    image_asked = Signal(str, Path)
    """Show this image, by its sample id, and where the model of this file looks in it."""

    def __init__(
        self, page: TrainingPage, workers: Workers, home: Home, slot: ComputeSlot, dialogs: Dialogs
    ) -> None:
        super().__init__(page)
        self._page = page
        self._home = home
        self._judged: list[_Judged] = []
        self._dialog: ResultsDialog | None = None
        self.reports = ModelReportController(page, workers, dialogs, home, slot)
        page.results_asked.connect(self.on_page_results_asked)
        page.shown.connect(self.look)  # a study may have ended meanwhile

    def look(self) -> None:
        """Offer the reports if there are any."""
        self._page.show_has_results(bool(self._paths()))

    def on_page_results_asked(self) -> None:
        """Show all reports that can be read, the newest first."""
        self._judged = self._readable()
        if not self._judged:
            self._page.show_status(self.tr("There is no report that can be read."), "warning")
            return
        reports = [judged.report for judged in self._judged]
        dialog = ResultsDialog(self._page, self._page.colours, reports)
        dialog.image_asked.connect(self.on_dialog_image_asked)
        dialog.report_asked.connect(self.on_dialog_report_asked)
        dialog.card_asked.connect(self.on_dialog_card_asked)
        dialog.export_asked.connect(self.on_dialog_export_asked)
        self._dialog = dialog
        dialog.open()

    def on_dialog_report_asked(self, place: int, sensitivity: float) -> None:
        """Write a report on one of the models that are shown."""
        judged, above = self._judged[place], self._dialog or self._page
        self.reports.ask_report(above, judged.model_path, judged.report, sensitivity)

    def on_dialog_card_asked(self, place: int) -> None:
        """Write the card of one of the models that are shown."""
        self.reports.ask_card(self._judged[place].model_path)

    def on_dialog_export_asked(self, place: int) -> None:
        """Write one of the models that are shown for other programs."""
        self.reports.ask_export(self._judged[place].model_path)

    def on_dialog_image_asked(self, sample_id: str, place: int) -> None:
        """Have an image shown that one of the models judged wrongly."""
        self.image_asked.emit(sample_id, self._judged[place].model_path)

    def _paths(self) -> list[Path]:
        """Return all that was measured of models trained here and of studies, left ones too."""
        of_studies = self._home.memberships_path.glob(f"*/*{QUALITY_SUFFIX}")
        return [*quality_paths(self._home.checkpoints_path), *of_studies]

    def _readable(self) -> list[_Judged]:
        judged = []
        for path in self._paths():
            try:
                judged.append(_Judged(model_path_of(path), load_quality(path)))
            except QualityReportError as error:
                logger.warning("A report is left out: %s", error)
        return sorted(judged, key=lambda one: one.report.made_at, reverse=True)
