from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from coordinator.parameters import encode
from coordinator.protocol import LesionMetrics, UpdateMessage
from coordinator.study import read_study
from desktop_client.federation.alone_record import AloneRecord, keep_alone
from desktop_client.federation.events import (
    AloneMeasured,
    CoordinatorAway,
    ParametersLoaded,
    RoundJoined,
    RoundTrained,
    RoundWaited,
    StudyFinished,
    TransferAdvanced,
    UpdatePrepared,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.federation.membership import (
    Membership,
    membership_of,
    new_credential,
    save_membership,
)
from desktop_client.federation.round_record import recorded
from desktop_client.federation.sent import SentUpdate, describe_update
from desktop_client.gui.main_window import STUDY, MainWindow
from desktop_client.gui.models.round_history import RoundTable, StudyHistory
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.training.events import StepFinished, TrainingWarned
from tests.scenes import CLASS_IDS, write_study
from tests.ui.conftest import Answers

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
        coordinator_url="http://127.0.0.1:9",
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
    assert "Picked since" in page._others.text()
    say(TransferAdvanced("up", 500_000, 1_500_000))
    assert page._status.text() == "Sending this site's part: 0.5 of 1.5 MB"
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
        RoundTrained(1, undefined, METRICS),
        UpdateSent(1, 10, 12),
        RoundWaited("", 1, 3, False, 2, 1, 4),
        ParametersLoaded(1, 3, "0" * 64, 1, METRICS),
        RoundWaited("", 2, 3, False, 2, 0, 4),
        RoundWaited("nobody is picked yet", 3, 3, False, 0, 0, 4),
    ):
        history.take(event)
    table.show_history(history)
    rows = [
        [table.index(row, column).data() for column in range(5)] for row in range(table.rowCount())
    ]
    assert rows == [
        ["2", "not picked", "–", "–", "–"],
        ["1", "took part, 12 images", "50 % → 75 %", "75 %", "0.80"],
        ["start", "–", "–", "50 %", "undefined"],
    ]
    accuracy, auc = history.curves()
    assert (accuracy.xs, accuracy.ys) == ([0, 1], [0.5, 0.75])
    assert (auc.xs, auc.ys) == ([1], [0.8])


def a_past_round() -> SentUpdate:
    message = UpdateMessage(
        protocol_version=1,
        method_version=1,
        study_id="dots",
        study_digest="0" * 64,
        site_id="anna",
        round_number=1,
        extractor="small_cnn",
        base_digest="1" * 64,
        sample_count=40,
        domain_indices=(0,),
        metrics_before=METRICS,
    )
    arrays = {"lesion_classifier.bias": np.zeros(2, np.float32)}
    return describe_update(encode(arrays, message), {})


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_rounds_and_what_was_sent_in_them_outlive_the_program(
    home: Home,
    joined: MainWindow,
    open_window: Callable[[], MainWindow],
    click: Click,
    button_named: Find,
    qtbot: QtBot,
) -> None:
    update = a_past_round()
    events = (
        RoundJoined(1, 2),
        RoundTrained(1, METRICS, METRICS),
        UpdatePrepared(1, update),
        UpdateSent(1, update.byte_count, 40),
        ParametersLoaded(1, 2, "0" * 64, 1, METRICS),
    )
    *_, _ = recorded(home, "dots", (event for event in events))
    window = open_window()
    window.show_page(STUDY)
    row = [window.rounds.index(0, column).data() for column in range(5)]
    assert row == ["1", "took part, 40 images", "0.80 → 0.80", "75 %", "0.80"]

    click(button_named(window.study, "What leaves …"))
    sheet = window.studies.sent.sheet
    assert sheet is not None
    qtbot.waitUntil(lambda: sheet._state.property("role") == "error", timeout=120_000)
    assert "No image here is labelled with a class of the study" in sheet.state
    sheet.which.setCurrentIndex(1)
    assert "1 arrays" in sheet.state
    assert "received by the coordinator" in sheet.state
    assert sheet._table.model().index(0, 0).data() == "lesion_classifier.bias"
    assert "No image can be seen in them" in sheet._words.text()
    sheet.reject()
    qtbot.waitUntil(lambda: window.workers.running_count == 0)


def test_the_shared_model_is_compared_with_one_trained_alone(
    home: Home, joined: MainWindow
) -> None:
    say = joined.taking_part.on_worker_event_emitted
    say(ParametersLoaded(1, 2, "0" * 64, 1, METRICS))
    assert not joined.study._comparison.isVisible()
    worse = LesionMetrics(sample_count=4, accuracy=0.5, auc=0.6)
    record = AloneRecord(validation=worse, step_count=8, trained_at=datetime.now(UTC))
    keep_alone(home, "dots", record)
    joined.studies.alone.on_worker_event_emitted(AloneMeasured(record))
    assert joined.study._comparison.text() == (
        "Shared model: AUC 0.80. Trained alone: AUC 0.60, on the same 4 images. So few images: "
        "the difference may be chance."
    )


def test_a_study_is_left_after_a_question_and_its_absence_is_told(
    joined: MainWindow, answers: Answers, click: Click, button_named: Find, qtbot: QtBot
) -> None:
    answers.is_confirmed = False
    click(button_named(joined.study, "Leave the study …"))
    assert answers.asked[-1] == "Leave the study “Dots and rings” for good?"
    answers.is_confirmed = True
    click(button_named(joined.study, "Leave the study …"))  # nobody answers at the address
    qtbot.waitUntil(lambda: joined.study._problem.text() != "", timeout=60_000)
    assert "cannot be reached" in joined.study._problem.text()
    assert joined.study.facts._name.text() == "Dots and rings"


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_what_takes_part_can_be_changed_by_name(
    home: Home, joined: MainWindow, click: Click, button_named: Find
) -> None:
    joined.labelling.add_classes(["spot"])
    (spot,) = joined.labelling.classes
    click(button_named(joined.study, "What takes part …"))
    dialog = joined.studies.contributing.dialog
    assert dialog is not None
    box = dialog.page.classes[spot.class_id]
    box.setCurrentIndex(box.findText("means “dot”"))
    click(button_named(dialog, "Use from the next start on"))
    chosen = membership_of(home, "dots").contribution
    assert str(chosen.classes[spot.class_id]) == CLASS_IDS["dot"]
    assert joined.study.facts._missing.text() == "You have no class of this name yet: ring."
    with LabelStore(home.labels_path) as store:
        *_, last = store.audit.entries()
    assert (last.kind, last.reader) == ("study_contribution_changed", "Dr. Ada")
    assert "spot = dot" in last.details
