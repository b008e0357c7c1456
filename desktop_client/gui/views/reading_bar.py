"""The bar above the images that says what kind of reading goes on, and what readers said."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import button, key_badge, text
from desktop_client.labelling.sample import LesionClass


@dataclass(frozen=True, slots=True)
class ShownOpinion:
    """What one reader said about the current image."""

    reader: str
    lesion_class: LesionClass


class ReadingBar(QFrame):
    """Hidden in ordinary labelling."""

    end_asked = Signal()
    opinion_chosen = Signal(object)
    """The ``UUID`` of the class that the decision follows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._heading, self._words = text("", "strong"), text()
        self._heading.setWordWrap(False)
        self._end = button(self.tr("Back to all images"))
        self._end.clicked.connect(self.end_asked)
        self._opinions = QHBoxLayout()
        self._opinions.setSpacing(10)
        self._cards: list[QWidget] = []
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._heading)
        top.addWidget(self._words, 1)
        top.addWidget(self._end)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 10, 8)
        layout.addLayout(top)
        layout.addLayout(self._opinions)
        self.hide()

    def show_second_reading(self, read_count: int, total_count: int) -> None:
        """Say how far a second reading is."""
        self._heading.setText(self.tr("Second reading"))
        progress = self.tr("{0} of {1} read.").format(f"{read_count:,}", f"{total_count:,}")
        rest = (
            self.tr("All is read; end it to compare.")
            if read_count == total_count
            else self.tr("What others said of these images is hidden until you end it.")
        )
        self._words.setText(f"{progress} {rest}")
        self._show(self.tr("End second reading"))
        self.show_opinions(())

    def show_settling(self, settled_count: int, total_count: int) -> None:
        """Say how many disagreements are settled."""
        self._heading.setText(self.tr("Settling disagreements"))
        progress = self.tr("{0} of {1} settled.").format(f"{settled_count:,}", f"{total_count:,}")
        advice = self.tr("A class key, or a click on an opinion, decides; that becomes the label.")
        self._words.setText(f"{progress} {advice}")
        self._show(self.tr("Back to all images"))

    def show_opinions(self, opinions: Sequence[ShownOpinion]) -> None:
        """Show side by side who said what about the current image."""
        for card in self._cards:
            card.setParent(None)
            card.deleteLater()
        self._cards = [self._card(opinion) for opinion in opinions]
        for card in self._cards:
            self._opinions.addWidget(card, 1)
            card.show()

    def _card(self, opinion: ShownOpinion) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        reader = text(opinion.reader, "muted")
        reader.setWordWrap(False)
        name = opinion.lesion_class.name
        choose = button(
            name, "fold", self.tr("Decide for {0}, as {1} said").format(name, opinion.reader)
        )
        choose.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        choose.clicked.connect(partial(self._choose, opinion.lesion_class.class_id))
        layout = QHBoxLayout(card)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.setSpacing(8)
        layout.addWidget(reader)
        layout.addWidget(key_badge(opinion.lesion_class))
        layout.addWidget(choose)
        layout.addStretch(1)
        return card

    def _choose(self, class_id: UUID) -> None:
        self.opinion_chosen.emit(class_id)

    def _show(self, end: str) -> None:
        self._end.setText(end)
        self._end.setAccessibleName(end)
        self.show()
