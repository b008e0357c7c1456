"""Every control is named for screen readers and reached with the keyboard, in every window."""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui import views
from desktop_client.gui.controllers.help import HelpController
from desktop_client.gui.keymap import KeyMap
from desktop_client.gui.main_window import IMAGES, STUDY, TRAINING, MainWindow
from desktop_client.gui.palette import LIGHT
from desktop_client.gui.views.agreement_dialog import AgreementDialog
from desktop_client.gui.views.class_editor import ClassEditor
from desktop_client.gui.views.contribution_page import ContributionDialog
from desktop_client.gui.views.doctor_sheet import DoctorSheet
from desktop_client.gui.views.draw_dialog import DrawDialog
from desktop_client.gui.views.duplicates_dialog import DuplicatesDialog
from desktop_client.gui.views.export_dialogs import ExportCopiesDialog, ExportLabelsDialog, Which
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.gui.views.help_window import HelpWindow
from desktop_client.gui.views.join_wizard import JoinWizard
from desktop_client.gui.views.keys_dialog import KeysDialog
from desktop_client.gui.views.log_window import LogWindow
from desktop_client.gui.views.model_report_dialog import ModelReportDialog
from desktop_client.gui.views.preflight_panel import PreflightSheet
from desktop_client.gui.views.project_dialogs import DeleteProjectDialog, NewProjectDialog
from desktop_client.gui.views.report_dialog import ReportDialog
from desktop_client.gui.views.results_dialog import ResultsDialog
from desktop_client.gui.views.sent_sheet import SentSheet
from desktop_client.gui.views.sheets import about_sheet, key_sheet
from desktop_client.gui.views.start_window import StartWindow
from desktop_client.gui.views.suggest_dialog import SuggestDialog
from desktop_client.gui.views.transfer_dialog import TransferDialog
from desktop_client.gui.views.update_sheet import UpdateSheet
from desktop_client.gui.views.welcome_dialog import WelcomeDialog
from desktop_client.labelling.duplicates import DuplicatesFound
from desktop_client.updates.policy import UpdatePolicy
from tests.ui.reports import a_report

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


COUNTS: Final = dict.fromkeys(Which, 3)

DIALOGS: Final[dict[type[QWidget], Callable[[QWidget, Path], QWidget]]] = {
    AgreementDialog: lambda parent, _folder: AgreementDialog([], {}, 0, parent),
    ClassEditor: lambda parent, _folder: ClassEditor(parent),
    ContributionDialog: lambda parent, _folder: ContributionDialog(parent),
    DeleteProjectDialog: lambda parent, folder: DeleteProjectDialog("A", folder, [], parent),
    DoctorSheet: lambda parent, _folder: DoctorSheet(parent),
    DrawDialog: lambda parent, _folder: DrawDialog(10, parent),
    DuplicatesDialog: lambda parent, _folder: DuplicatesDialog(DuplicatesFound((), ()), parent),
    ExportCopiesDialog: lambda parent, _folder: ExportCopiesDialog(parent, COUNTS),
    ExportLabelsDialog: lambda parent, _folder: ExportLabelsDialog(parent, COUNTS),
    ExportWindow: lambda parent, _folder: ExportWindow(parent, "Export labels"),
    JoinWizard: lambda parent, _folder: JoinWizard(parent),
    KeysDialog: lambda parent, _folder: KeysDialog(KeyMap(), parent),
    LogWindow: lambda parent, _folder: LogWindow([], parent),
    ModelReportDialog: lambda parent, _folder: ModelReportDialog(parent, 2),
    NewProjectDialog: lambda parent, folder: NewProjectDialog(folder, "", "", lambda _: "", parent),
    PreflightSheet: lambda parent, _folder: PreflightSheet(parent),
    ReportDialog: lambda parent, _folder: ReportDialog({"log.txt": ""}, parent),
    ResultsDialog: lambda parent, _folder: ResultsDialog(parent, LIGHT, [a_report("abcdefgh")]),
    SentSheet: lambda parent, _folder: SentSheet(parent),
    StartWindow: lambda _parent, _folder: StartWindow([], "light"),
    SuggestDialog: lambda parent, _folder: SuggestDialog([], 0, 50, parent),
    TransferDialog: lambda parent, _folder: TransferDialog("The project is backed up", parent),
    UpdateSheet: lambda parent, _folder: UpdateSheet(UpdatePolicy(), "0.1.0", parent),
    WelcomeDialog: lambda parent, _folder: WelcomeDialog("system", "system", parent),
}
NOT_WALKED: Final = {"HelpWindow", "ReviewDialog"}
"""The first is walked above; the other shows nothing without an image to review."""


@pytest.mark.parametrize("kind", DIALOGS, ids=lambda kind: kind.__name__)
def test_the_windows_of_their_own(kind: type[QWidget], tmp_path: Path, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = DIALOGS[kind](parent, tmp_path)
    if dialog.parent() is None:
        qtbot.addWidget(dialog)
    check(dialog)


def test_no_window_is_forgotten_here() -> None:
    for module in pkgutil.iter_modules(views.__path__, f"{views.__name__}."):
        importlib.import_module(module.name)
    dialogs = {
        d.__name__ for d in QDialog.__subclasses__() if d.__module__.startswith(views.__name__)
    }
    assert dialogs <= {kind.__name__ for kind in DIALOGS} | NOT_WALKED


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
