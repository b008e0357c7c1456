"""One image after another in which a name may be written: a person decides what goes black."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from desktop_client.gui.file_words import file_words
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.area_canvas import AreaCanvas
from desktop_client.gui.views.elements import button, text
from desktop_client.imaging.deidentify.areas import Area

SIDE_WIDTH_PX = 320


@dataclass(frozen=True, slots=True)
class ToReview:
    """A file that a person should look at."""

    path: Path
    title: str
    reason: str
    areas: tuple[Area, ...]
    frame_count: int = 1


class ReviewDialog(QDialog):
    """Asks of each image what is to be black; ``accepted`` once all were decided."""

    image_asked = Signal(Path)
    """The picture of this file is to be shown."""

    def __init__(self, parent: QWidget, items: Sequence[ToReview], palette: Palette) -> None:
        super().__init__(parent)
        self._items = items
        self._number = 0
        self._areas = {item.path: item.areas for item in items}
        self.decisions: dict[Path, tuple[Area, ...]] = {}
        """Of each file that may be copied, what is black; those left out are missing."""
        self.setWindowTitle(self.tr("Is a name written into these images?"))
        self.resize(1040, 700)
        self._canvas = AreaCanvas()
        self._canvas.set_palette(palette)
        self._canvas.areas_changed.connect(self.on_canvas_areas_changed)
        self._progress, self._title = text("", "muted"), text("", "heading")
        self._reason, self._frames = text(), text("", "warning")
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Areas that will be black"))
        self._list.currentRowChanged.connect(self.on_list_row_changed)
        self._add = button(self.tr("Add area"))
        self._add.clicked.connect(self._canvas.add)
        self._remove = button(self.tr("Remove area"))
        self._remove.clicked.connect(self._canvas.remove)
        self._confirm = button("", "primary")
        self._confirm.setDefault(True)
        self._confirm.clicked.connect(self.on_confirm_clicked)
        self._leave_out = button(self.tr("Leave this image out"))
        self._leave_out.clicked.connect(self.on_leave_out_clicked)
        self._back = button(self.tr("Back"))
        self._back.clicked.connect(lambda: self._go_to(self._number - 1))
        self._cancel = button(self.tr("Cancel"), described=self.tr("Cancel the export"))
        self._cancel.clicked.connect(self.reject)
        self._lay_out()

    @property
    def path(self) -> Path:
        """The file that is shown."""
        return self._items[self._number].path

    def begin(self) -> None:
        """Open with the first image."""
        self._go_to(0)
        self.open()
        self._canvas.setFocus()

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """Show the picture of the present file, or why there is none; then it stays here."""
        self._canvas.show_image(image, words)
        self._confirm.setEnabled(image is not None)

    def on_canvas_areas_changed(self) -> None:
        """List the areas as they are now."""
        areas = self._canvas.areas
        self._areas[self.path] = areas
        self._list.blockSignals(True)
        self._list.clear()
        for number, area in enumerate(areas, start=1):
            words = self.tr("{0}: {1} × {2} px at {3}, {4}")
            self._list.addItem(
                words.format(number, area.width_px, area.height_px, area.left_px, area.top_px)
            )
        self._list.setCurrentRow(self._canvas.current)
        self._list.blockSignals(False)
        self._remove.setEnabled(self._canvas.current >= 0)
        words = self.tr("Black out and go on") if areas else self.tr("No name here, go on")
        self._confirm.setText(words)
        self._confirm.setAccessibleName(words)

    def on_list_row_changed(self, row: int) -> None:
        """Let keys work on the area that was chosen in the list."""
        self._canvas.choose(row)

    def on_confirm_clicked(self) -> None:
        """Keep what was decided and go on."""
        self.decisions[self.path] = self._canvas.areas
        self._go_to(self._number + 1)

    def on_leave_out_clicked(self) -> None:
        """Do not export this image."""
        self.decisions.pop(self.path, None)
        self._go_to(self._number + 1)

    def _go_to(self, number: int) -> None:
        if number >= len(self._items):
            self.accept()
            return
        self._number = number
        item = self._items[number]
        words = self.tr("Image {0} of {1}")
        self._progress.setText(words.format(f"{number + 1:,}", f"{len(self._items):,}"))
        self._title.setText(item.title)
        self._reason.setText(self.tr("Shown to you because {0}.").format(file_words(item.reason)))
        self._frames.setVisible(item.frame_count > 1)
        self._frames.setText(
            self.tr("This file has {0} frames; areas become black in all of them.").format(
                item.frame_count
            )
        )
        self._back.setEnabled(number > 0)
        self.show_image(None, self.tr("Loading …"))
        self._canvas.show_areas(self._areas[item.path])
        self.image_asked.emit(item.path)

    def _lay_out(self) -> None:
        side = QWidget()
        side.setFixedWidth(SIDE_WIDTH_PX)
        below = QVBoxLayout(side)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(8)
        hint = self.tr(
            "Cover every name, number and date. Draw with the mouse, or: A adds an area, arrows "
            "move it, Shift with arrows resizes it, Ctrl makes both faster, Delete removes it."
        )
        areas = QHBoxLayout()
        areas.addWidget(self._add)
        areas.addWidget(self._remove)
        for widget in (self._progress, self._title, self._reason, self._frames):
            below.addWidget(widget)
        below.addWidget(text(self.tr("Areas that will be black"), "strong"))
        below.addWidget(self._list, 1)
        below.addLayout(areas)
        below.addWidget(text(hint, "muted"))
        below.addSpacing(8)
        below.addWidget(self._confirm)
        below.addWidget(self._leave_out)
        last = QHBoxLayout()
        last.addWidget(self._back)
        last.addWidget(self._cancel)
        below.addLayout(last)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addWidget(self._canvas, 1)
        layout.addWidget(side)
