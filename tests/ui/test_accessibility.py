"""Every control is named for screen readers and reached with the keyboard, in every window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.controllers.help import HelpController
from desktop_client.gui.keymap import KeyMap
from desktop_client.gui.main_window import IMAGES, STUDY, TRAINING, MainWindow
from desktop_client.gui.views.help_window import HelpWindow
from desktop_client.gui.views.keys_dialog import KeysDialog
from desktop_client.gui.views.log_window import LogWindow
from desktop_client.gui.views.project_dialogs import DeleteProjectDialog, NewProjectDialog
from desktop_client.gui.views.report_dialog import ReportDialog
from desktop_client.gui.views.sheets import about_sheet, key_sheet
from desktop_client.gui.views.start_window import StartWindow
from desktop_client.gui.views.transfer_dialog import TransferDialog
from desktop_client.gui.views.welcome_dialog import WelcomeDialog

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support raise")
"""Both said by Qt's offscreen platform alone."""


def nameless(top: QWidget) -> list[QWidget]:
    """Return what can have the focus and would be read aloud as nothing."""
    return [widget for widget in _focusable(top) if not _name(widget)]


def unreachable(top: QWidget) -> list[QWidget]:
    """Return the visible controls that Tab never comes to."""
    chain, widget = {top}, top.nextInFocusChain()
    while widget is not None and widget not in chain:
        chain.add(widget)
        widget = widget.nextInFocusChain()
    return [widget for widget in _focusable(top) if widget not in chain]


def _focusable(top: QWidget) -> list[QWidget]:
    return [
        widget
        for widget in top.findChildren(QWidget)
        if widget.window() is top  # the lists of combo boxes are windows of their own
        and widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.objectName().startswith("qt_")
    ]


def _name(widget: QWidget) -> str:
    if widget.accessibleName():
        return widget.accessibleName()
    return widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""


def check(top: QWidget) -> None:
    top.show()
    QApplication.processEvents()
    assert nameless(top) == []
    assert unreachable(top) == []


@pytest.mark.parametrize("page", [IMAGES, TRAINING, STUDY])
def test_the_pages_of_the_window(window: MainWindow, page: int) -> None:
    window.show_page(page)
    check(window)


def test_the_page_of_images_with_one_of_them_large(
    window: MainWindow, images: Path, qtbot: QtBot
) -> None:
    window.importing.open_folder(images)
    qtbot.waitUntil(lambda: window.samples.rowCount() == 6 and not window.importing.is_running)
    window.labelling.add_classes(["Nevus", "Melanoma"])
    check(window)
    window.menus.actions["open_viewer"].trigger()
    check(window)


def test_help(window: MainWindow) -> None:
    controller = HelpController(window)
    controller.show_page("first-steps")
    check(window.findChildren(HelpWindow)[0])


DIALOGS: dict[str, Callable[[Path], QWidget]] = {
    "opening page": lambda _folder: StartWindow([], "light"),
    "first start": lambda _folder: WelcomeDialog("system", "system"),
    "new project": lambda folder: NewProjectDialog(folder, "", "", lambda _place: ""),
    "deletion": lambda folder: DeleteProjectDialog("Ward 4", folder, ["all labels"]),
    "progress": lambda _folder: TransferDialog("The project is being backed up"),
    "log": lambda _folder: LogWindow([]),
    "report": lambda _folder: ReportDialog({"log.txt": ""}),
    "choice of keys": lambda _folder: KeysDialog(KeyMap()),
}


@pytest.mark.parametrize("name", DIALOGS)
def test_the_windows_of_their_own(name: str, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = DIALOGS[name](tmp_path)
    qtbot.addWidget(dialog)
    check(dialog)


def test_every_page_of_the_first_start(qtbot: QtBot) -> None:
    dialog = WelcomeDialog("system", "system")
    qtbot.addWidget(dialog)
    for page in range(3):
        dialog._show_page(page)
        check(dialog)


def test_the_sheets(window: MainWindow) -> None:
    for sheet in (key_sheet(window, KeyMap()), about_sheet(window)):
        check(sheet)
        sheet.close()
