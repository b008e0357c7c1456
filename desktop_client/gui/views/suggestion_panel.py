"""What the model suggests for the current image, and how to take it over."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import button, card, show_role, text
from desktop_client.gui.views.work_bar import WorkBar


class SuggestionPanel(QWidget):
    """One sentence, a button to accept, and whether suggestions are seen before the own label."""

    accept_asked = Signal()
    suggestions_asked = Signal()
    """The model is to be asked, or another one chosen."""
    shown_first_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = text()
        self._is_blind = False
        self._basis = text("", "muted")
        self._accept = button(self.tr("Accept"), described=self.tr("Accept the model suggestion"))
        self._accept.clicked.connect(self.accept_asked)
        self._ask = button(self.tr("Suggest …"), described=self.tr("Suggest labels …"))
        self._ask.clicked.connect(self.suggestions_asked)
        self._first = QCheckBox(self.tr("show before I label"))
        self._first.setAccessibleName(self.tr("Show model suggestions before I label"))
        self._first.setToolTip(
            self.tr(
                "Whoever sees a suggestion first tends to follow it; after your own label is safer"
            )
        )
        self._first.toggled.connect(self.shown_first_changed)
        for widget in (self._accept, self._ask, self._first):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the grid
        frame, inner = card()
        inner.setContentsMargins(16, 10, 16, 10)
        inner.setSpacing(4)
        acts = QHBoxLayout()
        acts.addStretch(1)
        acts.addWidget(self._ask)
        acts.addWidget(self._accept)
        inner.addWidget(self._words)
        inner.addWidget(self._basis)
        inner.addWidget(self._first)
        inner.addLayout(acts)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)

    def show_setting(self, is_shown_first: bool) -> None:
        """Show the setting as it was stored."""
        with QSignalBlocker(self._first):
            self._first.setChecked(is_shown_first)

    def show_blind(self, is_blind: bool) -> None:
        """Offer no choice to who reads blindly: what they see always comes first."""
        self._is_blind = is_blind

    def show_origin(self, words: str) -> None:
        """Say which model suggested it and when, to whoever points at the suggestion."""
        self._words.setToolTip(words)

    def show_suggestion(self, words: str, basis: str, key: str, *, is_acceptable: bool) -> None:
        """Show a sentence about the current image.

        Args:
            words: What is suggested, or why nothing is shown.
            basis: What the confidence means; empty if the model was not asked about the image.
            key: Which key accepts it; empty if none does.
            is_acceptable: Whether there is something to accept.
        """
        self._words.setText(words)
        show_role(self._words, "role", "strong" if basis else "")
        self._basis.setText(basis)
        self._basis.setVisible(bool(basis))
        self._first.setVisible(bool(basis) and not self._is_blind)
        self._accept.setText(self.tr("Accept ({0})").format(key) if key else self.tr("Accept"))
        self._accept.setVisible(is_acceptable)
        self._ask.setVisible(not basis)


class SuggestionBar(WorkBar):
    """Progress of a model that is being asked, with a way out."""

    def __init__(self) -> None:
        super().__init__(
            self.tr("Progress of the model suggestions"),
            self.tr("Starting the model …"),
            self.tr("Asking the model about image {0} of {1}"),
            self.tr("Stop asking the model"),
        )
