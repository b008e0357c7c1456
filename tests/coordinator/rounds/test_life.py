from collections import Counter
from datetime import timedelta

import pytest

from tests.coordinator.conftest import LiveCoordinator, refusal, tiny_parameters
from tests.coordinator.play import picked, play_round, states, values

pytestmark = pytest.mark.every_database


def test_round_waits_until_enough_sites_were_seen(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    reply = site.round()
    assert reply.state == "waiting_for_sites"
    assert reply.sentence == "Round 1 of 3 waits for sites: 1 of at least 2 are here"
    assert (reply.round_number, reply.site_count, reply.picked_count) == (1, 1, 0)
    live.join(site.study_id, site.study)
    assert site.round().state == "collecting"


def test_site_not_heard_of_for_long_does_not_count(live: LiveCoordinator) -> None:
    first, second = live.running_study(2, seen_within_s=600)
    live.clock.turn(601)
    assert first.round().state == "waiting_for_sites"
    assert second.round().state == "collecting"


def test_open_round_tells_a_picked_site_all_it_needs(live: LiveCoordinator) -> None:
    site, _ = live.running_study(2, deadline_s=1800, poll_s=7)
    reply = site.round()
    assert (reply.state, reply.is_picked, reply.is_update_accepted) == ("collecting", True, False)
    assert (reply.round_number, reply.round_count) == (1, 3)
    assert (reply.picked_count, reply.update_count, reply.site_count) == (2, 0, 2)
    assert reply.deadline_at == live.clock() + timedelta(seconds=1800)
    assert reply.poll_after_s == 7
    assert reply.global_parameters is not None
    assert reply.global_parameters.round_number == 0
    assert reply.sentence == "Round 1 of 3: 0 of 2 picked sites have sent their update"


def test_accepted_update_shows_in_the_next_reply(live: LiveCoordinator) -> None:
    site, other = live.running_study(2)
    site.send_value(1.0)
    assert site.round().is_update_accepted
    assert not other.round().is_update_accepted
    assert other.round().update_count == 1


def test_round_is_averaged_when_all_picked_updates_are_in(live: LiveCoordinator) -> None:
    # By hand: samples 30 and 10 give (30*1 + 10*5)/40 = 2; domains 1 and 3 give (1*1 + 3*5)/4 = 4.
    first, second = live.running_study(2)
    second.domain_indices += second.register_domains(2)
    assert first.send_value(1.0, sample_count=30).status_code == 200
    assert second.send_value(5.0, sample_count=10).status_code == 200
    arrays, message = first.download(1)
    assert values(arrays) == [2.0, 2.0, 4.0]
    assert (message.round_number, message.domain_count) == (1, 4)
    assert states(live, first.study_id) == [(1, 1, "averaged"), (2, 1, "collecting")]


def test_all_sites_receive_the_same_bits(live: LiveCoordinator) -> None:
    sites = live.running_study(4)
    for value, site in enumerate(picked(sites)):
        site.send_value(value / 3)
    bodies = {
        site.request("GET", f"/v1/studies/{site.study_id}/parameters/1").content for site in sites
    }
    assert len(bodies) == 1


def test_four_sites_take_turns(live: LiveCoordinator) -> None:
    sites = live.running_study(4, count=6)
    times: Counter[str] = Counter()
    for number in range(6):
        times.update(site.site_id for site in play_round(sites, float(number)))
        if number % 2:
            assert set(times.values()) == {(number + 1) // 2}
    assert len(times) == 4
    assert sites[0].round().state == "finished"


def test_last_averaged_round_finishes_the_study(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=2)
    play_round(sites, 1.0)
    play_round(sites, 2.0)
    reply = sites[0].round()
    assert (reply.state, reply.round_number, reply.is_picked) == ("finished", 2, False)
    assert reply.sentence == "All 2 rounds are averaged; the study is finished"
    assert reply.global_parameters is not None
    assert reply.global_parameters.round_number == 2
    late = sites[0].send(2, b"")
    assert late.status_code == 409
    assert values(sites[1].download(2)[0]) == [2.0, 2.0, 2.0]


def test_studies_do_not_disturb_each_other(live: LiveCoordinator) -> None:
    ours, theirs = live.running_study(2), live.running_study(2)
    play_round(ours, 1.0)
    assert theirs[0].round().round_number == 1
    play_round(theirs, 3.0)
    assert values(ours[0].download(1)[0]) == [1.0, 1.0, 1.0]
    assert values(theirs[0].download(1)[0]) == [3.0, 3.0, 3.0]


def test_update_for_a_round_to_come_is_refused(live: LiveCoordinator) -> None:
    site, _ = live.running_study(2)
    body = site.update_body(tiny_parameters(), round_number=2)
    status, code, sentence = refusal(site.send(2, body))
    assert (status, code) == (409, "round_closed")
    assert "not open" in sentence


def test_site_that_was_not_picked_is_refused(live: LiveCoordinator) -> None:
    sites = live.running_study(4)
    (outsider, _) = [site for site in sites if not site.round().is_picked]
    status, code, sentence = refusal(outsider.send_value(1.0))
    assert (status, code) == (403, "not_picked")
    assert sentence == "This site was not picked for round 1"


def test_same_update_again_gives_the_same_reply_and_counts_once(live: LiveCoordinator) -> None:
    first, second = live.running_study(2)
    body = first.update_body(tiny_parameters(1.0))
    replies = [first.send(1, body) for _ in range(2)]
    second.send_value(2.0)
    replies.append(first.send(1, body))  # even after the round is over
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1
    assert values(first.download(1)[0]) == [1.5, 1.5, 1.5]


def test_different_update_of_the_same_site_is_refused(live: LiveCoordinator) -> None:
    first, second = live.running_study(2)
    other = first.update_body(tiny_parameters(9.0))
    first.send_value(1.0)
    status, code, sentence = refusal(first.send(1, other))
    assert (status, code) == (409, "update_conflict")
    assert "different update for round 1" in sentence
    second.send_value(2.0)
    assert values(first.download(1)[0]) == [1.5, 1.5, 1.5]
