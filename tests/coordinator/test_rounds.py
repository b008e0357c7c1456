import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import requests
from sqlalchemy import select

from coordinator import protocol
from coordinator.auth import revoke_site
from coordinator.averaging import Contribution, SentUpdate, average
from coordinator.contributions import recent_updates
from coordinator.parameters import Parameters
from coordinator.rounds import Rounds
from coordinator.tables import rounds
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    refusal,
    tiny_moments,
    tiny_parameters,
    tiny_styles,
)

EVERY_GROUP = (
    "feature_extractor.conv.weight",
    "lesion_classifier.bias",
    "domain_classifier.bias",
)


def picked(sites: list[LiveSite]) -> list[LiveSite]:
    return [site for site in sites if site.round().is_picked]


def values(arrays: Parameters) -> list[float]:
    """The value of each group, where all entries of each are alike."""
    return [float(arrays[name].ravel()[0]) for name in EVERY_GROUP]


def states(live: LiveCoordinator, study_id: str) -> list[tuple[int, int, str]]:
    columns = (rounds.c.round_number, rounds.c.attempt, rounds.c.state)
    with live.store.reading() as connection:
        rows = connection.execute(
            select(*columns).where(rounds.c.study_id == study_id).order_by(*columns)
        ).all()
    return [(row.round_number, row.attempt, row.state) for row in rows]


def post(site: LiveSite, body: bytes) -> int:
    """Send an update on a connection of its own; a session is not for several threads."""
    url = site.coordinator.url + protocol.update_path(site.study_id, 1)
    headers = {"Authorization": f"Bearer {site.credential}"}
    return requests.put(url, data=body, headers=headers, timeout=20).status_code


def play_round(sites: list[LiveSite], value: float) -> list[LiveSite]:
    """Let all picked sites send the same value, and return them."""
    chosen = picked(sites)
    for site in chosen:
        assert site.send_value(value).status_code == 200
    return chosen


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
    assert late.status_code == 422
    assert values(sites[1].download(2)[0]) == [2.0, 2.0, 2.0]


def test_studies_do_not_disturb_each_other(live: LiveCoordinator) -> None:
    ours, theirs = live.running_study(2), live.running_study(2)
    play_round(ours, 1.0)
    assert theirs[0].round().round_number == 1
    play_round(theirs, 3.0)
    assert values(ours[0].download(1)[0]) == [1.0, 1.0, 1.0]
    assert values(theirs[0].download(1)[0]) == [3.0, 3.0, 3.0]


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


