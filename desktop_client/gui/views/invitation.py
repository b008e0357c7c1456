"""What an empty page says: what belongs here and the one button that begins it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_client.gui.icons import pixmap
from desktop_client.gui.palette import Palette
from desktop_client.gui.views.elements import button, text


class Invitation(QWidget):
    """A large, centred invitation to begin."""

    accepted = Signal()
    other_accepted = Signal()

    def __init__(
        self, icon_name: str, title: str, words: str, action: str, other_action: str = ""
    ) -> None:
        super().__init__()
        self._icon_name = icon_name
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        begin = button(action, "primary")
        begin.clicked.connect(self.accepted)
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(2)
        layout.addWidget(self._icon)
        for label in (text(title, "title"), text(words, "muted")):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addWidget(begin, 0, Qt.AlignmentFlag.AlignCenter)
        if other_action:
            other = button(other_action, "quiet")
            other.clicked.connect(self.other_accepted)
            layout.addWidget(other, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._icon.setPixmap(pixmap(self._icon_name, palette.accent, 64))
