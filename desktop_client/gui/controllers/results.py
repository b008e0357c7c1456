"""The reports on models trained here: whether there are any, and the window that shows them."""

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import QualityReportError
from desktop_client.gui.views.results_dialog import ResultsDialog
from desktop_client.gui.views.training_page import TrainingPage
from desktop_client.training.quality import QualityReport, load_quality, quality_paths

logger = logging.getLogger(__name__)


class ResultsController(QObject):
    """Reads the reports anew whenever somebody wants to see them."""

    image_asked = Signal(str)

    def __init__(self, page: TrainingPage, folder: Path) -> None:
        super().__init__(page)
        self._page = page
        self._folder = folder
        page.results_asked.connect(self.on_page_results_asked)

    def look(self) -> None:
        """Offer the reports if there are any."""
        self._page.show_has_results(bool(quality_paths(self._folder)))

    def on_page_results_asked(self) -> None:
        """Show all reports that can be read, the newest first."""
        reports = self._readable()
        if not reports:
            self._page.show_status(self.tr("There is no report that can be read."), "warning")
            return
        dialog = ResultsDialog(self._page, self._page.colours, reports)
        dialog.image_asked.connect(self.image_asked)
        dialog.open()

    def _readable(self) -> list[QualityReport]:
        reports = []
        for path in quality_paths(self._folder):
            try:
                reports.append(load_quality(path))
            except QualityReportError as error:
                logger.warning("A report is left out: %s", error)
        return reports
