"""The n-th durable operation fails, for every n of a round and of a start; SQLite's own count.

A failure is a disk that reports an error once, or one that is full until somebody makes room.
"""

import errno
import random
import signal
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import Final

import pytest

from tests.faults.conftest import SEED, Record, Uninterrupted
from tests.faults.federation import Federation, begin
from tests.faults.injection import Action, Fault, Operation
from tests.faults.scripted import Template

DISK_ERROR: Final = Fault(Action.FAIL, error=errno.EIO)
DISK_FULL: Final = Fault(Action.FAIL, error=errno.ENOSPC, is_lasting=True)
SHARE: Final = 10
"""Of so many operations one is tried where there is no time for all."""

KINDS = pytest.mark.parametrize("kind", [DISK_ERROR, DISK_FULL], ids=["error", "full"])
SHARES = pytest.mark.parametrize(
    "share",
    [
        pytest.param(SHARE, id="tenth", marks=pytest.mark.timeout(900)),
        pytest.param(1, id="all", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)


def at_each_label(kind: Fault, operations: Iterable[Operation]) -> list[Fault]:
    """The first operation of each label fails."""
    return [replace(kind, label=label) for label in sorted({one.label for one in operations})]


def at_every(kind: Fault, step: int) -> Iterator[Fault]:
    """The n-th operation of all fails, for every n, or for each ``step``-th."""
    first = random.Random(SEED).randint(1, step)
    return (replace(kind, at=at) for at in count(first, step))


def labelled_operations(reference: Uninterrupted) -> list[Operation]:
    """What a round does, the next one that nobody has played yet."""
    reference.digest(1)
    reference.run.faults.forget_trace()
    reference.digest(len(reference.digests) + 1)
    return reference.run.faults.trace()


def play(run: Federation, number: int, fault: Fault | None, reference: Uninterrupted) -> bool:
    """Play a round with a failure and look at its result; return whether the failure came up."""
    assert run.play(number, fault) == reference.digest(number), fault
    run.check_sentences()
    return run.fired > 0


@KINDS
@SHARES
def test_a_round_goes_on_whichever_of_its_operations_fails(
    kind: Fault,
    share: int,
    endless_run: Federation,
    endless_uninterrupted: Uninterrupted,
    record_property: Record,
) -> None:
    labelled = at_each_label(kind, labelled_operations(endless_uninterrupted))
    failed_count = 0
    for number, fault in enumerate(chain(labelled, at_every(kind, share)), 1):
        has_failed = play(endless_run, number, fault, endless_uninterrupted)
        failed_count += has_failed
        if not has_failed and not fault.label:
            break  # a round has fewer operations than that
    endless_run.check_nothing_is_lost()
    assert endless_run.kill_count == 0
    assert failed_count > 100 / share
    record_property("labelled points", len(labelled))
    record_property("failures", failed_count)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(DISK_ERROR, id="error"),
        pytest.param(DISK_FULL, id="full", marks=pytest.mark.slow),  # each try is a whole start
    ],
)
@SHARES
def test_a_start_that_fails_says_why_and_harms_nothing(
    kind: Fault,
    share: int,
    endless: Template,
    endless_uninterrupted: Uninterrupted,
    library: Path,
    tmp_path: Path,
    record_property: Record,
) -> None:
    run = begin(endless, tmp_path / "run", library)
    with run.process, run.faults:
        run.start()
        run.play(1)
        run.stop()
        run.faults.forget_trace()
        run.start()
        labelled = at_each_label(kind, run.faults.trace())
        run.stop()
        failed_count = 0
        for fault in chain(labelled, at_every(kind, share)):
            has_failed = start(run, fault)
            failed_count += has_failed
            if not has_failed and not fault.label:
                break
        run.start()
        assert play(run, 2, None, endless_uninterrupted) is False
        run.check_nothing_is_lost()
        run.close()
    record_property("labelled points", len(labelled))
    record_property("failures", failed_count)


def start(run: Federation, fault: Fault) -> bool:
    """Start with a failure: the process says in its last line why it ends, or it goes on."""
    run.faults.arm(fault)
    run.process.launch()
    if run.process.answers():
        has_failed = run.faults.fired_count > 0
        run.faults.disarm()
        assert run.process.end(signal.SIGTERM) == 0
        return has_failed
    has_failed = run.faults.fired_count > 0
    run.faults.disarm()
    assert run.process.wait() == 1
    assert run.process.log().splitlines()[-1].startswith("Error: "), run.process.log()[-3000:]
    return has_failed
