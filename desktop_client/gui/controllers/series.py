"""Selecting what belongs together: the slices of a series, the frames of a file."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import LabelStoreError
from desktop_client.gui.views.thumbnail_grid import ThumbnailGrid
from desktop_client.gui.wording import counted
from desktop_client.labelling.store import LabelStore


class SeriesController(QObject):
    """Selects, so that the next key labels the whole."""

    problem_met = Signal(str)
    finished = Signal(str)
    """What is selected now, as a sentence."""

    def __init__(self, grid: ThumbnailGrid) -> None:
        super().__init__(grid)
        self._grid = grid
        self._store: LabelStore | None = None

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {"select_series": self.select_series}

    def use_store(self, store: LabelStore) -> None:
        """Work with this store, opened in this thread."""
        self._store = store

    def select_series(self) -> None:
        """Select the current image's series; without one, the frames of its file."""
        current = self._grid.current_sample()
        if self._store is None or current is None:
            return
        try:
            ids = self._store.provenance.same_series(current.sample_id)
            if len(ids) == 1:
                ids = self._store.provenance.same_file(current.sample_id)
        except LabelStoreError as error:
            self.problem_met.emit(str(error))
            return
        if len(ids) == 1:
            self.finished.emit(self.tr("This image belongs to no series."))
            return
        count = self._grid.select_samples(ids)
        images = counted(count, self.tr("image"), self.tr("images"))
        self.finished.emit(self.tr("The series is selected: {0}.").format(images))
