"""The menu bar, made from the table of commands; what a command does is connected elsewhere."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from desktop_client.gui.commands import Command, Group, group_title
from desktop_client.gui.keymap import KeyMap, key_words
from desktop_client.gui.theme import THEMES


class Menus(QObject):
    """One entry for each command, with the keys in use."""

    theme_chosen = Signal(str)
    image_command_asked = Signal(str)
    """A command of the page of images was chosen from the menu."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._keymap = KeyMap()
        self.actions: dict[str, QAction] = {}
        """Every command's action by ``command_id``."""
        for group, commands in self._keymap.by_group():
            menu = window.menuBar().addMenu(group_title(group))
            for command in commands:
                self._add(menu, command)
            if group is Group.VIEW:
                menu.addSeparator()
                self.themes = self._theme_menu(menu)
        self.show_keys(self._keymap)

    def show_keys(self, keymap: KeyMap) -> None:
        """Use these keys from now on."""
        self._keymap = keymap
        for command in keymap.commands:
            action, keys = self.actions[command.command_id], keymap.keys_of(command)
            if command.is_for_images:
                # The page itself looks for these keys, after the widget that has the focus; after
                # a tab, Qt writes text where it writes keys.
                first = f"\t{key_words(keys[0])}" if keys else ""
                action.setText(command.words + first)
            else:
                action.setShortcuts([QKeySequence(key) for key in _with_shift(keys)])

    def show_theme(self, theme: str) -> None:
        """Tick the theme that is in use."""
        self.themes[theme].setChecked(True)

    def on_group_triggered(self, action: QAction) -> None:
        """Tell which theme was picked."""
        self.theme_chosen.emit(action.data())

    def _add(self, menu: QMenu, command: Command) -> None:
        if command.begins_section:
            menu.addSeparator()
        action = QAction(command.words, menu)
        menu.addAction(action)
        self.actions[command.command_id] = action
        if command.is_for_images:
            action.triggered.connect(lambda: self.image_command_asked.emit(command.command_id))

    def _theme_menu(self, view: QMenu) -> dict[str, QAction]:
        menu = view.addMenu(self.tr("&Colours"))
        group = QActionGroup(self)
        group.triggered.connect(self.on_group_triggered)
        titles = (self.tr("&As the desktop"), self.tr("&Light"), self.tr("&Dark"))
        actions = {}
        for theme, title in zip(THEMES, titles, strict=True):
            actions[theme] = QAction(title, menu)
            actions[theme].setCheckable(True)
            actions[theme].setData(theme)
            menu.addAction(actions[theme])
            group.addAction(actions[theme])
        return actions


def _with_shift(keys: tuple[str, ...]) -> list[str]:
    """Add each sign with the Shift that it needs on many keyboards."""
    signs = [f"Shift+{key}" for key in keys if len(key) == 1 and not key.isalnum()]
    return [*keys, *signs]
