"""The line at the bottom that is always there: what this program is not for."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from desktop_client.gui.icons import pixmap
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.elements import button, text


class Footer(QFrame):
    """The warning at the left, what is going on and who reads at the right."""

    reader_asked = Signal()
    """Somebody wants to sign in."""

    def __init__(self, parent: QWidget | None = None, *, has_reader: bool = True) -> None:
        """Show the line; without a project there is nobody to sign in."""
        super().__init__(parent)
        self.setProperty("role", "footer")
        self._icon = QLabel()
        self._banner = text(
            self.tr("Research use only. Not for diagnostic use."),
            "banner",
        )
        self._banner.setWordWrap(False)
        self._banner.setAccessibleName(self._banner.text())
        self._activity = text()
        self._activity.setWordWrap(False)
        self._activity.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 7, 16, 7)
        layout.setSpacing(8)
        layout.addWidget(self._icon)
        layout.addWidget(self._banner)
        layout.addStretch(1)
        layout.addWidget(self._activity)
        self._reader = button("", "banner")
        self._reader.clicked.connect(self.reader_asked)
        layout.addWidget(self._reader)
        self._reader.setVisible(has_reader)
        self.show_reader("")

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._icon.setPixmap(pixmap("warning", palette.on_banner, 18))

    def show_activity(self, words: str) -> None:
        """Say what is going on in the background; nothing when nothing is."""
        self._activity.setText(words)

    def show_reader(self, name: str) -> None:
        """Say who is signed in."""
        words = self.tr("Reader: {0}").format(name) if name else self.tr("Sign in …")
        self._reader.setText(words.replace("&", "&&"))
        self._reader.setAccessibleName(self.tr("{0}. Sign in as somebody else").format(words))
        self._reader.setToolTip(self.tr("Sign in as somebody else"))
