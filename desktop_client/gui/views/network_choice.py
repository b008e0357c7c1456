"""Which network is trained, how large and slow it is, and what it begins from."""

from pathlib import Path

from PySide6.QtCore import QLocale, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from coordinator.study import WITHOUT_WEIGHTS_FILE, ModelDesign
from desktop_client.gui.views.elements import ElidedLabel, button, text
from desktop_client.training.families import FAMILIES

NARROWEST_NAME_PX = 60


class NetworkChoice(QWidget):
    """A list of networks; for those that can begin from a weights file, which one."""

    changed = Signal()
    weights_asked = Signal()
    """Ask the person for a weights file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.weights_path: Path | None = None
        self.extractor = QComboBox()
        for name, family in FAMILIES.items():
            words = self.tr("Small and quick") if name == "small_cnn" else family.title
            self.extractor.addItem(words, name)
        self.extractor.setAccessibleName(self.tr("Network"))
        self._explanation = text("", "muted")
        self._file = ElidedLabel(NARROWEST_NAME_PX, "muted")
        self._choose = button(self.tr("Weights file …"), "", self.tr("Choose a weights file"))
        self._choose.setToolTip(self.tr("A state dict of torchvision, .pth or .safetensors"))
        self._forget = button(self.tr("None"), "", self.tr("Begin from random numbers"))
        self._choose.clicked.connect(self.weights_asked)
        self._forget.clicked.connect(self.on_forget_clicked)
        self.extractor.currentIndexChanged.connect(self.on_extractor_changed)
        row = QHBoxLayout()
        row.addWidget(self._choose, 1)
        row.addWidget(self._forget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 8)
        layout.setSpacing(4)
        layout.addWidget(self.extractor)
        layout.addWidget(self._explanation)
        layout.addWidget(self._file)
        layout.addLayout(row)
        self._explain()

    def show_values(self, extractor: str, weights_path: Path | None) -> None:
        """Show a stored choice; one that is not offered any more becomes the first."""
        with QSignalBlocker(self.extractor):
            self.extractor.setCurrentIndex(max(0, self.extractor.findData(extractor)))
        self.weights_path = weights_path if self._takes_a_file() else None
        self._explain()

    def show_weights(self, path: Path) -> None:
        """Begin from this file."""
        self.weights_path = path
        self._explain()
        self.changed.emit()

    def design(self) -> ModelDesign:
        """Return the model to train."""
        return ModelDesign(
            extractor=self.extractor.currentData(),
            weights="own" if self.weights_path is None else "file",
        )

    def on_extractor_changed(self) -> None:
        """Explain the network; a file of another one is of no use to it."""
        self.weights_path = None
        self._explain()
        self.changed.emit()

    def on_forget_clicked(self) -> None:
        """Begin from random numbers again."""
        self.weights_path = None
        self._explain()
        self.changed.emit()

    def _takes_a_file(self) -> bool:
        return self.extractor.currentData() not in WITHOUT_WEIGHTS_FILE

    def _explain(self) -> None:
        words = self._words()
        self._explanation.setText(words)
        self.extractor.setAccessibleDescription(words)
        takes_a_file, path = self._takes_a_file(), self.weights_path
        self._file.setText(self.tr("From random numbers") if path is None else path.name)
        self._file.setToolTip("" if path is None else str(path))
        for widget in (self._file, self._choose):
            widget.setVisible(takes_a_file)
        self._forget.setVisible(takes_a_file and path is not None)

    def _words(self) -> str:
        name = str(self.extractor.currentData())
        family = FAMILIES[name]
        slow = QLocale().toString(float(family.slowness), "g", 3)
        if name == "small_cnn":
            return self.tr("Enough for a few hundred images, also without a graphics card.")
        if name == "efficientnet_lite0":
            return self.tr(
                "Begins from weights learned on everyday photographs, which come with SiteBlind. "
                "A step takes {0} times as long as with the small network. Images are not varied."
            ).format(slow)
        return self.tr(
            "May learn more from many images. A step takes about {0} times as long as with the "
            "small network. It begins from random numbers, or better from a weights file."
        ).format(slow)
