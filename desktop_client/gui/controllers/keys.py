"""The keys in use: shown on a sheet, chosen in a window, handed to whoever listens for them."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_client.gui.keymap import KeyMap
from desktop_client.gui.menus import Menus
from desktop_client.gui.views.images_page import ImagesPage
from desktop_client.gui.views.keys_dialog import KeysDialog
from desktop_client.gui.views.sheets import key_sheet


class KeysController(QObject):
    """Keeps menus and the page of images to the same keys."""

    settings_changed = Signal()
    """Other keys were chosen."""

    def __init__(self, window: QWidget, menus: Menus, page: ImagesPage) -> None:
        super().__init__(window)
        self._window = window
        self._menus = menus
        self._page = page
        self.keymap = KeyMap()

    def use(self, keymap: KeyMap) -> None:
        """Use these keys from now on."""
        self.keymap = keymap
        self._menus.show_keys(keymap)
        self._page.keymap = keymap

    def show_sheet(self) -> None:
        """Show all keys as they are now."""
        key_sheet(self._window, self.keymap).open()

    def choose(self) -> None:
        """Let the person choose other keys."""
        dialog = KeysDialog(self.keymap, self._window)
        dialog.keys_chosen.connect(self.on_dialog_keys_chosen)
        dialog.open()

    def on_dialog_keys_chosen(self, keymap: KeyMap) -> None:
        """Use what was chosen, and keep it."""
        self.use(keymap)
        self.settings_changed.emit()
