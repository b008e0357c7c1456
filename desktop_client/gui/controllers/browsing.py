"""What the grid and the preview show, and how one gets from image to image."""

from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QModelIndex, QObject, Signal

from desktop_client.gui.models.preview_loader import PreviewLoader, PreviewMade
from desktop_client.gui.models.sample_model import Condition, SampleModel, ShownSamples
from desktop_client.gui.models.thumbnail_loader import ThumbnailLoader
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.views.sight_bar import ALL, UNLABELLED
from desktop_client.gui.views.thumbnail_delegate import ThumbnailDelegate
from desktop_client.gui.worker import Workers
from desktop_client.labelling.sample import Sample


class BrowsingController(QObject):
    """Fills grid and preview, filters, orders and moves on."""

    settings_changed = Signal()
    """Thumbnail size or auto-advance were set by hand."""

    problem_met = Signal(str)

    def __init__(
        self, page: ImagesPage, model: SampleModel, workers: Workers, thumbnails_path: Path
    ) -> None:
        super().__init__(page)
        self._page = page
        self._model = model
        self._shown = ShownSamples(model, self)
        self._thumbnails = ThumbnailLoader(workers, thumbnails_path, self)
        self._previews = PreviewLoader(workers, self)
        self._palette: Palette | None = None
        self._current: Sample | None = None
        self.is_auto_advancing = True
        delegate = ThumbnailDelegate(self._thumbnails.pixmap, self._thumbnails.failure, self)
        page.grid.show_samples(self._shown, delegate)
        page.grid.visible_changed.connect(self.on_grid_visible_changed)
        page.grid.current_changed.connect(self.on_grid_current_changed)
        page.step_asked.connect(self.on_page_step_asked)
        page.sight.filter_changed.connect(self.on_sight_filter_changed)
        page.sight.order_changed.connect(self._shown.order_by_name)
        page.sight.size_changed.connect(self.on_sight_size_changed)
        page.classes.auto_advance_changed.connect(self.on_panel_auto_advance_changed)
        self._thumbnails.failed.connect(self.problem_met)
        self._thumbnails.changed.connect(self.on_thumbnails_changed)
        self._previews.made.connect(self.on_previews_made)
        self._shown.rowsInserted.connect(self.on_shown_rows_changed)
        self._shown.rowsRemoved.connect(self.on_shown_rows_changed)
        self._shown.modelReset.connect(self.on_shown_rows_changed)
        model.dataChanged.connect(self.on_model_data_changed)

    @property
    def size_px(self) -> int:
        """The thumbnails' size."""
        return self._page.sight.size_px

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._palette = palette
        self._page.grid.set_look(palette, self.size_px)

    def show_settings(self, size_px: int, is_auto: bool) -> None:
        """Show the settings as they were stored."""
        self.is_auto_advancing = is_auto
        self._page.sight.show_size(size_px)
        self._page.classes.show_auto_advance(is_auto)

    def on_labelled(self, sample_ids: list[str]) -> None:
        """Go to the next image if labelling is to go on by itself."""
        if self._shown.row_of(sample_ids[0]) < 0:  # the filter took it away, and Qt moved on
            self._page.grid.go_to(max(0, self._page.grid.currentIndex().row()))
        elif self.is_auto_advancing and len(sample_ids) == 1:
            self.on_page_step_asked(1)

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
        """Show the current image at the side."""
        self._current = sample
        self._previews.ask(sample)
        if sample is None:
            self._page.preview.clear()
            return
        self._page.preview.show_sample(
            sample,
            self._model.scanner_name(sample),
            self._model.label_text(sample),
            self._thumbnails.pixmap(sample.sample_id),
        )

    def on_model_data_changed(self, _first: QModelIndex, _last: QModelIndex) -> None:
        """Show the current image's label as it is now."""
        if self._current is not None:
            self._current = self._model.sample(self._current.sample_id)
            self._page.preview.show_label(self._model.label_text(self._current))

    def on_shown_rows_changed(self) -> None:
        """Say so if no image is left to be shown, and have one current if there is any."""
        count = self._shown.rowCount()
        self._page.show_shown_count(count)
        if count and not self._page.grid.currentIndex().isValid():
            self._page.grid.go_to(0)

    def on_thumbnails_changed(self, sample_id: str) -> None:
        """Draw the image's tile anew."""
        row = self._shown.row_of(sample_id)
        if row >= 0:
            self._page.grid.update(self._shown.index(row, 0))

    def on_previews_made(self, preview: PreviewMade) -> None:
        """Show the picture if its image is still the current one."""
        if self._current is not None and preview.sample_id == self._current.sample_id:
            self._page.preview.show_picture(preview.image, preview.reason)

    def on_sight_filter_changed(self, chosen: str | UUID) -> None:
        """Show all images, those without a label or those of a class."""
        self._shown.show_only(_condition(chosen))
        self.on_shown_rows_changed()
        # Qt may leave one current that is neither selected nor in sight; keys are meant for it.
        self._page.grid.go_to(max(0, self._page.grid.currentIndex().row()))

    def on_sight_size_changed(self, size_px: int) -> None:
        """Draw the thumbnails in another size."""
        if self._palette is not None:
            self._page.grid.set_look(self._palette, size_px)
        self.settings_changed.emit()

    def on_panel_auto_advance_changed(self, is_auto: bool) -> None:
        """Go on by itself, or not."""
        self.is_auto_advancing = is_auto
        self.settings_changed.emit()


def _condition(chosen: str | UUID) -> Condition | None:
    if chosen == ALL:
        return None
    class_id = None if chosen == UNLABELLED else chosen
    return lambda sample: sample.class_id == class_id
