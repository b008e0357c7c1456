"""Which images the grid shows, in which order and how large; every condition narrows it further."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import button, text
from desktop_client.gui.wording import counted
from desktop_client.labelling.filters import Filters
from desktop_client.labelling.sample import Domain, LesionClass

ALL: Final = "all"
UNLABELLED: Final = "unlabelled"
LOW_CONFIDENCE: Final = "low confidence"
DIFFERENT: Final = "different"
DISPUTED: Final = "disputed"
AS_IMPORTED: Final = "as imported"
BY_NAME: Final = "by name"
MOST_USEFUL: Final = "most useful next"
BY_CLASS: Final = "by class"
BY_SCANNER: Final = "by scanner"
NEWEST: Final = "newest first"
EXCLUDED: Final = "excluded"
MISSING: Final = "missing"
SIZES_PX: Final = (96, 144, 208, 304)
TYPING_MS: Final = 150
"""How long typing must rest before the grid follows."""


class SearchField(QLineEdit):
    """A line to search in; Esc empties it, Return or Down leaves it for the images."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name
        """Leave the line when its work is done."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class SightBar(QWidget):
    """Search, filters, order and thumbnail size."""

    search_changed = Signal(str)
    scanner_changed = Signal(object)
    """``ALL`` or the ``UUID`` of a scanner."""
    filter_changed = Signal(object)
    """``ALL``, ``UNLABELLED``, ``LOW_CONFIDENCE``, ``DIFFERENT``, ``DISPUTED``,
    ``EXCLUDED``, ``MISSING`` or a class's ``UUID``."""
    order_changed = Signal(str)
    """``AS_IMPORTED``, ``NEWEST``, ``BY_NAME``, ``BY_CLASS``, ``BY_SCANNER`` or ``MOST_USEFUL``."""
    size_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: Sequence[LesionClass] = ()
        self._has_suggestions = False
        self._has_disputes = False
        self._has_missing = False
        self.search = SearchField()
        self.search.setPlaceholderText(self.tr("Search: file, scanner, class, note"))
        self.search.setAccessibleName(self.tr("Search the images"))
        self.search.setClearButtonEnabled(True)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(lambda: self.search_changed.emit(self.search.text()))
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self._clear = button(self.tr("✕ Clear filters"), described=self.tr("Clear filters"))
        self._clear.setToolTip(self.tr("Show all images: end the search, and take filters away"))
        self._clear.clicked.connect(self.show_all)
        self._filter = _narrow_choice(self.tr("Show"))
        self._scanner = _narrow_choice(self.tr("Scanner"))
        self._order = _choice(self.tr("Order"))
        for words, order in (
            (self.tr("as imported"), AS_IMPORTED),
            (self.tr("by file name"), BY_NAME),
            (self.tr("by class"), BY_CLASS),
            (self.tr("by scanner"), BY_SCANNER),
            (self.tr("newest first"), NEWEST),
        ):
            self._order.addItem(words, order)
        self._size = _choice(self.tr("Size"))
        sizes = (self.tr("small"), self.tr("medium"), self.tr("large"), self.tr("very large"))
        for words, size_px in zip(sizes, SIZES_PX, strict=True):
            self._size.addItem(words, size_px)
        self._count = text("", "muted")
        self._count.setWordWrap(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        above = QHBoxLayout()
        above.addWidget(self.search, 1)
        self._scanner_words = _add_named(above, self._scanner)
        above.addWidget(self._count)
        above.addWidget(self._clear)
        below = QHBoxLayout()
        for box in (self._filter, self._order, self._size):
            _add_named(below, box)
        below.addStretch(1)
        layout.addLayout(above)
        layout.addLayout(below)
        self.show_classes(())
        self._clear.hide()
        self.search.textChanged.connect(self._show_whether_narrowed)
        for box in (self._filter, self._scanner):
            box.currentIndexChanged.connect(self._show_whether_narrowed)
        self._filter.currentIndexChanged.connect(self._emit_filter)
        self._scanner.currentIndexChanged.connect(
            lambda: self.scanner_changed.emit(self._scanner.currentData())
        )
        self._order.currentIndexChanged.connect(
            lambda: self.order_changed.emit(self._order.currentData())
        )
        self._size.currentIndexChanged.connect(
            lambda: self.size_changed.emit(self._size.currentData())
        )

    def show_counts(self, shown_count: int, total_count: int, selected_count: int) -> None:
        """Show how many of all images are shown, and how many of them are selected."""
        words = counted(shown_count, self.tr("image"), self.tr("images"))
        if selected_count > 1:
            words = self.tr("{0} of {1} selected").format(f"{selected_count:,}", words)
        elif shown_count != total_count:
            words = self.tr("{0} of {1} images").format(f"{shown_count:,}", f"{total_count:,}")
        self._count.setText(words)

    def show_scanners(self, scanners: Sequence[Domain]) -> None:
        """Offer these scanners to filter by; with one alone there is nothing to choose."""
        chosen = self._scanner.currentData()
        with QSignalBlocker(self._scanner):
            self._scanner.clear()
            self._scanner.addItem(self.tr("all"), ALL)
            for scanner in scanners:
                self._scanner.addItem(scanner.name, scanner.domain_id)
            self._scanner.setCurrentIndex(max(0, self._scanner.findData(chosen)))
        if self._scanner.currentData() != chosen and chosen is not None:
            self.scanner_changed.emit(ALL)
        for widget in (self._scanner, self._scanner_words):
            widget.setVisible(len(scanners) > 1)
        self._show_whether_narrowed()

    def show_all(self) -> None:
        """Take every condition away."""
        self.search.clear()
        self._filter.setCurrentIndex(0)
        self._scanner.setCurrentIndex(0)

    @property
    def filters(self) -> Filters:
        """What is chosen now."""
        return Filters(
            label=_as_kept(self._filter.currentData()),
            scanner=_as_kept(self._scanner.currentData()),
        )

    def show_filters(self, filters: Filters) -> None:
        """Choose what was kept, as far as it is offered."""
        for box, kept in ((self._filter, filters.label), (self._scanner, filters.scanner)):
            offered = [_as_kept(box.itemData(row)) for row in range(box.count())]
            if kept in offered:
                box.setCurrentIndex(offered.index(kept))

    def step_size(self, step: int) -> None:
        """Choose a size so many steps larger, or smaller if negative."""
        row = self._size.currentIndex() + step
        self._size.setCurrentIndex(min(max(row, 0), self._size.count() - 1))

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

    def show_missing(self, has_missing: bool) -> None:
        """Offer to filter by what has no file where it was, where there is any."""
        if has_missing != self._has_missing:
            self._has_missing = has_missing
            self._show_filters()

    def _show_filters(self) -> None:
        chosen = self._filter.currentData()
        with QSignalBlocker(self._filter):
            self._filter.clear()
            self._filter.addItem(self.tr("all"), ALL)
            self._filter.addItem(self.tr("not labelled"), UNLABELLED)
            self._filter.addItem(self.tr("excluded"), EXCLUDED)
            if self._has_missing:
                self._filter.addItem(self.tr("file missing"), MISSING)
            if self._has_suggestions:
                self._filter.addItem(self.tr("low confidence"), LOW_CONFIDENCE)
                self._filter.addItem(self.tr("differs from the label"), DIFFERENT)
            if self._has_disputes:
                self._filter.addItem(self.tr("disagreement"), DISPUTED)
            for lesion_class in self._classes:
                self._filter.addItem(lesion_class.name, lesion_class.class_id)
            keys = [self._filter.itemData(row) for row in range(self._filter.count())]
            self._filter.setCurrentIndex(keys.index(chosen) if chosen in keys else 0)
        if chosen is not None and chosen not in keys:
            self._emit_filter()  # else the grid would still be narrowed by what is not offered
        self._show_whether_narrowed()

    def show_size(self, size_px: int) -> None:
        """Show the size as it was stored."""
        nearest = min(SIZES_PX, key=lambda offered: abs(offered - size_px))
        with QSignalBlocker(self._size):
            self._size.setCurrentIndex(SIZES_PX.index(nearest))

    def show_order(self, order: str) -> None:
        """Show the order as it was stored, if it is offered."""
        with QSignalBlocker(self._order):
            self._order.setCurrentIndex(max(0, self._order.findData(order)))

    @property
    def order(self) -> str:
        """The chosen order."""
        return str(self._order.currentData())

    @property
    def size_px(self) -> int:
        """The chosen thumbnail size."""
        size_px = self._size.currentData()
        assert isinstance(size_px, int)  # noqa: S101  our own invariant
        return size_px

    def _show_whether_narrowed(self) -> None:
        """Offer to show all images where anything keeps some away: nobody is to miss them."""
        self._clear.setVisible(bool(self.search.text()) or self.filters != Filters())

    def _emit_filter(self) -> None:
        self.filter_changed.emit(self._filter.currentData())


def _add_named(line: QHBoxLayout, box: QComboBox) -> QLabel:
    """Add a box after its name, and return the name's label."""
    label = text(box.accessibleName(), "muted")
    label.setWordWrap(False)
    label.setBuddy(box)
    line.addWidget(label)
    line.addWidget(box)
    return label


def _as_kept(chosen: str | UUID | None) -> str:
    return "" if chosen in (None, ALL) else str(chosen)


def _choice(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return box


def _narrow_choice(name: str) -> QComboBox:
    """Return a box whose entries have any length: it must not push others out of the window."""
    box = _choice(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(10)
    return box
