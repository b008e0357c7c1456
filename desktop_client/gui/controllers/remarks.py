"""Exclusions and notes: what is said about images beside their label."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import LabelStoreError
from desktop_client.gui.controllers.labelling import LabellingController
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore


class RemarksController(QObject):
    """Excludes images, takes them in again and keeps notes; shows both of the current image."""

    problem_met = Signal(str)

    def __init__(
        self,
        page: ImagesPage,
        model: SampleModel,
        dialogs: Dialogs,
        labelling: LabellingController,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._model = model
        self._dialogs = dialogs
        self._labelling = labelling
        self._store: LabelStore | None = None
        page.grid.current_changed.connect(self.on_grid_current_changed)
        page.classes.exclusion_asked.connect(self.exclude)
        page.classes.note_asked.connect(self.note)
        labelling.labels_changed.connect(self.on_labels_changed)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {"exclude": self.exclude, "note": self.note}

    def use_store(self, store: LabelStore) -> None:
        """Work with this store, opened in this thread."""
        self._store = store

    def exclude(self) -> None:
        """Exclude the selected images and ask why, or take them in again if all are excluded."""
        samples = self._chosen()
        if not samples:
            return
        reason = None
        if any(sample.exclusion is None for sample in samples):
            reason = self._dialogs.ask_exclusion_reason(len(samples))
            if reason is None:
                return
        self._write(samples, lambda store, ids, who: store.exclude(ids, reason, who))

    def exclude_as(self, sample_ids: list[str], reason: str) -> bool:
        """Exclude these images for a reason that is known; return whether that was done."""
        if not self._may_remark():
            return False
        samples = [self._model.sample(sample_id) for sample_id in sample_ids]
        return self._write(samples, lambda store, ids, who: store.exclude(ids, reason, who))

    def note(self) -> None:
        """Ask for a note on the selected images."""
        samples = self._chosen()
        if not samples:
            return
        notes = {sample.note for sample in samples}
        words = self._dialogs.ask_note(len(samples), notes.pop() if len(notes) == 1 else "")
        if words is not None:
            self._write(samples, lambda store, ids, who: store.note(ids, words, who))

    def on_grid_current_changed(self, sample: Sample | None) -> None:
        """Show what is said about the current image."""
        self._page.classes.show_remarks(sample, may_remark=self._labelling.is_ordinary)

    def on_labels_changed(self) -> None:
        """Show what is said about the current image by now."""
        self.on_grid_current_changed(self._page.grid.current_sample())

    def _chosen(self) -> list[Sample]:
        """Return the selected images if something may be said about them now."""
        samples = self._page.grid.selected_samples()
        if not samples and self._labelling.is_ordinary:
            self.problem_met.emit(self.tr("Choose the images first."))
            return []
        return samples if self._may_remark() else []

    def _may_remark(self) -> bool:
        if not self._labelling.is_ordinary:
            self.problem_met.emit(
                self.tr("Exclusions and notes wait until the second reading or settling has ended.")
            )
            return False
        return self._labelling.may_record()

    def _write(
        self, samples: list[Sample], write: Callable[[LabelStore, list[str], str], None]
    ) -> bool:
        if self._store is None:
            return False
        ids = [sample.sample_id for sample in samples]
        try:
            write(self._store, ids, self._labelling.reader_name)
        except LabelStoreError as error:
            self.problem_met.emit(str(error))
            return False
        self._labelling.show_again(ids)
        return True
