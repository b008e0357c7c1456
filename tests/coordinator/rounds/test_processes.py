"""Several coordinator processes on one database: what they do at once is done once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from coordinator.access.audit import entries
from coordinator.method.selection import draw_of
from coordinator.rounds.average import RoundAverage, make_average
from coordinator.rounds.life import Rounds
from coordinator.rounds.standing import find_open_round
from coordinator.rounds.transitions import close_round, count_update, open_round
from coordinator.storage.store import Store
from coordinator.storage.studies import find_study
from tests.coordinator.conftest import LiveCoordinator
from tests.coordinator.play import picked, play_round, states, values

pytestmark = pytest.mark.every_database


@pytest.fixture
def second_store(store: Store, database_url: str) -> Iterator[Store]:
    """The same database, opened by another process as far as it can tell."""
    opened = Store(database_url)
    yield opened
    opened.close()


@contextmanager
def advancing(rounds: Rounds, study_id: str) -> Iterator[None]:
    """Let another process take every transition it can, all the time."""
    over = threading.Event()

    def advance_on_and_on() -> None:
        while not over.is_set():
            rounds.advance(study_id)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(advance_on_and_on)
        try:
            yield
        finally:
            over.set()
        done.result()


def test_two_processes_that_advance_one_study_take_each_transition_once(
    live: LiveCoordinator, second_store: Store
) -> None:
    sites = live.running_study(4, count=6)
    study_id = sites[0].study_id
    other = Rounds(second_store, live.blobs, live.clock)
    with advancing(other, study_id):
        for number in range(1, 7):
            while sites[0].round().round_number != number or not sites[0].round().picked_count:
                pass
            assert len(play_round(sites, float(number))) == 2
        while sites[0].round().state != "finished":
            pass
    assert states(live, study_id) == [(number, 1, "averaged") for number in range(1, 7)]
    assert [values(sites[0].download(number)[0])[0] for number in range(1, 7)] == [1, 2, 3, 4, 5, 6]
    with live.store.reading() as connection:
        actions = [entry.action for entry in entries(connection, study_id)]
    assert actions.count("round_opened") == 6


def test_average_that_another_process_made_meanwhile_is_no_error(
    live: LiveCoordinator, second_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = live.running_study(2)
    other = Rounds(second_store, live.blobs, live.clock)
    faster = [other]

    def overtaken(*arguments: Any) -> RoundAverage | None:
        if faster:
            faster.pop().advance(first.study_id)  # averages, and removes the updates' files
        return make_average(*arguments)

    monkeypatch.setattr("coordinator.rounds.life.make_average", overtaken)
    first.send_value(1.0)
    assert second.send_value(3.0).status_code == 200
    assert first.round().round_number == 2
    assert values(first.download(1)[0]) == [2.0, 2.0, 2.0]
    assert states(live, first.study_id) == [(1, 1, "averaged"), (2, 1, "collecting")]


@pytest.mark.parametrize("attempt", range(3))
def test_two_processes_that_open_a_round_at_the_same_moment_open_one(
    live: LiveCoordinator, second_store: Store, attempt: int
) -> None:
    sites = live.running_study(4)
    study_id = sites[0].study_id
    both = [Rounds(store, live.blobs, live.clock) for store in (live.store, second_store)]
    start = threading.Barrier(2)

    def open_together(rounds: Rounds) -> None:
        start.wait()
        rounds.advance(study_id)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(open_together, both))
    assert states(live, study_id) == [(1, 1, "collecting")]
    assert len(picked(sites)) == 2


def test_round_is_closed_by_the_first_of_two_processes_only(
    live: LiveCoordinator, second_store: Store
) -> None:
    site, _ = live.running_study(2)
    site.round()
    with live.store.reading() as connection:
        current = find_open_round(connection, site.study_id)
    assert current is not None
    with live.store.writing() as connection:
        assert close_round(connection, current, "abandoned", live.clock())
    with second_store.writing() as connection:
        assert not close_round(connection, current, "averaged", live.clock())
        assert not count_update(connection, current)
    assert states(live, site.study_id) == [(1, 1, "abandoned")]


def test_round_that_another_process_counted_an_update_in_is_not_closed_without_it(
    live: LiveCoordinator, second_store: Store
) -> None:
    site, _ = live.running_study(2)
    site.round()
    with live.store.reading() as connection:
        current = find_open_round(connection, site.study_id)
    assert current is not None
    with second_store.writing() as connection:
        assert count_update(connection, current)
    with live.store.writing() as connection:
        assert not close_round(connection, current, "averaged", live.clock())
    assert states(live, site.study_id) == [(1, 1, "collecting")]


def test_database_itself_allows_no_second_open_round(live: LiveCoordinator) -> None:
    site, _ = live.running_study(2)
    site.round()
    with live.store.reading() as connection:
        plan = find_study(connection, site.study_id).study.rounds
    draw = draw_of(plan, 2, seen=[site.site_id])
    now = live.clock()
    with pytest.raises(IntegrityError), live.store.writing() as connection:
        open_round(connection, site.study_id, draw, now, now)
    assert states(live, site.study_id) == [(1, 1, "collecting")]


def test_what_happens_while_another_thread_looks_is_looked_at_before_it_ends(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = Rounds(live.store, live.blobs, live.clock)
    looks: list[str] = []

    def look(study_id: str) -> bool:
        looks.append(study_id)
        if len(looks) == 1:  # the last update is committed, too late for this look
            other = threading.Thread(target=rounds.advance, args=(study_id,))
            other.start()
            other.join()
        return False

    monkeypatch.setattr(rounds, "_step", look)
    rounds.advance("study")
    assert len(looks) == 2
    rounds.advance("study")
    assert len(looks) == 3
