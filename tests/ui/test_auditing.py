"""The audit trail from the menu: checked, and written out."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.export_window import ExportWindow
from desktop_client.paths import Home
from tests.ui.conftest import Answers

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
"""Said by Qt's offscreen platform of every dialog."""


def outcome(window: MainWindow, command_id: str, qtbot: QtBot) -> str:
    """Choose a command of the menu and return what is said in the end."""
    window.menus.actions[command_id].trigger()
    (report,) = window.findChildren(ExportWindow)
    qtbot.waitUntil(lambda: report.isVisible() and not report.is_running)
    return report.sentence


def test_a_whole_trail_is_said_with_the_digest_to_keep(window: MainWindow, qtbot: QtBot) -> None:
    window.labelling.add_classes(["Nevus"])
    said = outcome(window, "audit_check", qtbot)
    assert said.startswith("The audit trail is whole: 2 entries.")
    assert len(said.split()[-1]) == 64


def test_a_broken_trail_names_its_first_broken_entry(
    window: MainWindow, home: Home, qtbot: QtBot
) -> None:
    window.labelling.add_classes(["Nevus"])
    with closing(sqlite3.connect(home.labels_path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_entries_keep_from_update")
        connection.execute("UPDATE audit_entries SET reader = 'Eve' WHERE sequence = 2")
    assert outcome(window, "audit_check", qtbot).startswith("Entry 2 of the audit trail")


def test_the_trail_is_written_where_the_person_wants_it(
    window: MainWindow, answers: Answers, tmp_path: Path, qtbot: QtBot
) -> None:
    answers.audit_trail = tmp_path / "trail"
    window.labelling.add_classes(["Nevus"])
    assert outcome(window, "audit_export", qtbot) == "trail.csv holds 2 entries of the audit trail."
    assert "class_added" in (tmp_path / "trail.csv").read_text()
