"""News of a newer version: off unless wanted, one line if there is any, and never a question."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.federation.network import keep_authorities
from desktop_client.gui.controllers import updating as module
from desktop_client.gui.controllers.updating import UpdateController
from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.session import Session
from desktop_client.gui.views.update_sheet import UpdateSheet
from desktop_client.paths import Home, UserFolder
from desktop_client.settings import ClientSettings, load_settings
from desktop_client.updates.policy import UpdatePolicy
from tests.federation.certificates import Authority, Certificate, new_authority
from tests.ui.conftest import AnsweringDialogs, Answers
from tests.updates.mirror import Mirror

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
"""Said by Qt's offscreen platform alone."""

Find = Callable[[QWidget, str], QAbstractButton]
Click = Callable[[QAbstractButton], None]
BOX = "Look for a newer version once a day"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"), "Hospital Authority")


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Certificate:
    return authority.sign("mirror")


@pytest.fixture
def mirror(certificate: Certificate) -> Iterator[Mirror]:
    with Mirror(certificate) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def updating(
    window: MainWindow, mirror: Mirror, authority: Authority, clock: Clock
) -> UpdateController:
    """As where IT has named the hospital's server, and the choice is the person's."""
    keep_authorities(window.home, authority.path)
    return UpdateController(window, UpdatePolicy(address=mirror.address), clock)


def settle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.workers.running_count == 0)


def sheet_of(window: MainWindow) -> UpdateSheet:
    window.menus.actions["updates"].trigger()
    (sheet,) = (one for one in window.findChildren(UpdateSheet) if one.isVisible())
    return sheet


def test_the_program_looks_by_itself_where_it_is_switched_on_for_everybody(
    home: Home,
    answers: Answers,
    mirror: Mirror,
    authority: Authority,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_authorities(home, authority.path)
    monkeypatch.setenv("SITEBLIND_UPDATES_CHECK", "on")
    monkeypatch.setenv("SITEBLIND_UPDATES_ADDRESS", mirror.address)
    monkeypatch.setattr(module, "PAUSE_MS", 0)
    settings = ClientSettings(is_welcomed=True)
    session = Session(UserFolder(home.path), settings, AnsweringDialogs(answers))
    assert session.begin(home, ())
    started = session.window
    assert started is not None
    qtbot.waitUntil(started.update_banner.isVisible)
    started.close()


def test_it_is_off_until_somebody_wants_it(
    window: MainWindow, updating: UpdateController, mirror: Mirror, qtbot: QtBot
) -> None:
    updating.look_if_due()
    settle(qtbot, window)
    assert mirror.asked == []
    assert not window.update_banner.isVisible()


def test_switched_on_by_key_it_looks_and_tells_above_the_page(
    window: MainWindow, updating: UpdateController, button_named: Find, qtbot: QtBot
) -> None:
    sheet = sheet_of(window)
    box = button_named(sheet, BOX)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    settle(qtbot, window)
    assert window.update_banner.isVisible()
    assert window.update_banner.sentence == (
        f"SiteBlind 77.1.0 came out on 1 December 2026; you have {version('siteblind')}. "
        "It will be on your computer by Friday."
    )
    assert sheet.state == "Version 77.1.0 is there; the line above the page says more."
    assert load_settings(window.home.settings_path).is_update_check_wanted
    sheet.close()


def test_it_looks_once_a_day_and_again_when_the_clock_was_wrong(
    window: MainWindow, updating: UpdateController, mirror: Mirror, clock: Clock, qtbot: QtBot
) -> None:
    window.change_settings(is_update_check_wanted=True)
    begun = clock.time
    for later, count in ((0, 1), (23, 1), (24, 2), (30, 2), (-1, 3)):
        clock.time = begun + timedelta(hours=later)
        updating.look_if_due()
        settle(qtbot, window)
        assert len(mirror.asked) == count
    assert load_settings(window.home.settings_path).update_looked_at == clock.time


def test_a_version_that_was_declined_is_not_told_of_again(
    window: MainWindow,
    updating: UpdateController,
    clock: Clock,
    button_named: Find,
    click: Click,
    qtbot: QtBot,
) -> None:
    window.change_settings(is_update_check_wanted=True)
    updating.look_if_due()
    settle(qtbot, window)
    click(button_named(window.update_banner, "Not this version again"))
    assert not window.update_banner.isVisible()
    assert load_settings(window.home.settings_path).declined_version == "77.1.0"
    clock.time += timedelta(days=1)
    updating.look_if_due()
    settle(qtbot, window)
    assert not window.update_banner.isVisible()


def test_the_page_is_opened_in_the_browser_and_only_when_asked_for(
    window: MainWindow,
    updating: UpdateController,
    button_named: Find,
    click: Click,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    window.change_settings(is_update_check_wanted=True)
    updating.look_if_due()
    settle(qtbot, window)
    assert opened == []
    click(button_named(window.update_banner, "Read more at software.st-anna.example"))
    assert opened == [QUrl("https://software.st-anna.example/siteblind")]


def test_without_an_answer_only_the_log_says_so(
    window: MainWindow,
    updating: UpdateController,
    mirror: Mirror,
    caplog: pytest.LogCaptureFixture,
    qtbot: QtBot,
) -> None:
    mirror.status = 503
    window.change_settings(is_update_check_wanted=True)
    with caplog.at_level(logging.INFO, "desktop_client.gui.controllers.updating"):
        updating.look_if_due()
        settle(qtbot, window)
    assert caplog.messages == ["localhost did not tell the newest version: it answered 503"]
    assert not window.update_banner.isVisible()
    assert not window.notice.isVisible()
    assert QApplication.activeModalWidget() is None


def test_whoever_asks_is_told_that_there_is_no_newer_version_or_no_answer(
    window: MainWindow,
    updating: UpdateController,
    mirror: Mirror,
    button_named: Find,
    click: Click,
    qtbot: QtBot,
) -> None:
    mirror.body = mirror.body.replace(b"77.1.0", b"0.0.1")
    sheet = sheet_of(window)
    click(button_named(sheet, "Look now"))
    settle(qtbot, window)
    assert sheet.state == "✓ There is no newer version."
    mirror.status = 404
    click(button_named(sheet, "Look now"))
    settle(qtbot, window)
    assert sheet.state.endswith("localhost did not tell the newest version: it answered 404")
    sheet.close()


@pytest.mark.parametrize(
    ("policy", "is_ticked", "sentence"),
    [
        (UpdatePolicy(), False, "has not said where to look"),
        (UpdatePolicy(check="off", address="https://it.example/"), False, "switched this off"),
        (UpdatePolicy(check="on", address="https://it.example/"), True, "switched this on"),
    ],
)
def test_what_it_decides_cannot_be_changed_and_is_said(
    policy: UpdatePolicy, sentence: str, qtbot: QtBot, *, is_ticked: bool
) -> None:
    desktop = QWidget()
    qtbot.addWidget(desktop)
    sheet = UpdateSheet(policy, "0.1.0", desktop)
    sheet.show_wanted(is_wanted=policy.check == "off")
    (box,) = sheet.findChildren(QCheckBox)
    assert (box.isEnabled(), box.isChecked()) == (False, is_ticked)
    assert any(sentence in label for label in _texts(sheet))


def _texts(sheet: QWidget) -> list[str]:
    return [label.text() for label in sheet.findChildren(QLabel)]
