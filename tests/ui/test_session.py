"""Projects as a person changes between them: the windows that come and go, and who may write."""

import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.instance import hand_over
from desktop_client.gui.main_window import STUDY, MainWindow
from desktop_client.gui.palette import PALETTES
from desktop_client.gui.session import Session
from desktop_client.gui.translation import use_language
from desktop_client.gui.views.project_dialogs import DeleteProjectDialog, NewProjectDialog
from desktop_client.gui.views.project_questions import InUseAnswer, ProjectQuestions
from desktop_client.gui.views.start_window import StartWindow
from desktop_client.gui.views.welcome_dialog import WelcomeDialog
from desktop_client.paths import Home, UserFolder
from desktop_client.project.backup import back_up
from desktop_client.project.lock import ProjectLock
from desktop_client.project.recent import recent_projects, remember_project
from desktop_client.settings import ClientSettings, load_settings
from tests.scenes import new_site
from tests.ui.conftest import AnsweringDialogs, Answers, write_images

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support raise")
"""Both said by Qt's offscreen platform alone."""

Find = Callable[[QWidget, str], QAbstractButton]


@dataclass
class ProjectAnswers(ProjectQuestions):
    """What the person answers about projects, and what was asked."""

    path: Path | None = None
    is_confirmed: bool = True
    free_it: Callable[[], None] | None = None
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def ask_in_use(self, sentence: str) -> InUseAnswer:
        self.asked.append(sentence)
        if self.free_it is None:
            return InUseAnswer.ANOTHER
        self.free_it()
        return InUseAnswer.AGAIN

    def ask_new_project(self, place: Path, explanation: str, name: str = "") -> Path | None:
        self.asked.append(explanation)
        return self.path

    def pick_project(self, start: Path) -> Path | None:
        return self.path

    def pick_backup_to_write(self, name: str) -> Path | None:
        return None if self.path is None else self.path / name

    def pick_backup_to_read(self) -> Path | None:
        return None if self.path is None else self.path.with_suffix(".siteblind-backup")

    def confirm_deletion(self, name: str, path: Path, lines: Sequence[str]) -> bool:
        self.asked += lines
        return self.is_confirmed


class Desk:
    """A user with a session, which is begun as the program begins it."""

    def __init__(self, folder: Path, answers: Answers) -> None:
        self.user = UserFolder(folder / "config").create()
        self.answers = answers
        self.project_answers = ProjectAnswers()
        self.session = Session(
            self.user,
            ClientSettings(is_welcomed=True),
            AnsweringDialogs(answers),
            self.project_answers,
        )
        self.ended: list[bool] = []
        self.session.ended.connect(lambda: self.ended.append(True))

    @property
    def window(self) -> MainWindow:
        assert self.session.window is not None
        return self.session.window

    @property
    def page(self) -> StartWindow:
        assert self.session.start_window is not None
        return self.session.start_window

    def choose(self, command: str) -> None:
        """Choose an entry of the menu."""
        self.window.menus.actions[command].trigger()


