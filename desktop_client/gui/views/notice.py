"""One sentence above the page: what was done, or what went wrong and what to do."""

from typing import Literal

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from desktop_client.gui.icons import icon
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.elements import selectable, show_role

Severity = Literal["success", "warning"]

GOOD_NEWS_MS = 8000
"""Good news goes by itself; problems stay until they are dismissed."""


class Notice(QFrame):
    """Shows the newest sentence and reads it aloud."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._words = selectable()
        self._about = ""
        self._close = QToolButton()
        self._close.setProperty("role", "icon")
        self._close.setIconSize(QSize(16, 16))
        self._close.setAccessibleName(self.tr("Dismiss this message"))
        self._close.setToolTip(self._close.accessibleName())
        self._close.clicked.connect(self.hide)
        self._timer = QTimer(self, singleShot=True, interval=GOOD_NEWS_MS)
        self._timer.timeout.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._close)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def sentence(self) -> str:
        """The sentence that was shown last."""
        return self._words.text()

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._close.setIcon(icon("close", palette.text))

    def tell(self, sentence: str, severity: Severity, about: str = "") -> None:
        """Show a sentence; that it is no good news is said in words too, not by colour alone.

        Args:
            sentence: What to say.
            severity: Whether it needs an answer.
            about: What somebody has to do differently; ``settle`` hides the sentence when done.
        """
        self._about = about
        self._words.setText(self.tr("Note: ") + sentence if severity == "warning" else sentence)
        show_role(self, "severity", severity)
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._words.text()))
        if severity == "success":
            self._timer.start()
        else:
            self._timer.stop()

    def settle(self, about: str) -> None:
        """Hide a problem of this kind, because what it asked for was done."""
        if self._about == about:
            self.hide()

    def forget_good_news(self) -> None:
        """Hide what needs no answer, for example because another page is shown."""
        if self._timer.isActive():
            self._timer.stop()
            self.hide()
