"""What stands behind the images: files that moved, files that are twice, series of files."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_client.gui.controllers.duplicates import DuplicatesController
from desktop_client.gui.controllers.relinking import RelinkingController
from desktop_client.gui.controllers.series import SeriesController
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.worker import Workers
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home


class FilingController(QObject):
    """Holds the three together."""

    problem_met = Signal(str)
    finished = Signal(str)
    """What was found or selected, as a sentence."""
    stored = Signal()
    """Images have other paths than before."""

    def __init__(self, page: ImagesPage, workers: Workers, dialogs: Dialogs, home: Home) -> None:
        super().__init__(page)
        self.relinking = RelinkingController(page, workers, dialogs, home.labels_path)
        self.duplicates = DuplicatesController(
            page, workers, home.labels_path, home.thumbnails_path
        )
        self.series = SeriesController(page.grid)
        for part in (self.relinking, self.duplicates, self.series):
            part.problem_met.connect(self.problem_met)
            part.finished.connect(self.finished)
        self.relinking.stored.connect(self.stored)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return self.relinking.commands() | self.duplicates.commands() | self.series.commands()

    def use_store(self, store: LabelStore) -> None:
        """Work with this store, opened in this thread, and look whether all files are there."""
        self.series.use_store(store)
        self.relinking.check()