@pytest.fixture
def desk(tmp_path: Path, answers: Answers, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(tmp_path, answers)
    yield made
    for window in (made.session.window, made.session.start_window):
        if window is not None:
            window.close()
    QApplication.processEvents()


@pytest.fixture
def ward(tmp_path: Path) -> Home:
    """A project with five labelled images."""
    return new_site(tmp_path, {"dot": 3, "ring": 2})


def locked_for_others(home: Home) -> bool:
    try:
        ProjectLock(home.lock_path, "a test").release()
    except Exception:  # noqa: BLE001  whatever the reason
        return True
    return False


def focused() -> QWidget:
    """What has the keys."""
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def press(key: Qt.Key) -> None:
    QTest.keyClick(focused(), key)


def type_words(words: str) -> None:
    QTest.keyClicks(focused(), words)


def test_an_open_project_is_locked_named_in_the_title_and_remembered(
    desk: Desk, ward: Home
) -> None:
    assert desk.session.begin(ward, [])
    assert locked_for_others(ward)
    assert desk.window.windowTitle() == "home – SiteBlind"
    assert [r.home for r in recent_projects(desk.user.recent_path)] == [ward]
    desk.window.close()
    assert not locked_for_others(ward)
    assert desk.ended


def test_settings_are_the_users_and_not_the_projects(desk: Desk, ward: Home) -> None:
    desk.session.begin(ward, [])
    desk.window.menus.themes["dark"].trigger()
    assert load_settings(desk.user.settings_path).theme == "dark"
    assert not ward.settings_path.exists()


def test_the_project_that_was_open_last_is_opened_again(desk: Desk, ward: Home) -> None:
    remember_project(desk.user.recent_path, ward)
    desk.session.begin(None, [])
    assert desk.window.home == ward


def test_a_project_that_is_gone_leads_to_the_opening_page_that_says_so(
    desk: Desk, tmp_path: Path
) -> None:
    remember_project(desk.user.recent_path, Home(tmp_path / "stick" / "Ward 4"))
    desk.session.begin(None, [])
    assert "not there any more" in desk.page.notice.sentence
    assert "not there now" in desk.page.projects.item(0).text()


def test_a_project_that_somebody_has_open_can_be_tried_again(desk: Desk, ward: Home) -> None:
    other = ProjectLock(ward.lock_path, "the window")
    desk.project_answers.free_it = other.release
    desk.session.begin(ward, [])
    assert desk.window.home == ward
    assert "is open already" in desk.project_answers.asked[0]


def test_or_another_one_is_chosen_on_the_opening_page(desk: Desk, ward: Home) -> None:
    with ProjectLock(ward.lock_path, "the window"):
        desk.session.begin(ward, [])
        assert desk.page.isVisible()
        assert desk.session.window is None


def test_a_second_start_brings_the_first_window_forward_and_hands_its_files_over(
    desk: Desk, ward: Home, tmp_path: Path, qtbot: QtBot
) -> None:
    desk.session.begin(ward, [])
    qtbot.waitUntil(lambda: desk.window.samples.rowCount() == 5)
    write_images(tmp_path / "more", ["red", "blue"])
    start = [sys.executable, "-m", "desktop_client.gui", "--home", str(ward.path)]
    with subprocess.Popen([*start, str(tmp_path / "more")]) as second:
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=30_000)
    assert second.returncode == 0
    qtbot.waitUntil(lambda: desk.window.samples.rowCount() == 7)


def test_nobody_answers_where_no_window_is_open(ward: Home, qapp: QApplication) -> None:
    assert not hand_over(ward, [])


def test_what_a_killed_window_left_behind_is_no_obstacle(desk: Desk, ward: Home) -> None:
    desk.session.begin(ward, [])
    assert desk.session._instance is not None
    name = desk.session._instance._server.fullServerName()
    desk.window.close()
    Path(name).touch()  # the socket of a process that could not remove it
    desk.session.begin(ward, [])
    assert desk.session._instance is not None
    assert desk.session._instance._server.isListening()


def test_a_new_project_is_opened_in_place_of_the_one_before(
    desk: Desk, ward: Home, tmp_path: Path
) -> None:
    desk.session.begin(ward, [])
    desk.project_answers.path = tmp_path / "Ward 5"
    desk.choose("project_new")
    assert desk.window.home == Home(tmp_path / "Ward 5")
    assert not locked_for_others(ward)
    assert not desk.ended
    assert [a.text() for a in desk.window.menus._recent.actions()] == ["home"]


def test_a_recent_project_is_opened_from_the_menu(
    desk: Desk, ward: Home, tmp_path: Path, qtbot: QtBot
) -> None:
    remember_project(desk.user.recent_path, ward)
    desk.session.begin(Home(tmp_path / "other"), [])
    (entry,) = desk.window.menus._recent.actions()
    entry.trigger()
    assert desk.window.home == ward
    qtbot.waitUntil(lambda: desk.window.samples.rowCount() == 5)


def test_a_folder_without_a_project_is_not_opened_as_one(
    desk: Desk, ward: Home, images: Path
) -> None:
    desk.session.begin(ward, [])
    desk.project_answers.path = images
    desk.choose("project_open")
    assert desk.window.home == ward
    assert "There is no project in" in desk.answers.asked[0]


