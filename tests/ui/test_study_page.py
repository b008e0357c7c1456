from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from coordinator.protocol import LesionMetrics
from coordinator.study import read_study
from desktop_client.federation.events import (
    CoordinatorAway,
    ParametersLoaded,
    RoundJoined,
    RoundWaited,
    StudyFinished,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.federation.membership import Membership, new_credential, save_membership
from desktop_client.gui.main_window import STUDY, MainWindow
from desktop_client.gui.models.round_history import RoundTable, StudyHistory
from desktop_client.paths import Home
from desktop_client.training.events import StepFinished, TrainingWarned
from tests.scenes import write_study

Click = Callable[[QAbstractButton], None]
Find = Callable[[QWidget, str], QAbstractButton]
METRICS = LesionMetrics(sample_count=4, accuracy=0.75, auc=0.8)


@pytest.fixture
def joined(home: Home, tmp_path: Path, open_window: Callable[[], MainWindow]) -> MainWindow:
    """The window of a site that is in the study of dots and rings."""
    study = read_study(write_study(tmp_path / "study.toml"))
    membership = Membership(
        study_id="dots",
        site_id=str(UUID(int=1)),
        site_name="St. Anna",
        coordinator_url="https://study.example.org",
        credential=new_credential(),
        study=study,
    )
    save_membership(home, membership)
    window = open_window()
    window.show_page(STUDY)
    return window


def test_without_a_study_the_page_explains_what_one_is(window: MainWindow) -> None:
    window.show_page(STUDY)
    assert window.study._nothing.isVisible()
    assert not window.study._detail.isVisible()


def test_the_study_is_explained_before_anyone_takes_part(joined: MainWindow) -> None:
    facts = joined.study.facts
    assert facts._name.text() == "Dots and rings"
    assert facts._classes.text() == "dot, ring"
    assert facts._model.text().endswith("in 2 rounds, on images of 24 x 24 pixels")
    assert "at least 20 images" in facts._sent.text()
    assert facts._never.text().startswith("Images, labels")


def test_classes_that_this_site_lacks_are_named_and_can_be_added(
    joined: MainWindow, click: Click, button_named: Find
) -> None:
    assert joined.study.facts._missing.text() == "You have no class of this name yet: dot, ring."
    click(button_named(joined.study, "Add the study's classes to mine"))
    assert [c.name for c in joined.labelling.classes] == ["dot", "ring"]
    assert not joined.study.facts._missing.isVisible()


def test_a_round_is_told_in_sentences(joined: MainWindow) -> None:
    page, say = joined.study, joined.taking_part.on_worker_event_emitted
    say(RoundWaited("Round 1 of 2: 1 of 2 picked sites have sent", 1, 2, False, 2, 1, 5))
    assert page._round.text() == "Round 1 of 2"
    assert page._others.text() == (
        "Not picked this time. 5 sites are in touch with the coordinator."
    )
    say(RoundJoined(2, 2))
    assert page._round.text() == "Round 2 of 2"
    say(StepFinished(7, 8, 0.5, 1, 1, 1, 1, 1, 1, 0.1))
    # 4 local steps per round: the seventh of the study is the third of its second round.
    assert (page._bar.value(), page._bar.maximum()) == (3, 4)
    say(UpdateSent(2, 1_500_000, 12))
    assert "1.5 MB" in page._status.text()
    say(ParametersLoaded(2, 2, "0" * 64, 1_500_000, METRICS))
    assert "75 % right" in page._status.text()
    say(StudyFinished("All 2 rounds are averaged", Path("model.safetensors"), METRICS))
    assert page._round.text() == "The study is finished"
    assert page._others.text() == "All 2 rounds are averaged."


def test_a_paused_and_a_stopped_study_say_so(joined: MainWindow) -> None:
    page, say = joined.study, joined.taking_part.on_worker_event_emitted
    paused = "Round 2 of 9 waits: the study owner has paused the study"
    say(RoundWaited(paused, 2, 9, False, 0, 0, 5, is_paused=True))
    assert (page._round.text(), page._status.text()) == ("The study is paused", paused)
    say(StudyFinished("The study owner has stopped the study", None, METRICS))
    assert page._round.text() == "The study is finished"
    assert page._status.text() == "The study owner has stopped the study."
    assert page._status.property("role") == "warning"


def test_an_absent_coordinator_and_a_refused_update_are_warnings_and_not_the_end(
    joined: MainWindow,
) -> None:
    page, say = joined.study, joined.taking_part.on_worker_event_emitted
    say(CoordinatorAway("The coordinator does not answer.", 8.0))
    assert page._status.text() == "The coordinator does not answer."
    assert page._others.text() == "Nothing is lost; trying again in 8 s."
    say(TrainingWarned("The lesion error has risen for some time."))
    assert page._status.text() == "The lesion error has risen for some time."
    assert page._status.property("role") == "warning"
    say(UpdateRefused(1, "Array lesion.weight has another shape."))
    assert page._status.property("role") == "warning"


def test_a_study_that_fits_none_of_the_labels_is_refused_in_a_sentence(
    joined: MainWindow, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    click(button_named(joined.study, "Start taking part"))
    qtbot.waitUntil(lambda: not joined.taking_part.is_running, timeout=120_000)
    assert "No image here is labelled with a class of the study" in joined.study._problem.text()
    assert button_named(joined.study, "Start taking part").isEnabled()


def test_the_history_keeps_what_each_round_brought() -> None:
    history, table = StudyHistory(), RoundTable()
    undefined = LesionMetrics(sample_count=4, accuracy=0.5, auc=None)
    for event in (
        ParametersLoaded(0, 3, "0" * 64, 1, undefined),
        RoundJoined(1, 3),
        UpdateSent(1, 10, 12),
        RoundWaited("", 1, 3, False, 2, 1, 4),
        ParametersLoaded(1, 3, "0" * 64, 1, METRICS),
        RoundWaited("", 2, 3, False, 2, 0, 4),
        RoundWaited("nobody is picked yet", 3, 3, False, 0, 0, 4),
    ):
        history.take(event)
    table.show_history(history)
    rows = [
        [table.index(row, column).data() for column in range(4)] for row in range(table.rowCount())
    ]
    assert rows == [
        ["2", "not picked", "–", "–"],
        ["1", "took part, 12 images", "75 %", "0.80"],
        ["start", "–", "50 %", "undefined"],
    ]
    accuracy, auc = history.curves()
    assert (accuracy.xs, accuracy.ys) == ([0, 1], [0.5, 0.75])
    assert (auc.xs, auc.ys) == ([1], [0.8])
