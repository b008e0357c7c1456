"""Edits the lesion classes: the store first, then what the editor and the page show."""

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QObject

from desktop_client.errors import LabelStoreError
from desktop_client.gui.controllers.labelling import LabellingController
from desktop_client.gui.views.class_editor import ClassEditor
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.wording import counted
from desktop_client.labelling.sample import LesionClass
from desktop_client.labelling.store import LabelStore


class ClassesController(QObject):
    """Opens the editor and carries out what it asks for."""

    def __init__(self, page: ImagesPage, dialogs: Dialogs, labelling: LabellingController) -> None:
        super().__init__(page)
        self._page = page
        self._dialogs = dialogs
        self._labelling = labelling
        self._store: LabelStore | None = None
        self._editor: ClassEditor | None = None
        page.classes.class_edit_asked.connect(self.edit)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {"edit_classes": self.edit}

    def use_store(self, store: LabelStore) -> None:
        """Work with this store, opened in this thread."""
        self._store = store

    def edit(self, chosen: LesionClass | None = None) -> None:
        """Open the editor, at one class if one is chosen."""
        if self._store is None or not self._labelling.may_record():
            return
        self._editor = editor = ClassEditor(self._page.window())
        editor.change_asked.connect(self.on_editor_change_asked)
        editor.order_asked.connect(self.on_editor_order_asked)
        editor.merge_asked.connect(self.on_editor_merge_asked)
        editor.remove_asked.connect(self.on_editor_remove_asked)
        editor.finished.connect(self.on_editor_finished)
        self._show(chosen.class_id if chosen else None)
        editor.open()

    def on_editor_change_asked(self, changed: LesionClass) -> None:
        """Change a class; put one aside only after asking if images have it."""
        before = self._known(changed.class_id)
        if changed.is_archived and not before.is_archived and not self._may_archive(before):
            return
        self._carry_out(lambda store, who: store.class_book.change(changed, who))

    def on_editor_order_asked(self, class_ids: list[UUID]) -> None:
        """Show the classes in another order."""
        self._carry_out(lambda store, who: store.class_book.order(class_ids, who))

    def on_editor_merge_asked(self, merged: LesionClass, target: LesionClass) -> None:
        """Turn one class into another after asking."""
        if self._dialogs.confirm(
            self.tr("Turn every “{0}” into “{1}”?").format(merged.name, target.name),
            self.tr(
                "All labels and second reads change their class at once; who gave them stays. "
                "This cannot be undone."
            ),
            self.tr("Merge"),
        ):
            self._carry_out(
                lambda store, who: store.class_book.merge(merged.class_id, target.class_id, who)
            )
            self._labelling.reload()

    def on_editor_remove_asked(self, removed: LesionClass) -> None:
        """Remove a class that no image ever had."""
        self._carry_out(lambda store, who: store.class_book.remove(removed.class_id, who))

    def on_editor_finished(self) -> None:
        """Let the editor go."""
        if self._editor is not None:
            self._editor.deleteLater()
            self._editor = None

    def _may_archive(self, archived: LesionClass) -> bool:
        count = self._store.progress().by_class[archived.class_id] if self._store else 0
        return not count or self._dialogs.confirm(
            self.tr("{0} labelled “{1}”.").format(
                counted(count, self.tr("image is"), self.tr("images are")), archived.name
            ),
            self.tr(
                "They keep this label, but are not trained on while the class is archived. It can "
                "be brought back."
            ),
            self.tr("Archive"),
        )

    def _carry_out(self, change: Callable[[LabelStore, str], None]) -> None:
        if self._store is None or self._editor is None:
            return
        problem = ""
        try:
            change(self._store, self._labelling.reader_name)
        except LabelStoreError as error:
            problem = str(error)
        self._labelling.refresh()
        self._show()
        self._editor.show_problem(problem)

    def _show(self, chosen: UUID | None = None) -> None:
        if self._store is not None and self._editor is not None:
            book = self._store.class_book
            classes = book.classes()
            used = frozenset(c.class_id for c in classes if book.is_used(c.class_id))
            self._editor.show_classes(classes, used, chosen)

    def _known(self, class_id: UUID) -> LesionClass:
        assert self._store is not None  # noqa: S101  an open editor has a store
        return next(c for c in self._store.class_book.classes() if c.class_id == class_id)
