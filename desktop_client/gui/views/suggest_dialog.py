"""Which model to ask about which images; without a model, what to do first."""

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.models.model_choices import ModelChoice
from desktop_client.gui.views.elements import button, text
from desktop_client.gui.wording import counted


class Asked(Enum):
    """Which images the model is asked about."""

    ALL = auto()
    SELECTED = auto()


class SuggestDialog(QDialog):
    """Holds the choice until it is accepted."""

    chosen = Signal(Path, Asked, int)
    """Model file, images, and the percentage below which confidence is low."""
    training_asked = Signal()

    def __init__(
        self,
        choices: Sequence[ModelChoice],
        selected_count: int,
        low_percent: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Model suggestions"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        heading = text(self.tr("Model suggestions"), "title")
        heading.setWordWrap(False)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(24, 20, 24, 16)
        self._layout.setSpacing(12)
        self._layout.addWidget(heading)
        if choices:
            self._offer(choices, selected_count, low_percent)
        else:
            self._send_to_training()

    def on_buttons_accepted(self) -> None:
        """Hand the choice over."""
        self.chosen.emit(self._model.currentData(), self._images.currentData(), self._low.value())
        self.accept()

    def on_training_clicked(self) -> None:
        """Go where a model can be trained."""
        self.training_asked.emit()
        self.reject()

    def _offer(self, choices: Sequence[ModelChoice], selected_count: int, low: int) -> None:
        explanation = self.tr(
            "The model proposes a class for each image, with a confidence. A suggestion is for "
            "research only; it is no diagnosis, and becomes a label only if you accept it."
        )
        self._layout.addWidget(text(explanation, "muted"))
        self._model, self._images = _box(self.tr("Model")), _box(self.tr("Images"))
        for choice in choices:
            self._model.addItem(choice.words, choice.path)
        self._images.addItem(self.tr("all that have none from this model yet"), Asked.ALL)
        if selected_count:
            images = counted(selected_count, self.tr("selected image"), self.tr("selected images"))
            self._images.addItem(self.tr("only the {0}").format(images), Asked.SELECTED)
        self._low = QSpinBox()
        self._low.setRange(1, 100)
        self._low.setSuffix(self.tr(" %"))
        self._low.setValue(low)
        self._low.setAccessibleName(self.tr("Confidence is low below"))
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(16)
        for box in (self._model, self._images, self._low):
            label = text(box.accessibleName())
            label.setWordWrap(False)
            label.setBuddy(box)
            form.addRow(label, box)
        self._layout.addLayout(form)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        start = button(self.tr("Suggest labels"), "primary")
        buttons.addButton(start, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.on_buttons_accepted)
        buttons.rejected.connect(self.reject)
        self._layout.addWidget(buttons)
        start.setDefault(True)  # only a button that is in a dialog can be its default

    def _send_to_training(self) -> None:
        self._layout.addWidget(
            text(
                self.tr(
                    "There is no model here yet. Train a model first, or take part in a study: "
                    "then it can propose a class for each image."
                )
            )
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        training = button(self.tr("Go to training"), "primary")
        training.clicked.connect(self.on_training_clicked)
        buttons.addButton(training, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self._layout.addWidget(buttons)
        training.setDefault(True)


def _box(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    return box
