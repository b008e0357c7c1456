import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coordinator.access.ending import revoke_site
from coordinator.method.weighting import SentUpdate
from coordinator.rounds.average import RoundAverage, make_average
from coordinator.rounds.contributions import recent_updates
from coordinator.rounds.life import Rounds
from coordinator.server.integrity import named_files
from coordinator.server.sweeping import SAFE_AGE, sweep_files
from coordinator.storage.arrivals import Arrived
from tests.coordinator.conftest import LiveCoordinator, refusal, tiny_parameters
from tests.coordinator.play import picked, play_round, post, states, values

pytestmark = pytest.mark.every_database


@pytest.mark.usefixtures("expected_warnings")
def test_average_that_was_interrupted_is_repeated_with_the_same_bits(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = live.running_study(2)
    first.send_value(1 / 3)

    def crash(*_: Any) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr("coordinator.rounds.life.publish", crash)
        assert second.send_value(2 / 7).status_code == 200
    # The update was durable before anything else was tried; the next poll repairs the rest.
    assert second.round().round_number == 2
    # By hand, in Python's doubles: the float32 neighbours of 1/3 and 2/7, added and halved.
    third, two_sevenths = float(np.float32(1 / 3)), float(np.float32(2 / 7))
    expected = np.float32((10 * third + 10 * two_sevenths) / 20)
    assert second.download(1)[0]["lesion_classifier.bias"][0] == expected


@pytest.mark.usefixtures("expected_warnings")
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
        broken.setattr("coordinator.rounds.life.publish", crash)
        assert broken_sites[1].send_value(5 / 11).status_code == 200
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
    live.settle(sites[0].study_id)
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
    path = live.blob_folder.with_name("arrived")
    path.write_bytes(body)
    waiting = [Arrived(path, hashlib.sha256(body).hexdigest())]

    def average_and_be_overtaken(*arguments: Any) -> RoundAverage | None:
        result = make_average(*arguments)
        if waiting:
            other_process.accept_update(second.study_id, second.site_id, 1, waiting.pop())
            if other_process_averages:
                other_process.advance(second.study_id)
        return result

    monkeypatch.setattr("coordinator.rounds.life.make_average", average_and_be_overtaken)
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

    monkeypatch.setattr("coordinator.rounds.average.recent_updates", collect_after_a_revocation)
    live.clock.turn(300)
    assert second.round().round_number == 1
    assert states(live, second.study_id) == [(1, 1, "collecting")]


def test_what_a_site_sent_is_in_no_average_once_its_membership_has_ended(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = live.running_study(2, deadline_s=300)
    first.send_value(100.0)
    leaving = [first]

    def average_and_lose_a_member(*arguments: Any) -> RoundAverage | None:
        result = make_average(*arguments)
        if leaving:
            gone = leaving.pop()
            with live.store.writing() as connection:
                revoke_site(connection, gone.study_id, gone.site_id, live.clock())
        return result

    monkeypatch.setattr("coordinator.rounds.life.make_average", average_and_lose_a_member)
    second.send_value(2.0)
    assert second.round().round_number == 2
    assert values(second.download(1)[0]) == [2.0, 2.0, 2.0]


def test_update_whose_file_was_swept_meanwhile_is_not_acknowledged(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = live.running_study(2)
    adopt = live.blobs.adopt

    def adopt_and_lose(path: Path, name: str) -> None:
        adopt(path, name)
        live.blobs.delete(name)

    with monkeypatch.context() as patched:
        patched.setattr(live.blobs, "adopt", adopt_and_lose)
        assert first.send_value(1.0).status_code == 409
    assert first.send_value(1.0).status_code == 200


@pytest.mark.usefixtures("expected_warnings")
def test_average_whose_files_were_swept_before_it_was_entered_is_made_again(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = live.running_study(2)
    swept: list[int] = []

    def average_too_slowly(*arguments: Any) -> RoundAverage | None:
        result = make_average(*arguments)
        if not swept:
            too_late = datetime.now(UTC) + SAFE_AGE + timedelta(minutes=1)
            swept.append(sweep_files(live.store, live.blobs, too_late))
        return result

    monkeypatch.setattr("coordinator.rounds.life.make_average", average_too_slowly)
    first.send_value(1.0)
    assert second.send_value(3.0).status_code == 200
    assert swept == [3]  # the model, and what is kept of each update
    assert second.round().round_number == 2
    with live.store.reading() as connection:
        assert set(live.blobs.names()) == named_files(connection)
    assert values(second.download(1)[0]) == [2.0, 2.0, 2.0]


def test_files_that_no_average_needs_are_removed(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=13)
    for number in range(13):
        play_round(sites, float(number))
    files = list(live.blobs.names())
    # Global parameters 0 to 13, and of each site the kept parts of the last ten rounds.
    assert len(files) == 14 + 2 * 10


@pytest.mark.usefixtures("expected_warnings")
def test_torn_update_file_is_refused_with_a_sentence_until_it_is_restored(
    live: LiveCoordinator,
) -> None:
    first, second = live.running_study(2)
    known = set(live.blobs.names())
    first.send_value(1.0)
    backup = {name: live.content(name) for name in live.blobs.names() if name not in known}
    for name, whole in backup.items():
        live.overwrite(name, whole[:-5])
    assert second.send_value(3.0).status_code == 200  # its own update is safe all the same
    response = second.request("GET", f"/v1/studies/{second.study_id}/round")
    status, code, sentence = refusal(response)
    assert (status, code) == (503, "state_damaged")
    assert "restore it from a backup" in sentence
    for name, whole in backup.items():
        live.overwrite(name, whole)
    assert second.round().round_number == 2
    assert values(second.download(1)[0]) == [2.0, 2.0, 2.0]


def test_torn_global_parameters_are_refused_with_a_sentence(
    live: LiveCoordinator, expected_warnings: list[logging.LogRecord]
) -> None:
    site, _ = live.running_study(2)
    (name,) = live.blobs.names()
    live.overwrite(name, live.content(name)[:100])
    response = site.request("GET", f"/v1/studies/{site.study_id}/parameters/0")
    assert refusal(response)[:2] == (503, "state_damaged")
    assert [record.levelname for record in expected_warnings] == ["ERROR"]
