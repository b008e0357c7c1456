"""The pages by name, always at the left."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from desktop_client.gui.icons import icon
from desktop_client.gui.palette import Palette

WIDTH_PX = 148


class Navigation(QFrame):
    """One button per page, of which one is pressed."""

    page_chosen = Signal(int)

    def __init__(self, pages: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """Offer pages, each as the name of its icon and its title."""
        super().__init__(parent)
        self.setProperty("role", "navigation")
        self.setFixedWidth(WIDTH_PX)
        self._pages = pages
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 16, 8, 8)
        layout.setSpacing(4)
        for number, (_, title) in enumerate(pages):
            button = QToolButton()
            button.setProperty("role", "page")
            button.setText(f"  {title}")
            button.setAccessibleName(self.tr("Page {0}").format(title))
            button.setToolTip(f"Ctrl+{number + 1}")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(24, 24))
            button.setCheckable(True)
            button.setFixedWidth(WIDTH_PX - 17)
            self._group.addButton(button, number)
            layout.addWidget(button)
        layout.addStretch(1)
        self._group.idClicked.connect(self.page_chosen)

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        for number, (name, _) in enumerate(self._pages):
            self._group.button(number).setIcon(icon(name, palette.text))

    def show_page(self, number: int) -> None:
        """Press the button of this page."""
        self._group.button(number).setChecked(True)
