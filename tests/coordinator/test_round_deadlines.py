import logging

import pytest

from coordinator.auth import revoke_site
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


@pytest.mark.usefixtures("expected_warnings")
def test_deadline_without_quorum_abandons_and_picks_others_for_the_same_round(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(4, deadline_s=300, finish_quorum=2)
    first = picked(sites)
    first[0].send_value(9.0)
    live.clock.turn(300)
    second = picked(sites)
    assert {s.site_id for s in first}.isdisjoint(s.site_id for s in second)
    assert states(live, sites[0].study_id) == [(1, 1, "abandoned"), (1, 2, "collecting")]
    for site in second:
        site.send_value(1.0)
    extractor, lesion, _ = values(sites[0].download(1)[0])
    assert (extractor, lesion) == (1.0, 1.0)


def test_abandoned_round_is_logged_for_the_operator(
    live: LiveCoordinator, expected_warnings: list[logging.LogRecord]
) -> None:
    site, _ = live.running_study(2, deadline_s=300)
    site.round()
    live.clock.turn(300)
    site.round()
    assert [record.getMessage().partition(": ")[2] for record in expected_warnings] == [
        "round 1 abandoned with 0 of 2 updates; it is tried again"
    ]


@pytest.mark.usefixtures("expected_warnings")
def test_update_of_an_abandoned_attempt_counts_when_its_site_is_picked_again(
    live: LiveCoordinator,
) -> None:
    first, second = live.running_study(2, deadline_s=300, finish_quorum=2)
    first.send_value(1.0)
    live.clock.turn(300)
    second.round()
    reply = first.round()
    assert (reply.is_picked, reply.is_update_accepted, reply.update_count) == (True, True, 1)
    second.send_value(3.0)
    assert values(first.download(1)[0]) == [2.0, 2.0, 2.0]


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
    status, code, sentence = refusal(late.send(1, body))
    assert (status, code) == (409, "round_closed")
    assert sentence == "Round 1 was averaged already; fetch the newest parameters"
    assert values(present.download(1)[0]) == [1.0, 1.0, 1.0]


def test_round_no_longer_waits_for_a_site_whose_membership_ended(live: LiveCoordinator) -> None:
    chosen = picked(live.running_study(3))
    chosen[0].send_value(1.0)
    with live.store.writing() as connection:
        revoke_site(connection, chosen[1].study_id, chosen[1].site_id, live.clock())
    assert chosen[0].round().round_number == 2
    assert values(chosen[0].download(1)[0]) == [1.0, 1.0, 1.0]
