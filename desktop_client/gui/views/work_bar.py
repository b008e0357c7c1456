"""How far long work on the images is, with a way out."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop_client.gui.views.elements import button, card, text


class WorkBar(QWidget):
    """Hidden until work begins.

    Args:
        name: Read aloud for the bar.
        beginning: Said while nothing is known yet.
        doing: Said afterwards, with ``{0}`` of ``{1}``.
        stopping: Read aloud for the button that cancels.
    """

    cancel_asked = Signal()

    def __init__(self, name: str, beginning: str, doing: str, stopping: str) -> None:
        super().__init__()
        self._beginning, self._doing = beginning, doing
        self._words = text(beginning)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(name)
        cancel = button(self.tr("Cancel"), described=stopping)
        cancel.clicked.connect(self.cancel_asked)
        frame, inner = card()
        row = QHBoxLayout()
        row.addWidget(self._words, 1)
        row.addWidget(cancel)
        inner.addLayout(row)
        inner.addWidget(self._bar)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self.hide()

    def begin(self) -> None:
        """Show that work has begun and nothing is known yet."""
        self.show_found(0)
        self.show()

    def show_found(self, count: int) -> None:
        """Show how many files there are so far, while nobody knows how many there will be."""
        found = self.tr("{0} so far").format(f"{count:,}")
        self._words.setText(f"{self._beginning} · {found}" if count else self._beginning)
        self._bar.setRange(0, 0)

    def show_progress(self, done_count: int, total_count: int, left: str) -> None:
        """Show how far it is; ``left`` says in words how long it will take."""
        self._bar.setRange(0, max(1, total_count))
        self._bar.setValue(done_count)
        words = self._doing.format(f"{done_count:,}", f"{total_count:,}")
        self._words.setText(f"{words} · {left}" if left else words)
