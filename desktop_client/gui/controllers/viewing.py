"""The current image, at the side or large: its pixels, and the window they are seen through."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Signal

from desktop_client.gui.controllers.browsing import BrowsingController
from desktop_client.gui.file_words import file_words
from desktop_client.gui.models.image_loader import ImageLoaded, ImageLoader
from desktop_client.gui.models.metadata_loader import MetadataLoader, MetadataRead
from desktop_client.gui.models.sample_model import SampleModel
from desktop_client.gui.views.image_canvas import ImageCanvas
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.worker import Workers
from desktop_client.imaging.image import Window
from desktop_client.labelling.sample import Sample

ZOOM_NOTCHES: Final = 2
"""How far a key enlarges, in notches of the wheel."""


class ViewingController(QObject):
    """Shows the grid's current image, in the pane beside it or in the viewer over it."""

    shown_changed = Signal(object)
    """The ``Sample`` whose pixels are seen now, at the side or large; None while there are none."""
    heat_asked = Signal()

    def __init__(
        self,
        page: ImagesPage,
        model: SampleModel,
        browsing: BrowsingController,
        workers: Workers,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._model = model
        self._browsing = browsing
        self._images = ImageLoader(workers, self)
        self._metadata = MetadataLoader(workers, self)
        self._sample: Sample | None = None
        self._shown: Sample | None = None
        """Whose pixels were on the screen last; behind ``_sample`` while that one is decoded."""
        self._is_seen = False
        """Whether they still are: not while words stand there for an image that is not there."""
        self._preset_name = ""
        """The preset that was chosen by name; it stays in use from image to image."""
        self._does = self._commands()
        browsing.current_changed.connect(self.on_browsing_current_changed)
        model.dataChanged.connect(self.on_model_data_changed)
        page.view_command_asked.connect(self.run)
        page.grid.doubleClicked.connect(lambda _index: self.show_large(True))
        page.viewer.command_asked.connect(self.run)
        page.viewer.preset_chosen.connect(self.on_viewer_preset_chosen)
        page.viewer.whole_file_changed.connect(browsing.keep_frames_together)
        page.viewer.canvas.view_changed.connect(self.on_canvas_view_changed)
        for canvas in (page.viewer.canvas, page.preview.canvas):
            canvas.frame_step_asked.connect(self.step_frame)
        self._images.loaded.connect(self.on_images_loaded)
        self._metadata.read.connect(self.on_metadata_read)

    def run(self, command_id: str) -> None:
        """Do what a key, menu or button asks of the view."""
        self._does[command_id]()

    def neighbours(self) -> list[Sample]:
        """Return the images that will probably be looked at next."""
        return self._browsing.neighbours()

    def show_large(self, is_large: bool) -> None:
        """Open the viewer over the grid, or go back to the grid."""
        if is_large == self._page.is_viewer_open or (is_large and self._sample is None):
            return
        before = self._canvas
        self._page.show_viewer(is_large)
        after, self._shown = self._canvas, None
        after.is_inverted = before.is_inverted
        if self._sample is not None:
            self._show(self._sample)
            if before.window_used is not None and after.window_used is not None:
                after.use_window(before.window_used)

    def step_frame(self, count: int) -> None:
        """Go so many frames onwards in the same file."""
        ids = [sample.sample_id for sample in self._browsing.frames_of_current()]
        if self._sample is not None and self._sample.sample_id in ids:
            place = ids.index(self._sample.sample_id) + count
            self._browsing.go_to_sample(ids[min(max(place, 0), len(ids) - 1)])

    def on_browsing_current_changed(self, sample: Sample | None) -> None:
        """Show another image."""
        self._sample = sample
        if sample is None:
            self._shown = None
            self.shown_changed.emit(None)
            self._page.preview.clear()
            self._page.viewer.canvas.show_words(self.tr("Choose an image to see it here."))
            self._page.metadata.show_words("")
            self._images.ask(None)
        else:
            self._show_facts(sample)
            self._show(sample)
            self._show_metadata()

    def show_details(self, is_shown: bool) -> None:
        """Show at the side what the file says, or the small picture again."""
        self._page.show_metadata(is_shown)
        self._show_metadata()

    def on_metadata_read(self, read: MetadataRead) -> None:
        """Show what the file says, if it is still that of the current image."""
        if self._sample is None or read.path != self._sample.path:
            return
        if read.reason:
            self._page.metadata.show_words(
                self.tr("The file cannot be read: {0}").format(file_words(read.reason))
            )
        else:
            self._page.metadata.show_fields(read.fields)

    def on_images_loaded(self, loaded: ImageLoaded) -> None:
        """Show the pixels, or why there are none."""
        sample = self._sample
        if sample is None or loaded.sample_id != sample.sample_id:
            return
        self._is_seen = loaded.image is not None
        if loaded.image is None:
            self.shown_changed.emit(None)
            reason = self.tr("This image cannot be shown: {0}").format(file_words(loaded.reason))
            self._canvas.show_words(reason)
            return
        is_same_file = self._shown is not None and self._shown.path == sample.path
        self._shown = sample
        window = self._window_for(loaded.image.presets, is_same_file=is_same_file)
        self._page.viewer.show_presets(loaded.image.presets, window)
        self._canvas.show_image(loaded.image, window, keeps_view=is_same_file)
        self.shown_changed.emit(sample)

    def on_viewer_preset_chosen(self, window: Window) -> None:
        """Use a preset, for the next images too."""
        self._preset_name = window.name
        self._canvas.use_window(window)

    def on_canvas_view_changed(self) -> None:
        """Show which preset the window is, if any; a window set by hand ends the preset."""
        used = self._page.viewer.canvas.window_used
        if used is not None and not used.name:
            self._preset_name = ""
        self._page.viewer.show_preset(used)

    def on_model_data_changed(self, _first: QModelIndex, _last: QModelIndex) -> None:
        """Show the current image's label as it is now."""
        if self._sample is not None and self._model.index_of(self._sample.sample_id).isValid():
            label = self._model.label_text(self._model.sample(self._sample.sample_id))
            self._page.preview.show_label(label)

    @property
    def _canvas(self) -> ImageCanvas:
        """The canvas in use."""
        return self._page.viewer.canvas if self._page.is_viewer_open else self._page.preview.canvas

    def _show(self, sample: Sample) -> None:
        """Show the sample's pixels; until they are there, its thumbnail."""
        if self._is_seen and self._shown is not None and self._shown.sample_id == sample.sample_id:
            return
        if not self._images.has(sample):
            self._is_seen = False
            self.shown_changed.emit(None)
            self._canvas.show_words(self.tr("Loading …"), self._browsing.thumbnail(sample))
        self._images.ask(sample, self._browsing.neighbours())

    def _show_metadata(self) -> None:
        if self._sample is not None and self._page.is_metadata_shown:
            self._metadata.ask(self._sample.path)

    def _show_facts(self, sample: Sample) -> None:
        scanner, label = self._model.scanner_name(sample), self._model.label_text(sample)
        self._page.preview.show_sample(sample, scanner, label)
        frames = self._browsing.frames_of_current()
        viewer = self._page.viewer
        viewer.show_name(sample.title, self._browsing.place_words())
        viewer.show_frames(sample.frame, len(frames))
        self._page.preview.canvas.has_frames = len(frames) > 1

    def _window_for(self, offered: Sequence[Window], *, is_same_file: bool) -> Window:
        """Return the preset in use; within a file the window set by hand; else the first one."""
        named = next((window for window in offered if window.name == self._preset_name), None)
        used = self._canvas.window_used
        if named is None and is_same_file and used is not None:
            return used
        return named or offered[0]

    def _commands(self) -> dict[str, Callable[[], object]]:
        return {
            "open_viewer": lambda: self.show_large(True),
            "close_viewer": lambda: self.show_large(False),
            "details": lambda: self.show_details(not self._page.is_metadata_shown),
            "heat": self.heat_asked.emit,
            "invert": lambda: self._canvas.invert(),
            "fit": lambda: self._canvas.fit(),
            "actual_size": lambda: self._canvas.show_actual_size(),
            "reset_view": lambda: self._canvas.reset(),
            "zoom_in": lambda: self._canvas.zoom_by_notches(ZOOM_NOTCHES),
            "zoom_out": lambda: self._canvas.zoom_by_notches(-ZOOM_NOTCHES),
            "next_frame": lambda: self.step_frame(1),
            "previous_frame": lambda: self.step_frame(-1),
        }
