"""From a key or a click to a durable label: the store first, then what the screen shows."""

from collections.abc import Callable, Iterable
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from desktop_client.errors import LabelStoreError
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.labelling.desk import Desk, LabellingDesk
from desktop_client.labelling.sample import LesionClass
from desktop_client.labelling.store import LabelProgress, LabelStore


class LabellingController(QObject):
    """Writes labels and classes, and takes them back."""

    labels_changed = Signal()
    """Labels or classes are other than before; the store is ahead of the screen."""
    labelled = Signal(list)
    """The images of these identities were given a label, or lost it, by hand."""
    reader_missed = Signal()
    """Something is to be recorded, and nobody is signed in."""
    problem_met = Signal(str)

    def __init__(self, page: ImagesPage, model: SampleModel) -> None:
        super().__init__(page)
        self._page = page
        self._model = model
        self._store: LabelStore | None = None
        self._desk: Desk | None = None
        self._classes: list[LesionClass] = []
        self._reader_name = ""
        page.key_pressed.connect(self.on_page_key_pressed)
        page.remove_label_asked.connect(self.on_page_remove_label_asked)
        page.classes.class_chosen.connect(self.on_panel_class_chosen)
        page.classes.class_add_asked.connect(self.on_panel_class_add_asked)

    @property
    def classes(self) -> tuple[LesionClass, ...]:
        """The classes as shown."""
        return tuple(self._classes)

    @property
    def reader_name(self) -> str:
        """Who is recorded with each act; empty while nobody is signed in."""
        return self._reader_name

    @reader_name.setter
    def reader_name(self, name: str) -> None:
        self._reader_name = name
        self.use_desk(None)

    @property
    def is_ordinary(self) -> bool:
        """Whether labels are given as usual, not in a second reading nor to settle."""
        return isinstance(self._desk, LabellingDesk)

    def use_store(self, store: LabelStore) -> None:
        """Work with this store, opened in this thread, and show what is in it."""
        self._store = store
        self.use_desk(None)

    def leave_store(self) -> None:
        """Let go of the store; what workers still have to say changes nothing any more."""
        self._store = self._desk = None

    def use_desk(self, desk: Desk | None) -> None:
        """Show another desk's images and label there; None for the ordinary one."""
        if self._store is not None:
            self._desk = desk or LabellingDesk(self._store, self._reader_name)
            self._model.show_as(self._desk.seen)
            self.reload()

    def may_record(self) -> bool:
        """Return whether somebody is signed in, after asking for it if nobody is."""
        if not self._reader_name:
            self.reader_missed.emit()
        return bool(self._reader_name)

    def reload(self) -> None:
        """Show everything anew, for example after an import wrote to the store."""
        if self._store is None or self._desk is None:
            return
        current = self._page.grid.current_sample()
        self._model.set_domains(self._store.domains())
        self._model.set_classes(self._store.class_book.classes())
        self._model.suggestions.is_blind = not self.is_ordinary
        self._model.replace_all(self._desk.samples())
        self.refresh()
        if current is not None:  # whoever labels during an import stays where they are
            self._page.grid.go_to_sample(current.sample_id)

    def refresh(self) -> None:
        """Show classes, scanners and counts anew, and leave the images as they are."""
        if self._store is None or self._desk is None:
            return
        classes = self._store.class_book.classes()
        self._classes = [lesion for lesion in classes if not lesion.is_archived]
        self._model.set_domains(self._store.domains())
        self._model.set_classes(classes)
        progress = self._desk.progress()
        self._page.show_progress(progress.labelled_count, progress.total_count)
        self._page.classes.show_classes(self._classes, progress.by_class)
        self._page.sight.show_classes(self._classes)
        self.labels_changed.emit()

    def show_again(self, sample_ids: Iterable[str]) -> None:
        """Show these images as the store has them by now, and all counts."""
        if self._store is not None:
            self._model.put([self._store.sample(sample_id) for sample_id in sample_ids])
            self.refresh()

    def progress(self) -> LabelProgress | None:
        """Return how far labelling is, in the whole store; None before it is open."""
        return None if self._store is None else self._store.progress()

    def can_undo(self) -> bool:
        """Return whether there is a label to take back."""
        return self._desk is not None and self._desk.can_undo()

    def can_redo(self) -> bool:
        """Return whether there is a label to give again."""
        return self._desk is not None and self._desk.can_redo()

    def undo(self) -> None:
        """Take the last act back and go to its image."""
        if self._desk is not None and self._desk.can_undo() and self.may_record():
            self._show_changed(self._desk.undo)

    def redo(self) -> None:
        """Do again what was taken back last."""
        if self._desk is not None and self._desk.can_redo() and self.may_record():
            self._show_changed(self._desk.redo)

    def add_classes(self, names: Iterable[str]) -> None:
        """Add the classes that do not exist yet, for example those of a study."""
        known = {lesion_class.name.casefold() for lesion_class in self._classes}
        for name in names:
            if name.casefold() not in known:
                self.on_panel_class_add_asked(name)

    def on_page_key_pressed(self, key: str) -> None:
        """Give the selected images the class of this key."""
        for lesion_class in self._classes:
            if lesion_class.key == key:
                self.on_panel_class_chosen(lesion_class.class_id)
                return
        self.problem_met.emit(self.tr("No class has the key {0}; add one first.").format(key))

    def accept_suggestions(self, sample_ids: list[str]) -> None:
        """Take what the model suggests for these images over as the reader's own labels."""
        if self._store is None or not self.is_ordinary or not self.may_record():
            return
        try:
            accepted = self._store.accept_suggestions(sample_ids, self._reader_name)
        except LabelStoreError as error:
            self.problem_met.emit(str(error))
            return
        self._show_labelled(accepted)

    def on_page_remove_label_asked(self) -> None:
        """Take the selected images' labels away."""
        self.on_panel_class_chosen(None)

    def on_panel_class_chosen(self, class_id: UUID | None) -> None:
        """Give the selected images this class, or none."""
        samples = self._page.grid.selected_samples()
        if not samples:
            self.problem_met.emit(self.tr("Choose the images to label first."))
            return
        if not self.may_record() or self._desk is None:
            return
        ids = [sample.sample_id for sample in samples]
        try:
            self._desk.label(ids, class_id)
        except LabelStoreError as error:
            self.problem_met.emit(str(error))
            return
        self._show_labelled(ids)

    def on_panel_class_add_asked(self, name: str) -> None:
        """Add a class; its key and colour are the next free ones."""
        if self._store is None or not self.may_record():
            return
        try:
            self._store.add_class(name, reader=self._reader_name)
        except LabelStoreError as error:
            self._page.classes.show_problem(str(error))
            return
        self._page.classes.clear_line()
        self.refresh()

    def _show_labelled(self, sample_ids: list[str]) -> None:
        self.show_again(sample_ids)
        if sample_ids:
            self.labelled.emit(sample_ids)

    def _show_changed(self, change: Callable[[], list[str]]) -> None:
        try:
            sample_ids = change()
        except LabelStoreError as error:
            self.problem_met.emit(str(error))
            return
        self.show_again(sample_ids)
        if sample_ids:
            self._page.grid.go_to_sample(sample_ids[0])
