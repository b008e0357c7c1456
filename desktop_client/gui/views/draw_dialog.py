"""Asks for the share of others' images that is to be read a second time, and the seed."""

import secrets
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop_client.gui.views.elements import text

USUAL_PERCENT: Final = 20
LARGEST_SEED: Final = 999_999


class DrawDialog(QDialog):
    """Tells what was chosen once it was confirmed."""

    chosen = Signal(float, int)
    """The share, above 0 and at most 1, and the seed."""

    def __init__(self, candidate_count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._candidate_count = candidate_count
        self.setWindowTitle(self.tr("Second reading"))
        self.percent = QSpinBox()
        self.percent.setRange(1, 100)
        self.percent.setSuffix(" %")
        self.percent.setValue(USUAL_PERCENT)
        self.percent.setAccessibleName(self.tr("Share of the images to read again"))
        self.seed = QSpinBox()
        self.seed.setRange(0, LARGEST_SEED)
        self.seed.setValue(secrets.randbelow(LARGEST_SEED))
        self.seed.setAccessibleName(self.tr("Seed of the random draw"))
        self._count = text("", "strong")
        form = QFormLayout()
        form.addRow(self.tr("Share"), self.percent)
        form.addRow(self.tr("Seed"), self.seed)
        form.addRow(text(self.tr("Drawn"), "muted"), self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(14)
        layout.addWidget(text(self.tr("Read images a second time, blindly"), "heading"))
        layout.addWidget(
            text(
                self.tr(
                    "Images are drawn at random from those that others labelled. Their labels, "
                    "notes and file names stay hidden from you until you end the second reading. "
                    "Your reads are kept beside the labels and change none. The same seed draws "
                    "the same images."
                )
            )
        )
        layout.addLayout(form)
        layout.addWidget(self._buttons())
        self.percent.valueChanged.connect(self.on_percent_changed)
        self.on_percent_changed(self.percent.value())
        self.setMinimumWidth(460)

    def on_percent_changed(self, percent: int) -> None:
        """Say how many images that is."""
        count = max(1, round(percent / 100 * self._candidate_count))
        self._count.setText(
            self.tr("{0} of {1} images").format(f"{count:,}", f"{self._candidate_count:,}")
        )

    def accept(self) -> None:
        """Tell what was chosen."""
        super().accept()
        self.chosen.emit(self.percent.value() / 100, self.seed.value())

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        begin = buttons.addButton(
            self.tr("Begin second reading"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        begin.setProperty("role", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons
