"""The menu bar: every action of the window with its key."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from desktop_client.gui.theme import THEMES

Slot = Callable[[], object]


class Menus(QObject):
    """Builds the menus; what an action does is connected by the window."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        bar = window.menuBar()
        file = bar.addMenu(self.tr("&File"))
        self.open_folder = _action(file, self.tr("&Open folder …"), "Ctrl+O")
        self.import_table = _action(file, self.tr("&Import CSV …"), "Ctrl+I")
        file.addSeparator()
        self.quit = _action(file, self.tr("&Quit"), "Ctrl+Q")
        edit = bar.addMenu(self.tr("&Edit"))
        self.undo = _action(edit, self.tr("&Undo label"), "Ctrl+Z")
        self.redo = _action(edit, self.tr("&Redo label"), "Ctrl+Shift+Z", "Ctrl+Y")
        edit.addSeparator()
        self.next_unlabelled = _action(edit, self.tr("Next image &without a label"), "Ctrl+D")
        self.select_all = _action(edit, self.tr("Select &all images"), "Ctrl+A")
        self.add_class = _action(edit, self.tr("&New class"), "Ctrl+N")
        self.name_reader = _action(edit, self.tr("&Who is labelling …"))
        view = bar.addMenu(self.tr("&View"))
        titles = (self.tr("&Images"), self.tr("&Training"), self.tr("&Study"))
        self.pages = [_action(view, title, f"Ctrl+{n}") for n, title in enumerate(titles, 1)]
        view.addSeparator()
        self.themes = self._theme_menu(view)
        help_menu = bar.addMenu(self.tr("&Help"))
        self.keys = _action(help_menu, self.tr("&Keys"), "?")
        self.about = _action(help_menu, self.tr("&About SiteBlind"))

    def show_theme(self, theme: str) -> None:
        """Tick the theme that is in use."""
        self.themes[theme].setChecked(True)

    def connect_themes(self, choose: Callable[[str], object]) -> None:
        """Call ``choose`` with the name of a theme when it is picked."""
        for name, action in self.themes.items():
            action.triggered.connect(partial(_ignoring_checked, choose, name))

    def _theme_menu(self, view: QMenu) -> dict[str, QAction]:
        menu = view.addMenu(self.tr("&Colours"))
        group = QActionGroup(self)
        titles = (self.tr("&As the desktop"), self.tr("&Light"), self.tr("&Dark"))
        actions = {}
        for theme, title in zip(THEMES, titles, strict=True):
            actions[theme] = _action(menu, title)
            actions[theme].setCheckable(True)
            group.addAction(actions[theme])
        return actions


def _action(menu: QMenu, title: str, *keys: str) -> QAction:
    action = QAction(title, menu)
    action.setShortcuts([QKeySequence(key) for key in keys])
    menu.addAction(action)
    return action


def _ignoring_checked(choose: Callable[[str], object], name: str, _checked: bool) -> None:
    choose(name)
