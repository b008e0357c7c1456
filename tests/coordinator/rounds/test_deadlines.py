import logging
from datetime import timedelta

import pytest

from coordinator.access.ending import revoke_site
from coordinator.rounds.transitions import allow_for_downtime
from tests.coordinator.conftest import LiveCoordinator, refusal, tiny_parameters
from tests.coordinator.play import picked, play_round, states, values

pytestmark = pytest.mark.every_database


def test_deadline_with_quorum_averages_what_is_there(live: LiveCoordinator) -> None:
    sites = live.running_study(4, deadline_s=300, finish_quorum=1)
    present, absent = picked(sites)
    present.send_value(2.0)
    live.clock.turn(299)
    assert present.round().round_number == 1
    live.clock.turn(1)
    assert present.round().round_number == 2
    assert values(present.download(1)[0]) == [2.0, 2.0, 2.0]
    assert not absent.round().is_picked  # a pick marks the site even if its update never comes


def test_round_that_is_short_at_the_deadline_waits_and_says_so(live: LiveCoordinator) -> None:
    sites = live.running_study(8, deadline_s=300, finish_quorum=3)
    first, second, third, _ = picked(sites)
    first.send_value(1.0)
    live.clock.turn(300)
    reply = second.round()
    assert (reply.state, reply.round_number) == ("collecting", 1)
    assert reply.sentence == (
        "Round 1 of 3: the deadline has passed with 1 of the 3 updates that are needed; "
        "it waits for the 3 picked sites that are late"
    )
    assert second.send_value(2.0).status_code == 200
    assert first.round().round_number == 1
    assert third.send_value(6.0).status_code == 200
    assert first.round().round_number == 2
    assert values(first.download(1)[0]) == [3.0, 3.0, 3.0]
    assert states(live, first.study_id) == [(1, 1, "averaged"), (2, 1, "collecting")]


def test_round_does_not_wait_for_the_time_by_which_a_clock_was_set_back(
    live: LiveCoordinator, expected_warnings: list[logging.LogRecord]
) -> None:
    sites = live.running_study(4, deadline_s=300, finish_quorum=1)
    present, _ = picked(sites)
    present.send_value(2.0)
    live.clock.turn(-86_400)
    assert present.round().deadline_at == live.clock() + timedelta(seconds=300)
    assert "clock was set back" in expected_warnings[0].getMessage()
    live.clock.turn(300)
    assert present.round().round_number == 2


