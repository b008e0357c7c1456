"""Which images the grid shows, in which order and how large."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from desktop_client.gui.views.elements import text
from desktop_client.labelling.sample import LesionClass

ALL: Final = "all"
UNLABELLED: Final = "unlabelled"
LOW_CONFIDENCE: Final = "low confidence"
DIFFERENT: Final = "different"
DISPUTED: Final = "disputed"
AS_IMPORTED: Final = "as imported"
BY_NAME: Final = "by name"
MOST_USEFUL: Final = "most useful next"
SIZES_PX: Final = (96, 144, 208)


class SightBar(QWidget):
    """Filter, order and thumbnail size."""

    filter_changed = Signal(object)
    """``ALL``, ``UNLABELLED``, ``LOW_CONFIDENCE``, ``DIFFERENT``, ``DISPUTED`` or a
    class's ``UUID``."""
    order_changed = Signal(str)
    """``AS_IMPORTED``, ``BY_NAME`` or ``MOST_USEFUL``."""
    size_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: Sequence[LesionClass] = ()
        self._has_suggestions = False
        self._has_disputes = False
        self._filter = _choice(self.tr("Show"))
        # A class may have any name: its length must not push the other boxes out of the window.
        self._filter.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._filter.setMinimumContentsLength(10)
        self._order = _choice(self.tr("Order"))
        self._order.addItem(self.tr("as imported"), AS_IMPORTED)
        self._order.addItem(self.tr("by file name"), BY_NAME)
        self._size = _choice(self.tr("Size"))
        for words, size_px in zip(
            (self.tr("small"), self.tr("medium"), self.tr("large")), SIZES_PX, strict=True
        ):
            self._size.addItem(words, size_px)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for box in (self._filter, self._order, self._size):
            label = text(box.accessibleName(), "muted")
            label.setWordWrap(False)
            label.setBuddy(box)
            layout.addWidget(label)
            layout.addWidget(box)
        layout.addStretch(1)
        self.show_classes(())
        self._filter.currentIndexChanged.connect(self._emit_filter)
        self._order.currentIndexChanged.connect(
            lambda: self.order_changed.emit(self._order.currentData())
        )
        self._size.currentIndexChanged.connect(
            lambda: self.size_changed.emit(self._size.currentData())
        )

    def show_classes(self, classes: Sequence[LesionClass]) -> None:
        """Offer these classes to filter by, and keep the present choice if it is still there."""
        self._classes = classes
        self._show_filters()

    def show_suggestions(self, has_suggestions: bool) -> None:
        """Offer to filter and order by what a model suggests, where one was asked."""
        if has_suggestions == self._has_suggestions:
            return
        self._has_suggestions = has_suggestions
        self._show_filters()
        if has_suggestions:
            self._order.addItem(self.tr("most useful next"), MOST_USEFUL)
        else:
            self._order.removeItem(self._order.findData(MOST_USEFUL))

    def show_disputes(self, has_disputes: bool) -> None:
        """Offer to filter by what readers disagree about, where they do."""
        if has_disputes != self._has_disputes:
            self._has_disputes = has_disputes
            self._show_filters()

    def _show_filters(self) -> None:
        chosen = self._filter.currentData()
        with QSignalBlocker(self._filter):
            self._filter.clear()
            self._filter.addItem(self.tr("all"), ALL)
            self._filter.addItem(self.tr("not labelled"), UNLABELLED)
            if self._has_suggestions:
                self._filter.addItem(self.tr("low confidence"), LOW_CONFIDENCE)
                self._filter.addItem(self.tr("differs from the label"), DIFFERENT)
            if self._has_disputes:
                self._filter.addItem(self.tr("disagreement"), DISPUTED)
            for lesion_class in self._classes:
                self._filter.addItem(lesion_class.name, lesion_class.class_id)
            keys = [self._filter.itemData(row) for row in range(self._filter.count())]
            self._filter.setCurrentIndex(keys.index(chosen) if chosen in keys else 0)

    def show_size(self, size_px: int) -> None:
        """Show the size as it was stored."""
        nearest = min(SIZES_PX, key=lambda offered: abs(offered - size_px))
        with QSignalBlocker(self._size):
            self._size.setCurrentIndex(SIZES_PX.index(nearest))

    @property
    def size_px(self) -> int:
        """The chosen thumbnail size."""
        size_px = self._size.currentData()
        assert isinstance(size_px, int)  # noqa: S101  our own invariant
        return size_px

    def _emit_filter(self) -> None:
        self.filter_changed.emit(self._filter.currentData())


def _choice(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return box