def test_domain_classifier_keeps_the_last_contribution_of_absent_sites(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(4, count=12)
    play_round(sites, 1.0)
    play_round(sites, 4.0)
    # Two sites with a domain each sent 4, two older contributions are 1: (4 + 4 + 1 + 1) / 4.
    assert values(sites[0].download(2)[0]) == [4.0, 4.0, 2.5]


def test_kept_contribution_expires_after_ten_rounds(live: LiveCoordinator) -> None:
    sites = live.running_study(4, count=13, seen_within_s=600, deadline_s=3600)
    gone = picked(sites)
    for site in gone:
        site.send_value(101.0)
    staying = [site for site in sites if site not in gone]
    live.clock.turn(601)  # the others are not seen any more
    for number in range(2, 13):
        for site in staying:
            site.round()
        play_round(staying, 1.0)
        # Two domains of value 1, and up to round 11 (ten rounds old) two of value 101.
        domain = values(staying[0].download(number)[0])[2]
        assert domain == (51.0 if number <= 11 else 1.0)


def test_contribution_of_a_site_ends_with_its_membership(live: LiveCoordinator) -> None:
    sites = live.running_study(4, count=5)
    leaving, _ = play_round(sites, 101.0)
    with live.store.writing() as connection:
        revoke_site(connection, leaving.study_id, leaving.site_id, live.clock())
    members = [site for site in sites if site is not leaving]
    play_round(members, 1.0)
    # Two domains of value 1, one kept of value 101 and one gone: 103 / 3.
    assert values(members[0].download(2)[0])[2] == pytest.approx(103 / 3, rel=1e-7)


def test_round_no_longer_waits_for_a_site_whose_membership_ended(live: LiveCoordinator) -> None:
    chosen = picked(live.running_study(3))
    chosen[0].send_value(1.0)
    with live.store.writing() as connection:
        revoke_site(connection, chosen[1].study_id, chosen[1].site_id, live.clock())
    assert chosen[0].round().round_number == 2
    assert values(chosen[0].download(1)[0]) == [1.0, 1.0, 1.0]


def test_newest_moments_of_every_domain_ride_along(live: LiveCoordinator) -> None:
    sites = live.running_study(4, count=12)

    def play_with_moments(value: float) -> list[LiveSite]:
        chosen = picked(sites)
        for site in chosen:
            moments = tiny_moments(site.domain_indices, value)
            body = site.update_body({**tiny_parameters(), **moments})
            assert site.send(site.round().round_number, body).status_code == 200
        return chosen

    first = play_with_moments(1.0)
    play_with_moments(2.0)
    arrays, message = sites[0].download(2)
    for site in sites:
        (index,) = site.domain_indices
        expected = 1.0 if site in first else 2.0
        assert arrays[f"moments.{index}.mean"].tolist() == [expected] * 2
        assert arrays[f"moments.{index}.covariance"].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert message.domain_count == 4
    silent = play_round(sites, 0.0)  # without moments: the older ones of others stay
    assert {n for n in sites[0].download(3)[0] if n.endswith(".mean")} == {
        f"moments.{site.domain_indices[0]}.mean" for site in sites if site not in silent
    }


def test_moments_of_a_site_end_with_its_membership(live: LiveCoordinator) -> None:
    sites = live.running_study(3, count=5)
    chosen = picked(sites)
    for site in chosen:
        body = site.update_body({**tiny_parameters(), **tiny_moments(site.domain_indices)})
        site.send(1, body)
    with live.store.writing() as connection:
        revoke_site(connection, chosen[0].study_id, chosen[0].site_id, live.clock())
    members = [site for site in sites if site is not chosen[0]]
    for site in picked(members):
        site.send(2, site.update_body({**tiny_parameters(), **tiny_moments(site.domain_indices)}))
    names = members[0].download(2)[0]
    assert f"moments.{chosen[0].domain_indices[0]}.mean" not in names
    assert f"moments.{chosen[1].domain_indices[0]}.mean" in names


def test_styles_ride_along_and_end_with_the_membership_as_moments_do(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(3, {"restyle": "channel_statistics"}, count=5)
    chosen = picked(sites)
    for site in chosen:
        styles = tiny_styles(site.domain_indices, 0.25 * (1 + site.domain_indices[0]))
        assert site.send(1, site.update_body({**tiny_parameters(), **styles})).status_code == 200
    arrays = sites[0].download(1)[0]
    for index in (site.domain_indices[0] for site in chosen):
        assert np.unique(arrays[f"styles.{index}"]).tolist() == [0.25 * (1 + index)]
    with live.store.writing() as connection:
        revoke_site(connection, chosen[0].study_id, chosen[0].site_id, live.clock())
    members = [site for site in sites if site is not chosen[0]]
    for site in picked(members):
        styles = tiny_styles(site.domain_indices)
        site.send(2, site.update_body({**tiny_parameters(), **styles}))
    assert {name for name in members[0].download(2)[0] if name.startswith("styles")} == {
        f"styles.{site.domain_indices[0]}" for site in members
    }


def test_moments_of_each_lesion_class_are_replaced_together(live: LiveCoordinator) -> None:
    sites = live.running_study(2, model={"domain_classifier": "per_lesion"}, count=5)

    def send(site: LiveSite, round_number: int, indices: list[int]) -> None:
        arrays = {**tiny_parameters(domain_width=16), **tiny_moments(indices)}
        assert site.send(round_number, site.update_body(arrays)).status_code == 200

    def shared(round_number: int) -> set[str]:
        arrays = sites[0].download(round_number)[0]
        return {name for name in arrays if name.endswith(".mean")}

    send(sites[0], 1, [0, 1])
    send(sites[1], 1, [2, 3])
    assert shared(1) == {f"moments.{index}.mean" for index in range(4)}
    send(sites[0], 2, [1])
    send(sites[1], 2, [2, 3])
    assert shared(2) == {f"moments.{index}.mean" for index in (1, 2, 3)}


def test_average_that_was_interrupted_is_repeated_with_the_same_bits(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = live.running_study(2)
    first.send_value(1 / 3)

    def crash(*_: Any) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr("coordinator.rounds.publish", crash)
        assert second.send_value(2 / 7).status_code == 500
    # The update was durable before anything else was tried; the next poll repairs the rest.
    assert second.round().round_number == 2
    # By hand, in Python's doubles: the float32 neighbours of 1/3 and 2/7, added and halved.
    third, two_sevenths = float(np.float32(1 / 3)), float(np.float32(2 / 7))
    expected = np.float32((10 * third + 10 * two_sevenths) / 20)
    assert second.download(1)[0]["lesion_classifier.bias"][0] == expected


def test_last_round_publishes_the_mean_of_the_last_rounds(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=4, averaged_rounds=3)
    for value in (100.0, 1.0, 2.0, 6.0):
        play_round(sites, value)
    assert [values(sites[0].download(number)[0])[0] for number in range(5)] == [0, 100, 1, 2, 3]
    assert values(sites[0].download(4)[0]) == [3.0, 3.0, 3.0]  # (1 + 2 + 6) / 3
    assert sites[0].round().state == "finished"


def test_mean_of_more_rounds_than_there_were_leaves_the_initial_parameters_out(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(2, count=2, averaged_rounds=5)
    play_round(sites, 2.0)
    play_round(sites, 6.0)
    assert values(sites[0].download(2)[0]) == [4.0, 4.0, 4.0]  # with the initial zeros 8 / 3


def test_statistics_beside_a_mean_of_rounds_are_the_newest(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=2, averaged_rounds=2)
    for number in (1, 2):
        for site in sites:
            moments = tiny_moments(site.domain_indices, float(number))
            site.send(number, site.update_body({**tiny_parameters(), **moments}))
    assert sites[0].download(2)[0]["moments.0.mean"].tolist() == [2.0, 2.0]


def test_mean_of_rounds_that_was_interrupted_is_repeated_with_the_same_bits(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise RuntimeError("power cut")

    broken_sites = live.running_study(2, count=3, averaged_rounds=3)
    sound_sites = live.running_study(2, count=3, averaged_rounds=3)
    for value in (1 / 3, 2 / 7):
        play_round(broken_sites, value)
        play_round(sound_sites, value)
    broken_sites[0].send_value(5 / 11)
    with monkeypatch.context() as broken:
        broken.setattr("coordinator.rounds.publish", crash)
        assert broken_sites[1].send_value(5 / 11).status_code == 500
    assert broken_sites[0].round().state == "finished"
    play_round(sound_sites, 5 / 11)
    # By hand, in Python's doubles, of the float32 neighbours of 1/3, 2/7 and 5/11.
    expected = np.float32(sum(float(np.float32(v)) for v in (1 / 3, 2 / 7, 5 / 11)) / 3)
    for sites in (broken_sites, sound_sites):
        assert sites[0].download(3)[0]["lesion_classifier.bias"].tolist() == [expected] * 2


def test_updates_that_arrive_at_the_same_moment_all_count_once(live: LiveCoordinator) -> None:
    sites = live.running_study(8)
    chosen = picked(sites)
    bodies = [site.update_body(tiny_parameters(float(n))) for n, site in enumerate(chosen)]
    with ThreadPoolExecutor(8) as pool:
        # Each is sent twice, by an impatient site.
        replies = list(pool.map(post, chosen * 2, bodies * 2))
    assert replies == [200] * 8
    assert sites[0].round().round_number == 2
    assert values(sites[0].download(1)[0]) == [1.5, 1.5, 1.5]  # of 0, 1, 2, 3


@pytest.mark.parametrize("other_process_averages", [False, True])
def test_update_acknowledged_while_the_average_is_computed_is_in_it(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch, other_process_averages: bool
) -> None:
    first, second = live.running_study(2, deadline_s=300)
    first.send_value(1.0)
    body = second.update_body(tiny_parameters(3.0))
    before_deadline = live.clock() + timedelta(seconds=299)
    other_process = Rounds(live.store, live.blobs, lambda: before_deadline)
    if not other_process_averages:
        monkeypatch.setattr(other_process, "advance", lambda _: None)
    waiting = [body]

    def average_and_be_overtaken(contributions: list[Contribution]) -> Parameters:
        result = average(contributions)
        if waiting:
            other_process.accept_update(second.study_id, second.site_id, 1, waiting.pop())
        return result

    monkeypatch.setattr("coordinator.rounds.average", average_and_be_overtaken)
    live.clock.turn(300)
    assert first.round().round_number == 2
    assert values(first.download(1)[0]) == [2.0, 2.0, 2.0]
    assert [state for _, _, state in states(live, first.study_id)] == ["averaged", "collecting"]


@pytest.mark.usefixtures("expected_warnings")
def test_membership_that_ends_while_the_average_is_begun_leaves_no_empty_average(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = live.running_study(2, deadline_s=300)
    first.send_value(1.0)
    leaving = [first]

    def collect_after_a_revocation(*arguments: Any) -> list[SentUpdate]:
        if leaving:
            gone = leaving.pop()
            with live.store.writing() as connection:
                revoke_site(connection, gone.study_id, gone.site_id, live.clock())
        return recent_updates(*arguments)

    monkeypatch.setattr("coordinator.rounds.recent_updates", collect_after_a_revocation)
    live.clock.turn(300)
    assert second.round().round_number == 1
    assert states(live, second.study_id) == [(1, 1, "abandoned")]


def test_files_that_no_average_needs_are_removed(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=13)
    for number in range(13):
        play_round(sites, float(number))
    files = list(live.blob_folder.iterdir())
    # Global parameters 0 to 13, and of each site the kept parts of the last ten rounds.
    assert len(files) == 14 + 2 * 10


@pytest.mark.usefixtures("expected_warnings")
def test_torn_update_file_is_refused_with_a_sentence_until_it_is_restored(
    live: LiveCoordinator,
) -> None:
    first, second = live.running_study(2)
    known = set(live.blob_folder.iterdir())
    first.send_value(1.0)
    backup = {path: path.read_bytes() for path in live.blob_folder.iterdir() if path not in known}
    for path, whole in backup.items():
        path.write_bytes(whole[:-5])
    assert second.send_value(3.0).status_code == 200  # its own update is safe all the same
    response = second.request("GET", f"/v1/studies/{second.study_id}/round")
    status, code, sentence = refusal(response)
    assert (status, code) == (503, "state_damaged")
    assert "restore it from a backup" in sentence
    for path, whole in backup.items():
        path.write_bytes(whole)
    assert second.round().round_number == 2
    assert values(second.download(1)[0]) == [2.0, 2.0, 2.0]


def test_torn_global_parameters_are_refused_with_a_sentence(
    live: LiveCoordinator, expected_warnings: list[logging.LogRecord]
) -> None:
    site, _ = live.running_study(2)
    (path,) = live.blob_folder.iterdir()
    path.write_bytes(path.read_bytes()[:100])
    response = site.request("GET", f"/v1/studies/{site.study_id}/parameters/0")
    assert refusal(response)[:2] == (503, "state_damaged")
    assert [record.levelname for record in expected_warnings] == ["ERROR"]
