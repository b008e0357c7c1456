"""The log and the report of a problem, as a person who needs help uses them."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from desktop_client.gui.controllers.support import SupportController
from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.log_window import LogWindow
from desktop_client.gui.views.report_dialog import ReportDialog
from desktop_client.support.log import LogEntry

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support raise")
"""Both said by Qt's offscreen platform alone."""

Find = Callable[[QWidget, str], QAbstractButton]
Click = Callable[[QAbstractButton], None]
LOG = """\
2026-11-27 10:00:00,123 INFO desktop_client.gui: Begun
2026-11-27 10:00:01,000 WARNING desktop_client.imaging: Thumbnails of /srv/meier.dcm are lost
"""


@pytest.fixture
def support(window: MainWindow, tmp_path: Path) -> SupportController:
    (tmp_path / "siteblind.log").write_text(LOG)
    return SupportController(window, tmp_path / "siteblind.log")


def shown(window: MainWindow, kind: type[QWidget]) -> QWidget:
    (found,) = window.findChildren(kind)
    return found


def test_the_log_is_filtered_searched_and_copied(
    window: MainWindow, support: SupportController, button_named: Find, click: Click
) -> None:
    window.menus.actions["view_log"].trigger()
    log = shown(window, LogWindow)
    assert isinstance(log, LogWindow)
    assert "Begun" in log.lines.toPlainText()
    log._level.setCurrentIndex(1)
    assert "Begun" not in log.lines.toPlainText()
    QTest.keyClicks(log._words, "thumbnails LOST")
    click(button_named(log, "Copy the messages shown"))
    assert "Thumbnails" in QApplication.clipboard().text()
    QTest.keyClicks(log._words, " not")
    assert log.lines.toPlainText() == ""
    log.close()


def test_a_report_is_shown_before_it_is_saved_and_says_no_names(
    window: MainWindow,
    support: SupportController,
    button_named: Find,
    click: Click,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window.reading.sign_in("Dr. Lindqvist")
    window.menus.actions["report_problem"].trigger()
    dialog = shown(window, ReportDialog)
    assert isinstance(dialog, ReportDialog)
    told = dialog.contents.toPlainText()
    assert "Thumbnails of ‹path› are lost" in told
    assert "Lindqvist" not in told
    QTest.keyClicks(dialog.own_words, "It stood still")
    path = tmp_path / "report.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path), ""))
    click(button_named(dialog, "Save the report …"))
    with zipfile.ZipFile(path) as archive:
        assert archive.read("what-happened.txt") == b"It stood still"
        assert {name for name in archive.namelist() if archive.read(name).decode() not in told} == {
            "what-happened.txt"
        }


def test_nothing_is_written_when_nobody_says_where_to(
    window: MainWindow,
    support: SupportController,
    button_named: Find,
    click: Click,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    window.menus.actions["report_problem"].trigger()
    dialog = shown(window, ReportDialog)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: ("", ""))
    click(button_named(dialog, "Save the report …"))
    assert dialog.isVisible()
    dialog.close()


def test_an_empty_log_is_an_empty_window(qtbot: QtBot) -> None:
    entries: list[LogEntry] = []
    log = LogWindow(entries)
    qtbot.addWidget(log)
    assert log._count.text() == "0 of 0"
