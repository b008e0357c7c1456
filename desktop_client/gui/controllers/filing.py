"""What stands behind the images: files that moved, are twice, were skipped; series of files."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import ExportError
from desktop_client.gui.controllers.duplicates import DuplicatesController
from desktop_client.gui.controllers.relinking import RelinkingController
from desktop_client.gui.controllers.series import SeriesController
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.worker import Workers
from desktop_client.labelling.skipped import write_skipped
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home


class FilingController(QObject):
    """Holds the three together, and shows which files are missing."""

    problem_met = Signal(str)
    finished = Signal(str)
    """What was found or selected, as a sentence."""
    stored = Signal()
    """Images have other paths than before."""

    def __init__(
        self,
        page: ImagesPage,
        model: SampleModel,
        workers: Workers,
        dialogs: Dialogs,
        home: Home,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._dialogs = dialogs
        self._model = model
        self._store: LabelStore | None = None
        self.relinking = RelinkingController(page, workers, dialogs, home.labels_path)
        self.duplicates = DuplicatesController(
            page, workers, home.labels_path, home.thumbnails_path
        )
        self.series = SeriesController(page.grid)
        for part in (self.relinking, self.duplicates, self.series):
            part.problem_met.connect(self.problem_met)
            part.finished.connect(self.finished)
        self.relinking.stored.connect(self.stored)
        self.relinking.checked.connect(self.show_missing)
        page.skipped.save_asked.connect(self.on_skipped_save_asked)
        model.modelReset.connect(self.show_missing)  # files may have been imported anew

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return self.relinking.commands() | self.duplicates.commands() | self.series.commands()

    def use_store(self, store: LabelStore) -> None:
        """Work with this store, opened in this thread, and look whether all files are there."""
        self._store = store
        self.series.use_store(store)
        self.show_missing()
        self.relinking.check()

    def leave_store(self) -> None:
        """Ask nothing of a store that is about to be closed."""
        self._store = None

    def on_skipped_save_asked(self, lines: list[str]) -> None:
        """Ask where to, and write the list of skipped files there."""
        path = self._dialogs.pick_new_skipped_list(self.relinking.last_folder)
        if path is None:
            return
        try:
            write_skipped(path, lines)
        except ExportError as error:
            self.problem_met.emit(str(error))
        else:
            self.finished.emit(self.tr("The list was saved as {0}.").format(path.name))

    def show_missing(self) -> None:
        """Mark the images whose files are missing, and offer to show only these."""
        if self._store is not None:
            missing = frozenset(self._store.provenance.missing())
            self._model.set_missing(missing)
            self._page.sight.show_missing(bool(missing))
