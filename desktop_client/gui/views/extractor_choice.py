"""Which of a study's networks this site is to train, as a person chooses when joining."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from coordinator.study import ExtractorName
from desktop_client.gui.views.elements import text
from desktop_client.training.families import FAMILIES

INDENT_PX = 29


class ExtractorChoice(QWidget):
    """A button for each network with what it costs; hidden where there is nothing to choose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.buttons: dict[ExtractorName, QRadioButton] = {}
        self._group = QButtonGroup(self)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 10, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(text(self.tr("Which network this site trains"), "heading"))
        layout.addWidget(
            text(
                self.tr(
                    "The study leaves you the choice. What tells lesions and scanners apart is "
                    "averaged over all sites, the rest of a network over the sites that have the "
                    "same one. To change it later, a site has to leave and join again."
                )
            )
        )
        layout.addLayout(self._rows)
        self.hide()

    def offer(self, sizes: Mapping[ExtractorName, int | None], suggestion: ExtractorName) -> None:
        """Show what there is to choose from, and choose what suits this computer.

        Args:
            sizes: By network, about how many bytes are sent in a round, as far as known.
            suggestion: The one that suits this computer.
        """
        for old in self.buttons.values():
            self._group.removeButton(old)
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.buttons.clear()
        for name, byte_count in sizes.items():
            chosen = QRadioButton(self._title(name, is_suggested=name == suggestion))
            costs = self._costs(name, byte_count)
            chosen.setAccessibleDescription(costs)
            chosen.setChecked(name == suggestion)
            chosen.toggled.connect(self.on_button_toggled)
            told = text(costs, "muted")
            told.setIndent(INDENT_PX)
            self._group.addButton(chosen)
            self._rows.addWidget(chosen)
            self._rows.addWidget(told)
            self.buttons[name] = chosen
        self.setVisible(len(sizes) > 1)

    @property
    def chosen(self) -> ExtractorName:
        """The network that was chosen."""
        return next(name for name, chosen in self.buttons.items() if chosen.isChecked())

    def on_button_toggled(self, is_chosen: bool) -> None:
        """Tell of a choice once, not of the one that it takes the place of."""
        if is_chosen:
            self.changed.emit()

    def _title(self, name: ExtractorName, *, is_suggested: bool) -> str:
        family = FAMILIES[name]
        if name == "small_cnn":
            words = self.tr("Small network, for a computer without a graphics card")
        elif family.wants_graphics_card:
            words = self.tr("{0}, for a computer with a graphics card").format(family.title)
        else:
            words = self.tr("{0}, with or without a graphics card").format(family.title)
        return self.tr("{0} (suits this computer)").format(words) if is_suggested else words

    def _costs(self, name: ExtractorName, byte_count: int | None) -> str:
        times = FAMILIES[name].slowness
        pace = (
            self.tr("The quickest to train.")
            if times == 1
            else self.tr("Without a graphics card {0} times as slow as the small one.").format(
                f"{times:g}"
            )
        )
        if byte_count is None:
            return pace
        return self.tr("{0} About {1} MB are sent each time.").format(
            pace, f"{byte_count / 1e6:.1f}"
        )
