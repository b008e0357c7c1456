"""A study goes from the desk to a server and comes back, by the study page's buttons."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from coordinator.study import read_study
from desktop_client.federation.membership import (
    Membership,
    membership_of,
    memberships,
    new_credential,
    save_membership,
)
from desktop_client.gui.main_window import STUDY, MainWindow
from desktop_client.gui.views.dialogs import TakeBackAnswer
from desktop_client.paths import Home
from desktop_client.project.restore import look_into
from tests.scenes import write_study
from tests.ui.conftest import Answers

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
HAND_OVER = "Hand over to a server …"


@pytest.fixture
def joined(home: Home, tmp_path: Path, open_window: Callable[[], MainWindow]) -> MainWindow:
    """The window of a site that is in a study, whose coordinator is away."""
    member = Membership(
        study_id="dots",
        site_id="anna",
        site_name="St. Anna",
        coordinator_url="http://127.0.0.1:9",
        credential=new_credential(),
        study=read_study(write_study(tmp_path / "study.toml")),
    )
    save_membership(home, member)
    window = open_window()
    window.show_page(STUDY)
    return window


def rest(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.workers.running_count == 0, timeout=60_000)


def test_a_study_is_handed_over_after_a_question_and_comes_back_from_its_file(
    home: Home,
    joined: MainWindow,
    answers: Answers,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    page = joined.study
    answers.hand_over, answers.is_confirmed = tmp_path / "anna.siteblind-backup", False
    click(button_named(page, HAND_OVER))
    assert answers.asked[-1] == "Hand the study “Dots and rings” over to a server?"
    assert not answers.hand_over.exists()
    answers.is_confirmed = True
    click(button_named(page, HAND_OVER))
    qtbot.waitUntil(lambda: page._round.text().startswith("Trained by the server since "))
    rest(joined, qtbot)
    assert "studies/dots/membership.json" in {f.name for f in look_into(answers.hand_over).files}
    assert page._others.text() == "On the server: siteblind membership take anna.siteblind-backup"
    assert not page._start.isVisible()
    assert not button_named(page, HAND_OVER).isEnabled()
    assert not button_named(page, "What takes part …").isEnabled()

    click(button_named(page, "Take back …"))  # and thought better of it
    answers.take_back = TakeBackAnswer.FILE
    click(button_named(page, "Take back …"))
    qtbot.waitUntil(lambda: page._round.text() == "Not taking part now", timeout=60_000)
    rest(joined, qtbot)
    assert "does not answer now" in page._others.text()
    assert membership_of(home, "dots").handed_over_at is None
    assert button_named(page, "Start taking part").isEnabled()


def test_whether_nobody_has_taken_it_only_the_coordinator_knows(
    home: Home,
    joined: MainWindow,
    answers: Answers,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    answers.hand_over, answers.take_back = tmp_path / "anna", TakeBackAnswer.UNTAKEN
    click(button_named(joined.study, HAND_OVER))
    qtbot.waitUntil(lambda: joined.study._take_back.isVisible(), timeout=60_000)
    rest(joined, qtbot)
    click(button_named(joined.study, "Take back …"))
    qtbot.waitUntil(lambda: joined.study._problem.text() != "", timeout=60_000)
    rest(joined, qtbot)
    assert "cannot be reached" in joined.study._problem.text()
    assert membership_of(home, "dots").handed_over_at is not None


def test_what_a_server_goes_on_with_can_be_removed_from_the_desk(
    home: Home,
    joined: MainWindow,
    answers: Answers,
    click: Click,
    button_named: Find,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    answers.hand_over = tmp_path / "anna"
    click(button_named(joined.study, HAND_OVER))
    qtbot.waitUntil(lambda: joined.study._take_back.isVisible(), timeout=60_000)
    rest(joined, qtbot)
    click(button_named(joined.study, "Remove from this desk …"))
    assert "Remove the study “Dots and rings” from this desk?" in answers.asked
    qtbot.waitUntil(lambda: memberships(home) == [], timeout=60_000)
    rest(joined, qtbot)
    assert answers.hand_over.exists()
