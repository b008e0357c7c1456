"""The menu bar, made from the table of commands; what a command does is connected elsewhere."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from desktop_client.gui.commands import Command, Group, group_title
from desktop_client.gui.keymap import KeyMap, key_words
from desktop_client.gui.theme import THEMES
from desktop_client.gui.translation import LANGUAGES

HIDDEN_FROM_BLIND: Final = (
    *("export_labels", "export_copies", "audit_export"),
    *("find_moved", "find_duplicates"),
)


class Menus(QObject):
    """One entry for each command, with the keys in use."""

    theme_chosen = Signal(str)
    language_chosen = Signal(str)
    recent_chosen = Signal(Path)
    """One of the projects that were open last."""
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
                if command.command_id == "project_open":
                    self._recent = menu.addMenu(self.tr("Open &recent"))
            if group is Group.VIEW:
                menu.addSeparator()
                titles = (self.tr("&As the desktop"), self.tr("&Light"), self.tr("&Dark"))
                self.themes = self._choices(
                    menu.addMenu(self.tr("&Colours")), THEMES, titles, self.theme_chosen
                )
                titles = (self.tr("&As the desktop"), "&English", "&Deutsch")
                self.languages = self._choices(
                    menu.addMenu(self.tr("Lan&guage")), LANGUAGES, titles, self.language_chosen
                )
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

    def show_language(self, language: str) -> None:
        """Tick the language that is in use."""
        self.languages[language].setChecked(True)

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Offer these projects."""
        self._recent.clear()
        self._recent.setEnabled(bool(paths))
        for path in paths:
            action = self._recent.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(partial(self.recent_chosen.emit, path))

    def show_blind(self, is_blind: bool) -> None:
        """Take away what would tell a second reader the labels or names of their images."""
        for command_id in HIDDEN_FROM_BLIND:
            self.actions[command_id].setEnabled(not is_blind)

    def _add(self, menu: QMenu, command: Command) -> None:
        if command.begins_section:
            menu.addSeparator()
        action = QAction(command.words, menu)
        menu.addAction(action)
        self.actions[command.command_id] = action
        if command.is_for_images:
            action.triggered.connect(lambda: self.image_command_asked.emit(command.command_id))

    def _choices(
        self, menu: QMenu, values: Sequence[str], titles: Sequence[str], chosen: SignalInstance
    ) -> dict[str, QAction]:
        """Offer values of which one is ticked; tell which one is picked."""
        group = QActionGroup(self)
        group.triggered.connect(lambda action: chosen.emit(action.data()))
        actions = {}
        for value, title in zip(values, titles, strict=True):
            actions[value] = QAction(title, menu)
            actions[value].setCheckable(True)
            actions[value].setData(value)
            menu.addAction(actions[value])
            group.addAction(actions[value])
        return actions


def _with_shift(keys: tuple[str, ...]) -> list[str]:
    """Add each sign with the Shift that it needs on many keyboards."""
    signs = [f"Shift+{key}" for key in keys if len(key) == 1 and not key.isalnum()]
    return [*keys, *signs]
