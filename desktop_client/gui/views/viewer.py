"""One image, large: over the grid, with what one does to look at it closely."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.file_words import window_name
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.elements import ElidedLabel, button, text
from desktop_client.gui.views.heat_bar import HeatBar
from desktop_client.gui.views.image_canvas import ImageCanvas
from desktop_client.gui.views.view_status import ViewStatus, window_words
from desktop_client.imaging.image import Window

NARROWEST_NAME_PX: Final = 90
PRESET_LETTERS: Final = 14
PRESET_LIST_PX: Final = 280
BY_HAND: Final = -1
"""The position of no preset: the window was dragged."""


class Viewer(QWidget):
    """The picture between a bar of actions and a line that says how it is shown."""

    command_asked = Signal(str)
    """The ``command_id`` of what a button stands for."""
    preset_chosen = Signal(object)
    """A ``Window``."""
    whole_file_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = ImageCanvas(self.tr("Current image, large"))
        self.status = ViewStatus(self.canvas)
        self._name = ElidedLabel(NARROWEST_NAME_PX, "strong")
        self._place = text("", "muted")
        self._place.setWordWrap(False)
        self._presets = QComboBox()
        self._presets.setAccessibleName(self.tr("Window preset"))
        self._presets.setToolTip(self._presets.accessibleName())
        self._presets.setPlaceholderText(self.tr("by hand"))
        self._presets.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._presets.setMinimumContentsLength(PRESET_LETTERS)
        self._presets.view().setMinimumWidth(PRESET_LIST_PX)
        self._presets.activated.connect(
            lambda row: self.preset_chosen.emit(self._presets.itemData(row))
        )
        self.heat = HeatBar()
        self._heat = self._button(self.tr("Heat map"), "heat")
        self._heat.setAccessibleName(self.tr("Where the model looks"))
        self._heat.setToolTip(self._heat.accessibleName())
        self._heat.setCheckable(True)
        self._whole = QCheckBox()
        self._whole.setAccessibleName(self.tr("Label all frames of this file together"))
        self._whole.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._whole.toggled.connect(self.whole_file_changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._first_line())
        layout.addLayout(self._second_line())
        layout.addWidget(self.canvas, 1)
        layout.addLayout(self._last_line())
        layout.addWidget(self.heat)
        self.show_frames(0, 1)
        self.show_heat_bar(False)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self.canvas.set_palette(palette)

    def show_name(self, name: str, place: str) -> None:
        """Show which image this is, and where it stands among those of the grid."""
        self._name.setText(name)
        self._name.setToolTip(name)
        self._place.setText(place)

    def show_frames(self, frame: int, frame_count: int) -> None:
        """Show which frame this is of its file; offer to label all together."""
        has_frames = frame_count > 1
        self.canvas.has_frames = has_frames
        self._whole.setVisible(has_frames)
        self._whole.setText(self.tr("Label all {0} frames").format(frame_count))
        self._whole.setToolTip(
            self.tr("What you press labels every frame of this file that the grid shows")
        )

    @property
    def labels_whole_file(self) -> bool:
        """Whether a label is meant for all frames."""
        return self._whole.isChecked()

    def show_presets(self, presets: Sequence[Window], used: Window | None) -> None:
        """Offer these windows; ``used`` is the present one."""
        with QSignalBlocker(self._presets):
            self._presets.clear()
            for preset in presets:
                self._presets.addItem(window_name(preset.name), preset)
                tip = window_words(preset)
                self._presets.setItemData(
                    self._presets.count() - 1, tip, Qt.ItemDataRole.ToolTipRole
                )
        self.show_preset(used)

    def show_preset(self, used: Window | None) -> None:
        """Show which preset the present window is, if any."""
        rows = range(self._presets.count())
        row = next((row for row in rows if self._presets.itemData(row) == used), BY_HAND)
        with QSignalBlocker(self._presets):
            self._presets.setCurrentIndex(row)

    def show_heat_bar(self, is_shown: bool) -> None:
        """Show what belongs to the map of where the model looks."""
        self._heat.setChecked(is_shown)
        self.heat.setVisible(is_shown)

    def _first_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self._button(self.tr("← All images"), "close_viewer"))
        line.addWidget(self._name, 1)
        line.addWidget(self._place)
        line.addWidget(self._whole)
        line.addWidget(self._button(self.tr("Details"), "details"))
        return line

    def _second_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self._presets)
        for words, command_id in (
            (self.tr("Invert"), "invert"),
            (self.tr("Fit"), "fit"),
            (self.tr("1:1"), "actual_size"),
            (self.tr("Reset"), "reset_view"),
        ):
            line.addWidget(self._button(words, command_id))
        line.addStretch(1)
        return line

    def _last_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(14)
        line.addWidget(self.status, 1)
        line.addWidget(self._heat)
        return line

    def _button(self, words: str, command_id: str) -> QPushButton:
        result = button(words, "quiet")
        result.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the image
        result.clicked.connect(lambda: self.command_asked.emit(command_id))
        return result
