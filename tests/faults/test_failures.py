"""The n-th durable operation of a round fails, for every n; SQLite's own operations count.

A failure is a disk that reports an error once, or one that is full until somebody makes room.
"""

import errno
import random
from collections.abc import Iterator
from itertools import count

import pytest

from tests.faults.conftest import SEED, Uninterrupted
from tests.faults.federation import Federation
from tests.faults.injection import Action, Fault

DISK_ERROR = Fault(Action.FAIL, error=errno.EIO)
DISK_FULL = Fault(Action.FAIL, error=errno.ENOSPC, is_lasting=True)
SHARE = 10
"""Of so many operations one is tried where there is no time for all."""


def failing(kind: Fault, at: int, label: str = "") -> Fault:
    return Fault(kind.action, at, label, kind.error, kind.is_lasting)


def play_faults(
    run: Federation, reference: Uninterrupted, faults: Iterator[Fault]
) -> tuple[int, int]:
    """Play one round per fault until one does not come up; return rounds and failures."""
    for number in count(1):
        fault = next(faults, None)
        digest = run.play(number, fault)
        assert digest == reference.digest(number), fault
        run.check_sentences()
        if fault is None or not run.fired:
            break
    run.check_nothing_is_lost()
    return number, run.kill_count


def every(kind: Fault, step: int) -> Iterator[Fault]:
    first = random.Random(SEED).randint(1, step)
    return (failing(kind, at) for at in count(first, step))


@pytest.mark.parametrize("kind", [DISK_ERROR, DISK_FULL], ids=["error", "full"])
def test_the_round_goes_on_whichever_operation_fails(
    kind: Fault, endless_run: Federation, endless_uninterrupted: Uninterrupted
) -> None:
    rounds, _ = play_faults(endless_run, endless_uninterrupted, every(kind, SHARE))
    assert rounds > 100 / SHARE