@pytest.mark.usefixtures("expected_warnings")
def test_round_whose_missing_sites_have_vanished_is_tried_again_with_others(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(5, deadline_s=300, finish_quorum=2, seen_within_s=500)
    present, vanished = picked(sites)
    present.send_value(1.0)
    live.clock.turn(500)
    present.round()
    assert states(live, present.study_id) == [(1, 1, "collecting")]  # it was seen 500 s ago
    live.clock.turn(1)
    others = [site for site in sites if site not in (present, vanished)]
    for site in (present, *others):
        site.round()
    assert states(live, present.study_id) == [(1, 1, "abandoned"), (1, 2, "collecting")]
    (filling,) = [site for site in picked([present, *others]) if site is not present]
    filling.send_value(5.0)
    assert values(present.download(1)[0]) == [3.0, 3.0, 3.0]  # of 1 and 5
    assert vanished.round().round_number == 2  # and it is welcome back


@pytest.mark.usefixtures("expected_warnings")
def test_update_of_a_site_that_was_dropped_is_refused_politely(live: LiveCoordinator) -> None:
    sites = live.running_study(5, deadline_s=300, finish_quorum=2, seen_within_s=600)
    present, vanished = picked(sites)
    body = vanished.update_body(tiny_parameters(9.0))
    live.clock.turn(601)
    for site in sites:
        if site is not vanished:
            site.round()
    assert refusal(vanished.send(1, body)) == (
        403,
        "not_picked",
        "Round 1 was tried again without this site, which had not been heard of; "
        "it can be picked for a later round",
    )
    assert present.round().round_number == 1


@pytest.mark.usefixtures("expected_warnings")
def test_round_is_given_up_when_as_much_time_again_has_passed(live: LiveCoordinator) -> None:
    first, second = live.running_study(2, deadline_s=300, finish_quorum=2, seen_within_s=10_000)
    first.send_value(1.0)
    live.clock.turn(599)
    second.round()
    assert states(live, first.study_id) == [(1, 1, "collecting")]
    live.clock.turn(1)
    second.round()
    assert states(live, first.study_id) == [(1, 1, "abandoned"), (1, 2, "collecting")]


@pytest.mark.usefixtures("expected_warnings")
def test_update_that_was_accepted_stays_in_its_round_however_often_that_is_tried(
    live: LiveCoordinator,
) -> None:
    first, second = live.running_study(2, deadline_s=300, finish_quorum=2)
    first.send_value(1.0)
    for attempt in range(2, 5):
        live.clock.turn(600)
        second.round()
        reply = first.round()
        assert (reply.is_picked, reply.is_update_accepted, reply.update_count) == (True, True, 1)
        assert states(live, first.study_id)[-1] == (1, attempt, "collecting")
    second.send_value(3.0)
    assert values(first.download(1)[0]) == [2.0, 2.0, 2.0]


@pytest.mark.usefixtures("expected_warnings")
def test_site_that_has_sent_counts_as_here_when_its_round_is_tried_again(
    live: LiveCoordinator,
) -> None:
    gone, second, third = live.running_study(3, deadline_s=300, finish_quorum=2)
    chosen = picked([gone, second, third])
    sender, vanished = chosen
    (spare,) = [site for site in (gone, second, third) if site not in chosen]
    sender.send_value(1.0)
    live.clock.turn(601)
    spare.round()  # alone, but for the one that has done its part
    assert states(live, spare.study_id) == [(1, 1, "abandoned"), (1, 2, "collecting")]
    spare.send_value(3.0)
    assert values(vanished.download(1)[0]) == [2.0, 2.0, 2.0]


def test_abandoned_round_is_logged_for_the_operator(
    live: LiveCoordinator, expected_warnings: list[logging.LogRecord]
) -> None:
    site, _ = live.running_study(2, deadline_s=300)
    site.round()
    live.clock.turn(600)
    site.round()
    assert [record.getMessage().partition(": ")[2] for record in expected_warnings] == [
        "round 1 abandoned with 0 of 2 updates; it is tried again"
    ]


def allow_for(live: LiveCoordinator, downtime: timedelta) -> None:
    with live.store.writing() as connection:
        allow_for_downtime(connection, live.clock(), downtime)


def test_time_when_nobody_served_costs_no_site_its_work(live: LiveCoordinator) -> None:
    early, late = live.running_study(2, deadline_s=3600, seen_within_s=600)
    early.send_value(1.0)
    body = late.update_body(tiny_parameters(5.0))
    live.clock.turn(5 * 3600)  # the coordinator was away
    allow_for(live, timedelta(hours=5))
    reply = early.round()
    assert (reply.round_number, reply.update_count) == (1, 1)
    assert reply.deadline_at == live.clock() + timedelta(seconds=600)
    live.clock.turn(599)
    assert late.send(1, body).status_code == 200
    assert values(late.download(1)[0]) == [3.0, 3.0, 3.0]


def test_start_of_the_coordinator_leaves_a_deadline_that_is_far_away(
    live: LiveCoordinator,
) -> None:
    site, _ = live.running_study(2, deadline_s=3600, seen_within_s=600)
    due = site.round().deadline_at
    allow_for(live, timedelta(hours=5))
    assert site.round().deadline_at == due


def test_short_absence_moves_a_near_deadline_by_twice_its_length_however_often(
    live: LiveCoordinator,
) -> None:
    site, _ = live.running_study(2, deadline_s=3600, seen_within_s=600)
    due = site.round().deadline_at
    assert due is not None
    live.clock.turn(3590)
    for starts in (1, 2):
        allow_for(live, timedelta(seconds=3))
        assert site.round().deadline_at == due + starts * timedelta(seconds=6)
    allow_for(live, timedelta(0))
    assert site.round().deadline_at == due + timedelta(seconds=12)


def test_quorum_larger_than_the_pick_means_all_of_them(live: LiveCoordinator) -> None:
    sites = live.running_study(2, finish_quorum=50)
    play_round(sites, 1.0)
    assert sites[0].round().round_number == 2


@pytest.mark.usefixtures("expected_warnings")
def test_late_update_is_refused_and_the_average_stays(live: LiveCoordinator) -> None:
    present, late = live.running_study(2, deadline_s=300)
    present.send_value(1.0)
    body = late.update_body(tiny_parameters(5.0))
    live.clock.turn(300)
    assert refusal(late.send(1, body)) == (
        409,
        "round_closed",
        "The deadline of round 1 has passed; it is averaged without this site",
    )
    assert present.round().round_number == 2
    assert refusal(late.send(1, body)) == (
        409,
        "round_closed",
        "Round 1 was averaged already; fetch the newest parameters",
    )
    assert values(present.download(1)[0]) == [1.0, 1.0, 1.0]


def test_round_no_longer_waits_for_a_site_whose_membership_ended(live: LiveCoordinator) -> None:
    chosen = picked(live.running_study(3))
    chosen[0].send_value(1.0)
    with live.store.writing() as connection:
        revoke_site(connection, chosen[1].study_id, chosen[1].site_id, live.clock())
    assert chosen[0].round().round_number == 2
    assert values(chosen[0].download(1)[0]) == [1.0, 1.0, 1.0]
