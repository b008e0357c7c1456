"""Processes that compute together are started, lost and ended without anything hanging."""

import multiprocessing
import os
import signal
import time
from dataclasses import replace

import pytest

from desktop_client.errors import RankLostError
from desktop_client.training import starting_ranks
from desktop_client.training.full_memory import step_within_memory
from desktop_client.training.ranks import Ranks
from desktop_client.training.starting_ranks import Seat, opened_ranks
from tests.training.steps import a_model, a_step, fill_memory_above
from tests.training.test_ranks import CPU, some_batches, taken


def test_one_device_needs_no_other_process() -> None:
    with opened_ranks([CPU]) as ranks:
        assert type(ranks) is Ranks


def test_when_a_process_is_killed_it_is_said_and_nothing_hangs() -> None:
    with opened_ranks([CPU] * 2, patience_s=300) as two:
        step = replace(a_step(a_model()), ranks=two)
        (victim,) = multiprocessing.active_children()
        os.kill(victim.pid or 0, signal.SIGKILL)
        begun = time.monotonic()
        with pytest.raises(RankLostError, match="has ended or no longer answers"):
            taken(step, some_batches())
        assert time.monotonic() - begun < 100  # for a silent one it would wait three times as long


def follow_with_little_memory(seat: Seat) -> None:
    """Be a follower that has no room for more than two images."""
    fill_memory_above(2, pytest.MonkeyPatch())
    starting_ranks._follow(seat)


@pytest.mark.slow
def test_a_full_memory_elsewhere_is_as_one_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting_ranks, "_follow", follow_with_little_memory)
    with opened_ranks([CPU] * 2, patience_s=300) as two:
        step = replace(a_step(a_model()), ranks=two)
        (large, *_), (small, *_) = some_batches(size=6), some_batches(size=4)
        assert step_within_memory(lambda: taken(step, [large])) is None  # type: ignore[arg-type, return-value]
        taken(step, [small])


@pytest.mark.slow
def test_a_process_that_no_longer_answers_is_given_up() -> None:
    with opened_ranks([CPU] * 2, patience_s=60) as two:
        step = replace(a_step(a_model()), ranks=two)
        (victim,) = multiprocessing.active_children()
        assert victim.pid is not None
        taken(step, some_batches())
        os.kill(victim.pid, signal.SIGSTOP)
        with pytest.raises(RankLostError):
            taken(step, some_batches())
    assert not multiprocessing.active_children()
