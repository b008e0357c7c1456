"""What the grid and the preview show, and how one gets from image to image."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from desktop_client.errors import LabelStoreError
from desktop_client.gui.models.sample_model import Condition, OrderKey, SampleModel, ShownSamples
from desktop_client.gui.models.thumbnail_loader import ThumbnailLoader
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.views.sight_bar import (
    ALL,
    BY_CLASS,
    BY_NAME,
    BY_SCANNER,
    DIFFERENT,
    DISPUTED,
    EXCLUDED,
    LOW_CONFIDENCE,
    MISSING,
    MOST_USEFUL,
    NEWEST,
    UNLABELLED,
)
from desktop_client.gui.views.thumbnail_delegate import ThumbnailDelegate
from desktop_client.gui.worker import Workers
from desktop_client.labelling.filters import keep_filters, kept_filters
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore


class BrowsingController(QObject):
    """Fills grid and preview, filters, orders and moves on."""

    settings_changed = Signal()
    """Thumbnail size, order or auto-advance were set by hand."""

    current_changed = Signal(object)
    """The ``Sample`` to be looked at now, or None."""

    search_begun = Signal()
    """The images are to be searched, whatever page is shown."""

    problem_met = Signal(str)

    def __init__(
        self, page: ImagesPage, model: SampleModel, workers: Workers, thumbnails_path: Path
    ) -> None:
        super().__init__(page)
        self._page = page
        self._model = model
        self._shown = ShownSamples(model, self)
        self._thumbnails = ThumbnailLoader(workers, thumbnails_path, self)
        self._palette: Palette | None = None
        self._store: LabelStore | None = None
        self._keeps_frames_together = False
        self.is_auto_advancing = True
        self._tiles = ThumbnailDelegate(self._thumbnails.pixmap, self._thumbnails.failure, self)
        page.grid.show_samples(self._shown, self._tiles)
        page.grid.visible_changed.connect(self.on_grid_visible_changed)
        page.grid.current_changed.connect(self.on_grid_current_changed)
        page.step_asked.connect(self.on_page_step_asked)
        page.sight.filter_changed.connect(self.on_sight_filter_changed)
        page.sight.scanner_changed.connect(self.on_sight_scanner_changed)
        page.sight.search_changed.connect(self.on_sight_search_changed)
        page.sight.search.left.connect(page.take_focus)
        page.all_asked.connect(page.sight.show_all)
        page.grid.selection_changed.connect(self.on_grid_selection_changed)
        model.domains_changed.connect(page.sight.show_scanners)
        page.sight.order_changed.connect(self.on_sight_order_changed)
        page.sight.size_changed.connect(self.on_sight_size_changed)
        page.classes.auto_advance_changed.connect(self.on_panel_auto_advance_changed)
        self._thumbnails.failed.connect(self.problem_met)
        self._thumbnails.changed.connect(self.on_thumbnails_changed)
        self._shown.rowsInserted.connect(self.on_shown_rows_changed)
        self._shown.rowsRemoved.connect(self.on_shown_rows_changed)
        self._shown.modelReset.connect(self.on_shown_rows_changed)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the menu's commands do."""
        return {
            "find": self.begin_search,
            "select_all": self._page.grid.selectAll,
            "larger": partial(self._page.sight.step_size, 1),
            "smaller": partial(self._page.sight.step_size, -1),
        }

    def begin_search(self) -> None:
        """Go to where the images are searched."""
        self.search_begun.emit()
        self._page.begin_search()

    @property
    def size_px(self) -> int:
        """The thumbnails' size."""
        return self._page.sight.size_px

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._palette = palette
        self._page.grid.set_look(palette, self.size_px)

    @property
    def order(self) -> str:
        """The images' order."""
        return self._page.sight.order

    def show_settings(self, size_px: int, order: str, is_auto: bool) -> None:
        """Show the settings as they were stored."""
        self.is_auto_advancing = is_auto
        self._page.sight.show_order(order)
        self._order_by(self.order)
        self._page.sight.show_size(size_px)
        self._page.classes.show_auto_advance(is_auto)

    def use_store(self, store: LabelStore) -> None:
        """Narrow the list as it was when the project was last open, and keep how it is from now."""
        self._page.sight.show_filters(kept_filters(store.properties))
        self._store = store

    def leave_store(self) -> None:
        """Let go of the store."""
        self._store = None

    def on_labelled(self, sample_ids: list[str]) -> None:
        """Go to the next image, or file, if labelling is to go on by itself."""
        if self._shown.row_of(sample_ids[0]) < 0:  # the filter took it away, and Qt moved on
            self._page.grid.go_to(max(0, self._page.grid.currentIndex().row()))
        elif self.is_auto_advancing and self._are_one_step(sample_ids):
            last = max(self._shown.row_of(sample_id) for sample_id in sample_ids)
            self._page.grid.go_to(last + 1)

    def _are_one_step(self, sample_ids: list[str]) -> bool:
        """Whether one image was labelled, or the frames of one that are kept together."""
        if len(sample_ids) == 1:
            return True
        frames = {frame.sample_id for frame in self.frames_of_current()}
        return self._keeps_frames_together and frames == set(sample_ids)

    def go_to_next_unlabelled(self) -> bool:
        """Go to the next image without a label and return whether there is one."""
        row = self._shown.next_unlabelled(self._page.grid.currentIndex().row())
        self._page.grid.go_to(row)
        return row >= 0

    def on_page_step_asked(self, count: int) -> None:
        """Go so many images onwards, if there are so many."""
        index = self._page.grid.currentIndex()
        row = index.row() + count if index.isValid() else 0
        if 0 <= row < self._shown.rowCount():
            self._page.grid.go_to(row)

    def on_grid_visible_changed(self, samples: list[Sample]) -> None:
        """Have the thumbnails made that are in sight."""
        ratio = self._page.devicePixelRatioF()
        self._thumbnails.want(samples, round(self.size_px * ratio))

    def on_grid_current_changed(self, sample: Sample | None) -> None:
        """Tell which image is current."""
        self.current_changed.emit(sample)
        self._select_frames()

    def keep_frames_together(self, is_together: bool) -> None:
        """Select all frames of a file when one becomes current, or that one alone."""
        self._keeps_frames_together = is_together
        self._page.grid.go_to(self._page.grid.currentIndex().row())
        self._select_frames()

    def frames_of_current(self) -> list[Sample]:
        """Return the frames of the current image's file that the grid shows, in their order."""
        current = self._page.grid.current_sample()
        if current is None:
            return []
        frames = self._model.frames_of(current.path)
        return [frame for frame in frames if self._shown.row_of(frame.sample_id) >= 0]

    def neighbours(self) -> list[Sample]:
        """Return the images that will probably be looked at next: the next, then the previous."""
        row = self._page.grid.currentIndex().row()
        rows = (row + 1, row + 2, row - 1)
        return [self._shown.sample_at(near) for near in rows if 0 <= near < self._shown.rowCount()]

    def place_words(self) -> str:
        """Return where the current image stands among those shown."""
        row, count = self._page.grid.currentIndex().row(), self._shown.rowCount()
        return self.tr("{0} of {1}").format(f"{row + 1:,}", f"{count:,}")

    def thumbnail(self, sample: Sample) -> QPixmap | None:
        """Return the sample's thumbnail if it is there."""
        return self._thumbnails.pixmap(sample.sample_id)

    def go_to_sample(self, sample_id: str) -> None:
        """Go to this image if the filter lets it be seen."""
        self._page.grid.go_to_sample(sample_id)

    def _select_frames(self) -> None:
        frames = self.frames_of_current() if self._keeps_frames_together else []
        if len(frames) > 1:
            self._page.grid.select_also([self._shown.row_of(f.sample_id) for f in frames])

    def on_shown_rows_changed(self) -> None:
        """Say so if no image is left to be shown, and have one current if there is any."""
        count = self._shown.rowCount()
        self._page.show_shown_count(count)
        self._show_counts(self._page.grid.selected_count())
        if not count:
            self._page.show_viewer(False)
        if count and not self._page.grid.currentIndex().isValid():
            self._page.grid.go_to(0)

    def on_thumbnails_changed(self, sample_id: str) -> None:
        """Draw the image's tile anew."""
        row = self._shown.row_of(sample_id)
        if row >= 0:
            self._page.grid.update(self._shown.index(row, 0))

    def on_grid_selection_changed(self, count: int) -> None:
        """Show how many images are selected."""
        self._show_counts(count)

    def on_sight_filter_changed(self, chosen: str | UUID) -> None:
        """Show all images, those without a label or those of a class."""
        self._narrow("filter", self._condition(chosen))
        self._keep_filters()

    def on_sight_scanner_changed(self, chosen: str | UUID) -> None:
        """Show the images of all scanners, or of one."""
        condition = None if chosen == ALL else lambda sample: sample.domain_id == chosen
        self._narrow("scanner", condition)
        self._keep_filters()

    def on_sight_search_changed(self, words: str) -> None:
        """Show the images of which all these words are said somewhere."""
        wanted = words.casefold().split()
        self._narrow("search", partial(self._says, wanted) if wanted else None)

    def on_sight_order_changed(self, chosen: str) -> None:
        """Order the images anew."""
        self._order_by(chosen)
        self.settings_changed.emit()

    def _order_by(self, chosen: str) -> None:
        orders: dict[str, OrderKey] = {
            BY_NAME: _name,
            BY_CLASS: lambda sample: (self._class_name(sample), _name(sample)),
            BY_SCANNER: lambda sample: (self._model.scanner_name(sample).casefold(), _name(sample)),
            NEWEST: lambda sample: -self._model.index_of(sample.sample_id).row(),
            MOST_USEFUL: self._model.suggestions.place,
        }
        self._shown.order_by(orders.get(chosen))

    def _show_counts(self, selected_count: int) -> None:
        shown_count, total_count = self._shown.rowCount(), self._model.rowCount()
        self._page.sight.show_counts(shown_count, total_count, selected_count)

    def _keep_filters(self) -> None:
        if self._store is not None:
            try:
                keep_filters(self._store.properties, self._page.sight.filters)
            except LabelStoreError as error:
                self.problem_met.emit(str(error))

    def _narrow(self, name: str, condition: Condition | None) -> None:
        self._shown.narrow(name, condition)
        self.on_shown_rows_changed()
        # Qt may leave one current that is neither selected nor in sight; keys are meant for it.
        self._page.grid.go_to(max(0, self._page.grid.currentIndex().row()))

    def _says(self, words: Sequence[str], sample: Sample) -> bool:
        parts = (sample.title, self._model.scanner_name(sample), self._class_name(sample))
        said = "\n".join((*parts, sample.note)).casefold()
        return all(word in said for word in words)

    def _class_name(self, sample: Sample) -> str:
        lesion_class = self._model.class_of(sample)
        return "" if lesion_class is None else lesion_class.name.casefold()

    def on_suggestions_changed(self) -> None:
        """Filter and order by the suggestions as they are now."""
        has_suggestions = self._model.suggestions.model is not None
        self._page.sight.show_suggestions(has_suggestions)
        if has_suggestions != self._tiles.has_suggestions and self._palette is not None:
            self._tiles.has_suggestions = has_suggestions
            self._page.grid.set_look(self._palette, self.size_px)
        self._shown.renew()
        self.on_shown_rows_changed()

    def on_sight_size_changed(self, size_px: int) -> None:
        """Draw the thumbnails in another size."""
        if self._palette is not None:
            self._page.grid.set_look(self._palette, size_px)
        self.settings_changed.emit()

    def on_panel_auto_advance_changed(self, is_auto: bool) -> None:
        """Go on by itself, or not."""
        self.is_auto_advancing = is_auto
        self.settings_changed.emit()

    def _condition(self, chosen: str | UUID) -> Condition | None:
        if chosen == ALL:
            return None
        if chosen == EXCLUDED:
            return lambda sample: sample.exclusion is not None
        if chosen == MISSING:
            return lambda sample: sample.sample_id in self._model.missing_ids
        if chosen == LOW_CONFIDENCE:
            return self._model.suggestions.is_uncertain
        if chosen == DIFFERENT:
            return self._model.suggestions.differs
        if chosen == DISPUTED:
            return lambda sample: sample.sample_id in self._model.disputed_ids
        class_id = None if chosen == UNLABELLED else chosen
        return lambda sample: sample.class_id == class_id


def _name(sample: Sample) -> str:
    return sample.title.casefold()