def test_a_new_project_on_a_network_drive_is_refused(
    desk: Desk, ward: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.session.begin(ward, [])
    (tmp_path / "mounts").write_text(f"server:/x {tmp_path / 'server'} nfs rw 0 0\n")
    monkeypatch.setattr("desktop_client.project.drives.MOUNTS_PATH", tmp_path / "mounts")
    desk.project_answers.path = tmp_path / "server" / "Ward 5"
    desk.choose("project_new")
    assert desk.window.home == ward
    assert "network drive" in desk.answers.asked[0]


def test_a_closed_project_leads_to_the_opening_page_from_which_another_is_opened(
    desk: Desk, ward: Home, button_named: Find, click: Callable[[QAbstractButton], None]
) -> None:
    desk.session.begin(ward, [])
    desk.choose("project_close")
    assert desk.session.window is None
    click(button_named(desk.page, "Open this one"))
    assert desk.window.home == ward
    assert desk.session.start_window is None
    assert not desk.ended


def test_a_project_is_taken_off_the_list_with_delete(desk: Desk, ward: Home) -> None:
    remember_project(desk.user.recent_path, ward)
    desk.session.show_start("")
    QTest.keyClick(desk.page.projects, Qt.Key.Key_Delete)
    assert desk.page.projects.count() == 0
    assert recent_projects(desk.user.recent_path) == []
    assert ward.is_project


def test_the_project_is_backed_up_beside_the_work(
    desk: Desk, ward: Home, tmp_path: Path, qtbot: QtBot
) -> None:
    desk.session.begin(ward, [])
    desk.project_answers.path = tmp_path
    desk.choose("project_back_up")
    qtbot.waitUntil(lambda: "home.siteblind-backup" in desk.window.notice.sentence)
    assert (tmp_path / "home.siteblind-backup").exists()
    assert "labels of 5 images" in desk.window.notice.sentence


def test_a_back_up_is_restored_to_a_new_folder_and_opened(
    desk: Desk, ward: Home, tmp_path: Path, qtbot: QtBot
) -> None:
    deque(back_up(ward, tmp_path / "again.siteblind-backup"), maxlen=0)
    desk.session.begin(ward, [])
    desk.project_answers.path = tmp_path / "again"
    desk.choose("project_restore")
    qtbot.waitUntil(lambda: desk.window.home == Home(tmp_path / "again"))
    qtbot.waitUntil(lambda: desk.window.samples.rowCount() == 5)
    assert "Back-up of “home”" in desk.project_answers.asked[0]
    assert "5 images, 5 of them labelled" in desk.project_answers.asked[0]


def test_a_back_up_that_the_program_is_started_with_is_restored(
    desk: Desk, ward: Home, tmp_path: Path, qtbot: QtBot
) -> None:
    backup = tmp_path / "again.siteblind-backup"
    deque(back_up(ward, backup), maxlen=0)
    desk.project_answers.path = tmp_path / "again"
    desk.session.begin(ward, [backup])
    qtbot.waitUntil(lambda: desk.window.home == Home(tmp_path / "again"))
    qtbot.waitUntil(lambda: desk.window.samples.rowCount() == 5)
    assert "5 images, 5 of them labelled" in desk.project_answers.asked[0]


def test_a_project_is_replaced_by_a_back_up_only_when_that_is_confirmed(
    desk: Desk, ward: Home, tmp_path: Path, qtbot: QtBot
) -> None:
    deque(back_up(ward, tmp_path / "other.siteblind-backup"), maxlen=0)
    desk.session.begin(Home(tmp_path / "other"), [])
    qtbot.waitUntil(lambda: Home(tmp_path / "other").is_project)
    desk.choose("project_close")
    desk.project_answers.path, desk.answers.is_confirmed = tmp_path / "other", False
    desk.page.restore_asked.emit()
    assert "There is a project in" in desk.answers.asked[0]
    assert desk.session.window is None


def test_deleting_says_what_goes_and_leaves_the_images(
    desk: Desk, ward: Home, tmp_path: Path, qtbot: QtBot
) -> None:
    desk.session.begin(ward, [])
    qtbot.waitUntil(lambda: desk.window.samples.rowCount() == 5)
    desk.choose("project_delete")
    assert any("all labels" in line for line in desk.project_answers.asked)
    assert not ward.path.exists()
    assert len(list((tmp_path / "images").rglob("*.png"))) == 5
    assert "was deleted" in desk.page.notice.sentence
    assert desk.page.projects.count() == 0


def test_another_language_is_spoken_at_once_and_remembered(
    desk: Desk, ward: Home, tmp_path: Path
) -> None:
    desk.session.begin(ward, [])
    desk.window.show_page(STUDY)
    desk.window.menus.languages["de"].trigger()
    try:
        assert desk.window.menus.actions["quit"].text() == "&Beenden"
        assert desk.window.pages.currentIndex() == STUDY
        assert load_settings(desk.user.settings_path).language == "de"
        assert locked_for_others(ward)
    finally:
        desk.window.menus.languages["en"].trigger()
    assert desk.window.menus.actions["quit"].text() == "&Quit"


def test_a_new_project_needs_a_name_that_can_be_one_of_a_folder(
    tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = NewProjectDialog(tmp_path, "", "", lambda _place: "")
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.accept_button.isEnabled()
    QTest.keyClicks(dialog._name, "Ward/4")
    assert not dialog.accept_button.isEnabled()
    assert "none of these signs" in dialog._problem.text()
    dialog._name.clear()
    QTest.keyClicks(dialog._name, "Ward 4")
    QTest.keyClick(dialog._name, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert dialog.path == tmp_path / "Ward 4"


def test_only_who_types_the_name_can_delete_and_enter_cancels(tmp_path: Path, qtbot: QtBot) -> None:
    dialog = DeleteProjectDialog("Ward 4", tmp_path, ["all labels"])
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClicks(dialog.findChildren(QLineEdit)[0], "Ward")
    assert not dialog.delete_button.isEnabled()
    QTest.keyClicks(dialog.findChildren(QLineEdit)[0], " 4")
    assert dialog.delete_button.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Rejected


def test_the_colours_follow_the_desktop_while_the_program_runs(
    desk: Desk, ward: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desktop is played: Qt's offscreen one has no colours to change."""
    desk.session.begin(ward, [])
    monkeypatch.setattr(
        "desktop_client.gui.main_window.palette_for",
        lambda theme: PALETTES["dark" if theme == "system" else theme],
    )
    hints = QGuiApplication.styleHints()
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert desk.window.palette().window().color().lightness() < 60
    desk.window.menus.themes["light"].trigger()
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert desk.window.palette().window().color().lightness() > 200  # chosen is chosen


def test_closing_the_window_gives_up_a_back_up_and_leaves_no_half_of_one(
    desk: Desk, ward: Home, tmp_path: Path
) -> None:
    model = ward.checkpoints_path / "own.safetensors"
    model.parent.mkdir()
    model.write_bytes(b"parameters" * 4_000_000)
    (tmp_path / "out").mkdir()
    desk.session.begin(ward, [])
    desk.project_answers.path = tmp_path / "out"
    desk.choose("project_back_up")
    desk.window.close()
    assert desk.ended
    assert list((tmp_path / "out").iterdir()) == []


class TestTheFirstStart:
    @pytest.fixture
    def welcome(self, desk: Desk, tmp_path: Path, qtbot: QtBot) -> WelcomeDialog:
        desk.session._settings = ClientSettings()
        desk.session.begin(Home(tmp_path / "first"), [])
        qtbot.waitUntil(lambda: bool(desk.window.findChildren(WelcomeDialog)))
        (dialog,) = desk.window.findChildren(WelcomeDialog)
        with qtbot.waitActive(dialog):
            dialog.activateWindow()
        return dialog

    def test_it_is_answered_with_the_keyboard_alone(
        self, desk: Desk, welcome: WelcomeDialog
    ) -> None:
        press(Qt.Key.Key_Return)
        type_words("Dr. Grey")
        press(Qt.Key.Key_Return)
        for _ in range(2):
            press(Qt.Key.Key_Down)
        press(Qt.Key.Key_Return)
        settings = load_settings(desk.user.settings_path)
        assert (settings.reader_name, settings.is_welcomed) == ("Dr. Grey", True)
        assert desk.window.pages.currentIndex() == STUDY  # the third choice

    def test_escape_skips_it_for_good(
        self, desk: Desk, welcome: WelcomeDialog, tmp_path: Path, qtbot: QtBot
    ) -> None:
        QTest.keyClick(welcome, Qt.Key.Key_Escape)
        assert load_settings(desk.user.settings_path).is_welcomed
        desk.project_answers.path = tmp_path / "second"
        desk.choose("project_new")
        qtbot.waitUntil(lambda: desk.window.home.is_project)
        assert desk.window.findChildren(WelcomeDialog) == []

    def test_a_sample_project_is_drawn_opened_and_can_be_deleted_with_its_images(
        self, desk: Desk, welcome: WelcomeDialog, qtbot: QtBot
    ) -> None:
        for _ in range(2):
            QTest.keyClick(welcome, Qt.Key.Key_Return)
        press(Qt.Key.Key_Down)
        QTest.keyClick(welcome, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: desk.window.home.name == "Sample project", timeout=30_000)
        qtbot.waitUntil(lambda: desk.window.samples.rowCount() == 60)
        progress = desk.window.labelling.progress()
        assert progress is not None
        assert progress.labelled_count == 24
        sample = desk.window.home
        desk.choose("project_delete")
        assert not sample.path.exists()

    def test_another_language_is_spoken_at_once(
        self, desk: Desk, welcome: WelcomeDialog, qtbot: QtBot
    ) -> None:
        QTest.keyClick(welcome._language, Qt.Key.Key_End)
        try:
            qtbot.waitUntil(lambda: bool(desk.window.findChildren(WelcomeDialog)))
            (dialog,) = desk.window.findChildren(WelcomeDialog)
            assert dialog.windowTitle() == "Willkommen bei SiteBlind"
            assert not load_settings(desk.user.settings_path).is_welcomed
        finally:
            use_language("en")

    def test_other_colours_are_seen_at_once(self, desk: Desk, welcome: WelcomeDialog) -> None:
        QTest.keyClick(welcome._theme, Qt.Key.Key_End)
        assert desk.window.palette().window().color().lightness() < 60
