"""How long, on what and how to train, in plain words; the rest is folded away."""

from typing import get_args

from PySide6.QtCore import QLocale, QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from coordinator.study import Method
from desktop_client.gui.views.elements import button, card, text
from desktop_client.gui.views.network_choice import NetworkChoice
from desktop_client.settings import ClientSettings
from desktop_client.training.request import DeviceChoice


class TrainingSettings(QWidget):
    """Settings of a training at this site."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        method = Method()
        self.epochs = _spin(1, 1000, 20)
        self.epochs.setSuffix(self.tr(" passes"))
        self.epochs.setToolTip(self.tr("How often every labelled image is seen"))
        self.device = _choice(
            (self.tr("choose for me"), "automatic"),
            (self.tr("processor (CPU)"), "cpu"),
            (self.tr("NVIDIA graphics card"), "cuda"),
            (self.tr("Apple graphics"), "mps"),
        )
        self.network = NetworkChoice()
        self.variation = _choice(
            (self.tr("mirrored"), "flips"),
            (self.tr("mirrored, cropped, lit"), "mild"),
            (self.tr("not at all"), "none"),
        )
        self.weight = QDoubleSpinBox()
        self.weight.setRange(0, 100)
        self.weight.setDecimals(2)
        self.weight.setSingleStep(0.05)
        self.weight.setLocale(QLocale.c())
        self.weight.setValue(method.adversarial_weight)
        self.batch = _spin(2, 4096, method.batch_size)
        self.batch.setSuffix(self.tr(" images"))
        self.seed = _spin(0, 2**31 - 1, 0)
        self.mixed = QCheckBox(self.tr("Mixed precision"))
        self.repeatable = QCheckBox(self.tr("Repeatable to the bit"))
        self.all_cards = QCheckBox(self.tr("All graphics cards"))
        self._build()
        for box in (self.epochs, self.weight, self.batch, self.seed):
            box.valueChanged.connect(self.changed)
        for choice in (self.device, self.variation):
            choice.currentIndexChanged.connect(self.changed)
        self.network.changed.connect(self.changed)
        for tick in (self.mixed, self.repeatable, self.all_cards):
            tick.setAccessibleName(tick.text())
            tick.toggled.connect(self.changed)

    def _build(self) -> None:
        frame, inner = card(self.tr("Settings"))
        plain = _form()
        _row(plain, self.tr("How long"), self.epochs)
        _row(plain, self.tr("Compute on"), self.device)
        self._folded = QWidget()
        self._folded.setLayout(self._advanced())
        self._folded.hide()
        self._fold = button(self.tr("▸  Advanced"), "fold", self.tr("Advanced settings"))
        self._fold.setCheckable(True)
        self._fold.toggled.connect(self.on_fold_toggled)
        inner.addLayout(plain)
        inner.addWidget(self._fold)
        inner.addWidget(self._folded)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)

    def _advanced(self) -> QFormLayout:
        """Return the fields that most people leave alone, each with what it does."""
        form = _form()
        form.setVerticalSpacing(4)
        form.addRow(text(self.tr("Network"), "muted"))
        form.addRow(self.network)
        for words, field, explanation in (
            (
                self.tr("Vary images"),
                self.variation,
                self.tr("Anew in each pass, so that few teach more. Not if left and right matter."),
            ),
            (
                self.tr("Site-blindness"),
                self.weight,
                self.tr("How strongly the model unlearns the scanner; 0 trains without that."),
            ),
            (
                self.tr("At a time"),
                self.batch,
                self.tr("Fewer need less memory. If it is full, training halves them by itself."),
            ),
            (
                self.tr("Random seed"),
                self.seed,
                self.tr("Another number begins elsewhere; the same one gives the same model."),
            ),
        ):
            _row(form, words, field)
            _explain(form, field, explanation)
        for tick, explanation in (
            (
                self.mixed,
                self.tr("Quicker on newer NVIDIA cards, a little less exact."),
            ),
            (
                self.repeatable,
                self.tr("For graphics cards, somewhat slower. A processor always is."),
            ),
            (
                self.all_cards,
                self.tr(
                    "Share the work. Pays with large networks; “Check this computer” tries it."
                ),
            ),
        ):
            form.addRow(tick)
            _explain(form, tick, explanation)
        defaults = button(self.tr("Back to the defaults"))
        defaults.clicked.connect(self.on_defaults_clicked)
        form.addRow(defaults)
        return form

    def on_defaults_clicked(self) -> None:
        """Show every setting as it is in a new installation, and keep that."""
        self.show_values(ClientSettings())
        self.changed.emit()

    def on_fold_toggled(self, is_open: bool) -> None:
        """Unfold or fold the advanced settings."""
        self._fold.setText(self.tr("▾  Advanced") if is_open else self.tr("▸  Advanced"))
        self._folded.setVisible(is_open)

    def show_values(self, settings: ClientSettings) -> None:
        """Show the settings as they were stored; that is no change to be stored again."""
        with QSignalBlocker(self):
            self._show(settings)

    def _show(self, settings: ClientSettings) -> None:
        self.epochs.setValue(settings.epoch_count)
        self.device.setCurrentIndex(max(0, self.device.findData(settings.device)))
        self.network.show_values(settings.extractor, settings.weights_path)
        self.variation.setCurrentIndex(max(0, self.variation.findData(settings.augmentation)))
        self.weight.setValue(settings.adversarial_weight)
        self.batch.setValue(settings.batch_size)
        self.seed.setValue(settings.seed)
        self.mixed.setChecked(settings.is_mixed_precision)
        self.repeatable.setChecked(settings.is_deterministic)
        self.all_cards.setChecked(settings.uses_all_cards)

    def values(self) -> dict[str, object]:
        """Return the settings to be stored, by their names there."""
        return {
            "epoch_count": self.epochs.value(),
            "device": self.chosen_device(),
            "extractor": self.network.extractor.currentData(),
            "weights_path": self.network.weights_path,
            "augmentation": self.variation.currentData(),
            "adversarial_weight": self.weight.value(),
            "batch_size": self.batch.value(),
            "seed": self.seed.value(),
            "is_mixed_precision": self.mixed.isChecked(),
            "is_deterministic": self.repeatable.isChecked(),
            "uses_all_cards": self.all_cards.isChecked(),
        }

    def chosen_device(self) -> DeviceChoice:
        """Return where to compute."""
        for choice in get_args(DeviceChoice):
            if choice == self.device.currentData():
                return choice  # type: ignore[no-any-return]  # one of the literals
        return "automatic"

    def rank_count(self) -> int:
        """Return how many graphics cards compute together; 0 for all there are."""
        return 0 if self.all_cards.isChecked() else 1

    def method(self) -> Method:
        """Return the training step to use."""
        weight = self.weight.value()
        return Method(
            augmentation=self.variation.currentData(),
            adversarial_weight=weight,
            second="literal" if weight > 0 else "off",
            batch_size=self.batch.value(),
        )


def _spin(lowest: int, highest: int, value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(lowest, highest)
    box.setValue(value)
    return box


def _choice(*items: tuple[str, str]) -> QComboBox:
    box = QComboBox()
    for words, value in items:
        box.addItem(words, value)
    return box


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setVerticalSpacing(8)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    # A longer language must not make it wider than the column that it is in.
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    return form


def _row(form: QFormLayout, words: str, field: QWidget) -> None:
    label = text(words, "muted")
    label.setWordWrap(False)
    label.setBuddy(field)
    field.setAccessibleName(words)
    form.addRow(label, field)


def _explain(form: QFormLayout, field: QWidget, explanation: str) -> None:
    field.setAccessibleDescription(explanation)
    said = text(explanation, "muted")
    said.setContentsMargins(0, 0, 0, 8)  # nearer to its own field than to the next
    form.addRow(said)
