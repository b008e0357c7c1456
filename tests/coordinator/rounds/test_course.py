import logging

import pytest

from coordinator.access.audit import entries
from coordinator.errors import StudyFinishedError, StudyStoppedError, StudyUnknownError
from coordinator.rounds.course import pause_study, resume_study, stop_study
from tests.coordinator.conftest import LiveCoordinator, refusal, tiny_parameters, tiny_study
from tests.coordinator.play import picked, play_round, states, values

pytestmark = pytest.mark.every_database


def test_paused_study_finishes_its_round_and_opens_no_other(live: LiveCoordinator) -> None:
    sites = live.running_study(2)
    sites[0].send_value(1.0)
    pause_study(live.store, sites[0].study_id, live.clock())
    reply = sites[1].round()
    assert reply.state == "collecting"
    assert reply.sentence == (
        "Round 1 of 3: 1 of 2 picked sites have sent their update; then the study pauses"
    )
    sites[1].send_value(3.0)
    reply = sites[0].round()
    assert (reply.state, reply.round_number, reply.is_picked) == ("paused", 2, False)
    assert reply.sentence == "Round 2 of 3 waits: the study owner has paused the study"
    assert values(sites[0].download(1)[0]) == [2.0, 2.0, 2.0]
    assert states(live, sites[0].study_id) == [(1, 1, "averaged")]


def test_resumed_study_goes_on_where_it_was(live: LiveCoordinator) -> None:
    sites = live.running_study(2)
    study_id = sites[0].study_id
    pause_study(live.store, study_id, live.clock())
    assert sites[0].round().state == "paused"
    resume_study(live.store, study_id, live.clock())
    assert sites[0].round().state == "collecting"
    play_round(sites, 1.0)
    assert sites[0].round().round_number == 2


def test_stopped_study_abandons_its_round_and_is_finished(live: LiveCoordinator) -> None:
    sites = live.running_study(2)
    play_round(sites, 1.0)
    sites[0].send_value(5.0)
    body = sites[1].update_body(tiny_parameters(7.0))
    stop_study(live.store, sites[0].study_id, live.clock())
    reply = sites[1].round()
    assert (reply.state, reply.round_number, reply.is_picked) == ("finished", 1, False)
    assert reply.sentence == (
        "The study owner has stopped the study with 1 of 3 rounds averaged; "
        "the newest parameters are its result"
    )
    assert reply.global_parameters is not None
    assert reply.global_parameters.round_number == 1
    assert refusal(sites[1].send(2, body)) == (
        409,
        "round_closed",
        "The study owner has stopped the study; it takes no more updates",
    )
    assert states(live, sites[0].study_id) == [(1, 1, "averaged"), (2, 1, "abandoned")]


def test_study_can_be_stopped_before_it_has_parameters(live: LiveCoordinator) -> None:
    study = tiny_study()
    study_id = live.create_study(study)
    site = live.join(study_id, study)
    stop_study(live.store, study_id, live.clock())
    reply = site.round()
    assert (reply.state, reply.round_number, reply.global_parameters) == ("finished", 0, None)
    assert not reply.may_propose_parameters


def test_stopping_is_for_good_and_saying_it_again_changes_nothing(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    for _ in range(2):
        stop_study(live.store, site.study_id, live.clock())
    for turn in (pause_study, resume_study):
        with pytest.raises(StudyStoppedError, match="stopped for good; create a new one"):
            turn(live.store, site.study_id, live.clock())
    assert site.round().state == "finished"


def test_each_word_of_the_owner_is_in_the_audit_log_once(live: LiveCoordinator) -> None:
    sites = live.running_study(2)
    study_id = sites[0].study_id
    picked(sites)
    for turn in (pause_study, pause_study, resume_study, resume_study, stop_study, stop_study):
        turn(live.store, study_id, live.clock())
    with live.store.reading() as connection:
        actions = [entry.action for entry in entries(connection, study_id=study_id)]
    # The newest first.
    assert actions[:5] == [
        "round_abandoned",
        "study_stopped",
        "study_resumed",
        "study_paused",
        "round_opened",
    ]


def test_study_that_is_not_there_cannot_be_turned(
    live: LiveCoordinator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for turn in (pause_study, resume_study, stop_study):
        with pytest.raises(StudyUnknownError):
            turn(live.store, "nowhere", live.clock())
    assert "now " not in caplog.text


def test_finished_study_can_neither_be_paused_nor_stopped(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=1)
    play_round(sites, 1.0)
    for turn in (pause_study, resume_study, stop_study):
        with pytest.raises(StudyFinishedError, match=r"All 1 rounds of study .* are averaged"):
            turn(live.store, sites[0].study_id, live.clock())
    assert sites[0].round().sentence == "All 1 rounds are averaged; the study is finished"
