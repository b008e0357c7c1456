"""Help: one window, opened beside the work and found again as it was left."""

from PySide6.QtCore import QByteArray, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop_client.gui.help import HOW_IT_WORKS, PAGES, page_text, picture
from desktop_client.gui.palette import LIGHT, Palette
from desktop_client.gui.translation import language_in_use
from desktop_client.gui.views.help_window import HelpPage, HelpWindow


class HelpController(QObject):
    """Makes the help window when it is first asked for."""

    settings_changed = Signal()
    """The window was closed; its place and size may have changed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._palette = LIGHT
        self._window: HelpWindow | None = None
        self.geometry: str | None = None
        """Qt's own bytes in base64; None before the window was first closed."""

    def show_how_it_works(self) -> None:
        """Show how the program works."""
        self.show_page(HOW_IT_WORKS)

    def show_page(self, name: str) -> None:
        """Show a page, in the window that is open already if there is one."""
        window = self._window or self._new_window()
        self._window = window
        window.show_named(name)
        if window.isVisible():
            window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
            window.raise_()
        window.show()
        window.activateWindow()

    def set_palette(self, palette: Palette) -> None:
        """Use these colours."""
        self._palette = palette
        if self._window is not None:
            self._window.page.show_picture(picture(HOW_IT_WORKS, palette))

    def close(self) -> None:
        """Close the window if it is open."""
        if self._window is not None:
            self._window.close()

    def on_window_finished(self) -> None:
        """Remember where the window was."""
        if self._window is not None:
            self.geometry = bytes(self._window.saveGeometry().toBase64().data()).decode()
            self.settings_changed.emit()

    def _new_window(self) -> HelpWindow:
        language = language_in_use()
        pages = [HelpPage(name, page_text(name, language)) for name in PAGES]
        window = HelpWindow(self._parent, pages)
        window.page.show_picture(picture(HOW_IT_WORKS, self._palette))
        if self.geometry:
            window.restoreGeometry(QByteArray.fromBase64(self.geometry.encode()))
        window.finished.connect(self.on_window_finished)
        return window
