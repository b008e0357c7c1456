"""Below the picture: whose map lies over it and for which class, and what that means."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from desktop_client.gui.models.model_choices import ModelChoice
from desktop_client.gui.views.elements import button, card, show_role, text
from desktop_client.imaging.heat import COLOURS

USUAL_STRENGTH: Final = 60
"""Percent; the picture is still seen under the strongest place."""
SLIDER_PX: Final = 90
LETTERS: Final = 12
SCALE_PX: Final = QSize(90, 12)


class HeatScale(QWidget):
    """The colours from no heat to the strongest."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(SCALE_PX)
        self.setAccessibleName(self.tr("Colours from weak to strong"))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        """Draw one column of each colour."""
        painter = QPainter(self)
        for x in range(self.width()):
            step = x * (len(COLOURS) - 1) // max(1, self.width() - 1)
            painter.setPen(QColor(*(int(part) for part in COLOURS[step])))
            painter.drawLine(x, 0, x, self.height() - 1)


class HeatBar(QWidget):
    """Choices of model, class and strength, a legend, one sentence and one caution."""

    model_chosen = Signal(object)
    """A ``ModelChoice``."""
    class_chosen = Signal(object)
    """The index of a class, or None for the one that the model answers."""
    strength_changed = Signal()
    training_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._class = _box(self.tr("Model")), _box(self.tr("Class"))
        self._classes: tuple[tuple[str, ...], int | None] | None = None
        self._model.activated.connect(lambda row: self.model_chosen.emit(self._model.itemData(row)))
        self._class.activated.connect(lambda row: self.class_chosen.emit(self._class.itemData(row)))
        self._strength = QSlider(Qt.Orientation.Horizontal)
        self._strength.setRange(0, 100)
        self._strength.setValue(USUAL_STRENGTH)
        self._strength.setFixedWidth(SLIDER_PX)
        self._strength.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._strength.setAccessibleName(self.tr("How strongly the map covers the image"))
        self._strength.setToolTip(self._strength.accessibleName())
        self._strength.valueChanged.connect(self.strength_changed)
        self._words = text()
        self._caution = text(
            self.tr(
                "This shows where the answer is sensitive, not why, and not whether it is right. "
                "Line: at least half of the strongest. Research use only."
            ),
            "muted",
        )
        self._train = button(self.tr("Go to training"))
        self._train.clicked.connect(self.training_asked)
        frame, inner = card()
        inner.setContentsMargins(14, 8, 14, 10)
        inner.setSpacing(6)
        self._choices, self._looks = QWidget(), QWidget()
        self._choices.setLayout(_row(self._model, self._class))
        scale = (_short(self.tr("weak")), HeatScale(), _short(self.tr("strong")))
        self._looks.setLayout(_row(self._strength, *scale))
        inner.addWidget(self._choices)
        inner.addLayout(_row(self._words, self._looks))
        inner.addWidget(self._caution)
        inner.addWidget(self._train, 0, Qt.AlignmentFlag.AlignLeft)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self.show_models((), None)
        self.show_classes((), None)

    @property
    def strength(self) -> float:
        """Opacity of the strongest place, 0 to 1."""
        return self._strength.value() / 100

    @property
    def words(self) -> str:
        """What is said of the map."""
        return self._words.text()

    def show_models(self, choices: Sequence[ModelChoice], chosen: ModelChoice | None) -> None:
        """Offer these models; without any, the way to one."""
        with QSignalBlocker(self._model):
            self._model.clear()
            for choice in choices:
                self._model.addItem(choice.words, choice)
                self._model.setItemData(
                    self._model.count() - 1, choice.words, Qt.ItemDataRole.ToolTipRole
                )
            if chosen is not None:
                self._model.setCurrentIndex(list(choices).index(chosen))
        for widget in (self._choices, self._looks, self._caution):
            widget.setVisible(bool(choices))
        self._train.setVisible(not choices)

    def show_classes(self, names: Sequence[str], chosen: int | None) -> None:
        """Offer the model's classes; None stands for the one that it answers."""
        if self._classes == (tuple(names), chosen):
            return  # a list that is open stays open
        self._classes = tuple(names), chosen
        with QSignalBlocker(self._class):
            self._class.clear()
            self._class.addItem(self.tr("its answer"), None)
            for index, name in enumerate(names):
                self._class.addItem(name, index)
            self._class.setCurrentIndex(0 if chosen is None else chosen + 1)

    def show_words(self, words: str, role: str = "") -> None:
        """Say what is seen, or why nothing is."""
        self._words.setText(words)
        show_role(self._words, "role", role)


def _row(*widgets: QWidget) -> QHBoxLayout:
    """Lay widgets beside each other; the first one takes the room that is left."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    for widget in widgets:
        line.addWidget(widget)
    line.setStretch(0, 1)
    return line


def _box(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(LETTERS)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the image
    return box


def _short(words: str) -> QWidget:
    label = text(words, "muted")
    label.setWordWrap(False)
    return label
