"""The menu bar: every action of the window with its key."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from desktop_client.gui.theme import THEMES


class Menus(QObject):
    """Builds the menus; what an action does is connected by the window."""

    theme_chosen = Signal(str)

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
        self.how_it_works = _action(help_menu, self.tr("&How it works"), "F1")
        self.keys = _action(help_menu, self.tr("&Keys"), "?", "Shift+?")
        help_menu.addSeparator()
        self.about = _action(help_menu, self.tr("&About SiteBlind"))

    def show_theme(self, theme: str) -> None:
        """Tick the theme that is in use."""
        self.themes[theme].setChecked(True)

    def on_group_triggered(self, action: QAction) -> None:
        """Tell which theme was picked."""
        self.theme_chosen.emit(action.data())

    def _theme_menu(self, view: QMenu) -> dict[str, QAction]:
        menu = view.addMenu(self.tr("&Colours"))
        group = QActionGroup(self)
        group.triggered.connect(self.on_group_triggered)
        titles = (self.tr("&As the desktop"), self.tr("&Light"), self.tr("&Dark"))
        actions = {}
        for theme, title in zip(THEMES, titles, strict=True):
            actions[theme] = _action(menu, title)
            actions[theme].setCheckable(True)
            actions[theme].setData(theme)
            group.addAction(actions[theme])
        return actions


def _action(menu: QMenu, title: str, *keys: str) -> QAction:
    action = QAction(title, menu)
    action.setShortcuts([QKeySequence(key) for key in keys])
    menu.addAction(action)
    return action
