"""The coordinator is killed (SIGKILL) at every durable operation there is, and at random moments.

Each time it starts again, the same round goes on, nothing that was acknowledged is lost, and the
finished model is bit for bit that of a run in which nothing went wrong.
"""

import random
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pytest
from safetensors.numpy import load

from tests.faults.conftest import SEED, Record
from tests.faults.federation import Federation, begin
from tests.faults.injection import Action, Fault, Operation
from tests.faults.scripted import Template, expected_average

ROUND_COUNT: Final = 5
AVERAGED_ROUNDS: Final = 3
FULL_KILL_COUNT: Final = 200
SPARE: Final = 1.1
"""A process may get past the point it should die at, where two threads take turns otherwise."""
SHARE: Final = 10
"""Of so many random kills one is done where there is no time for all."""
ROUND_S: Final = 0.4
"""About how long a round takes; random moments are drawn from it."""

KILLS: Final = (Action.KILL_BEFORE, Action.KILL_MIDWAY, Action.KILL_AFTER)

PARALLEL_RUNS: Final = 2
"""Much of a run is waiting for a process to start."""

Phase = Literal["start", "round", "stop"]
Phases = tuple[Fault | None, Sequence[Fault | float | None], Fault | None]
"""What happens at the start of a run, in each of its rounds, and at its stop."""


@dataclass(frozen=True)
class Uneventful:
    """A whole run in which nothing went wrong."""

    digests: tuple[str, ...]
    """Of the global parameters after each round."""
    operations: dict[Phase, list[Operation]]
    """Of the start, of all rounds, and of the stop."""


@dataclass
class Plan:
    """Which kill comes in which phase of the runs; a float is a moment of a round, in seconds."""

    start: list[Fault] = field(default_factory=list)
    round: list[Fault | float] = field(default_factory=list)
    stop: list[Fault] = field(default_factory=list)

    def runs(self) -> Iterator[Phases]:
        """Deal the kills out to runs: one at the start, one in each round, one at the stop."""
        in_rounds = [
            self.round[i : i + ROUND_COUNT] for i in range(0, len(self.round), ROUND_COUNT)
        ]
        for start, kills, stop in zip_longest(self.start, in_rounds, self.stop):
            missing = ROUND_COUNT - len(kills or [])
            yield start, [*(kills or []), *[None] * missing], stop


@pytest.fixture(scope="module")
def uneventful(
    short: Template, library: Path, tmp_path_factory: pytest.TempPathFactory
) -> Uneventful:
    run = begin(short, tmp_path_factory.mktemp("uneventful") / "run", library)
    with run.process, run.faults:
        run.process.start()
        operations: dict[Phase, list[Operation]] = {"start": run.faults.trace()}
        run.faults.forget_trace()
        digests = tuple(run.play(number) for number in range(1, ROUND_COUNT + 1))
        check_averages(run)
        run.close()
        operations["round"] = run.faults.trace()
        run.faults.forget_trace()
        assert run.process.end(signal.SIGTERM) == 0
        operations["stop"] = run.faults.trace()
    return Uneventful(digests, operations)


def check_averages(run: Federation) -> None:
    """Compare the published parameters of each round with what they must be by hand."""
    by_hand = [expected_average(run.sites, number) for number in range(1, ROUND_COUNT + 1)]
    last = by_hand[-AVERAGED_ROUNDS:]
    by_hand[-1] = {name: np.mean([one[name] for one in last], 0, np.float64) for name in last[0]}
    for number, expected in enumerate(by_hand, 1):
        published = load(run.sites[0].fetch(number))
        for name, array in expected.items():
            # The program sums in float64, too, though perhaps in another order.
            np.testing.assert_array_max_ulp(published[name], array.astype(np.float32), 1)


def labelled_kills(uneventful: Uneventful, phase: Phase, share: int) -> list[Fault]:
    """A kill at each label of a phase; before, in and after it if there is time for that.

    At which of the operations with the label is drawn.
    """
    draw = random.Random(f"{SEED} {phase}")
    seen = Counter(operation.label for operation in uneventful.operations[phase])
    rounds = ROUND_COUNT if phase == "round" else 1
    kills = []
    for label in sorted(seen):
        possible = KILLS if label.startswith("write ") else (KILLS[0], KILLS[-1])
        actions = possible if share == 1 else [draw.choice(possible)]
        at = draw.randint(1, max(1, seen[label] // rounds))
        kills += [Fault(action, at, label) for action in actions]
    return kills


def random_kills(uneventful: Uneventful, count: int) -> list[Fault | float]:
    """Kills at random operations, and from outside at random moments, of rounds."""
    draw = random.Random(SEED)
    per_round = len(uneventful.operations["round"]) // ROUND_COUNT
    at_operations = [
        Fault(draw.choice(list(KILLS)), draw.randint(1, per_round)) for _ in range(count // 2)
    ]
    moments = [draw.uniform(0, ROUND_S) for _ in range(count - len(at_operations))]
    return [*at_operations, *moments]


def carry_out(
    plan: Plan, short: Template, uneventful: Uneventful, library: Path, folder: Path
) -> int:
    """Play all runs with the kills of a plan, two side by side; return how many there were."""

    def play_one(index: int, phases: Phases) -> int:
        run = begin(short, folder / f"run-{index}", library)
        with run.process, run.faults:
            play(run, phases, uneventful)
            run.close()
        return run.kill_count

    with ThreadPoolExecutor(PARALLEL_RUNS) as pool:
        playing = [pool.submit(play_one, *numbered) for numbered in enumerate(plan.runs())]
        return sum(one.result() for one in playing)


def play(run: Federation, phases: Phases, uneventful: Uneventful) -> None:
    """Play one run from its first start to its last stop, and look at the model it leaves."""
    start, kills, stop = phases
    run.start(start)
    for number, kill in enumerate(kills, 1):
        fault, moment = (kill, None) if isinstance(kill, Fault) else (None, kill)
        digest = run.play(number, fault, moment)
        assert digest == uneventful.digests[number - 1], f"round {number}: {kill}"
        run.check_sentences()
    if stop is not None:
        run.stop(stop)
        run.start()
    reply = run.sites[0].round()
    assert reply is not None
    assert reply.state == "finished"
    assert reply.global_parameters is not None
    assert reply.global_parameters.digest == uneventful.digests[-1]
    run.check_nothing_is_lost()


@pytest.mark.parametrize(
    "share",
    [
        pytest.param(SHARE, id="tenth", marks=pytest.mark.timeout(1200)),
        pytest.param(1, id="full", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
def test_a_kill_at_any_moment_loses_nothing_and_changes_no_bit(
    share: int,
    short: Template,
    uneventful: Uneventful,
    library: Path,
    tmp_path: Path,
    record_property: Record,
) -> None:
    start = labelled_kills(uneventful, "start", share)
    stop = labelled_kills(uneventful, "stop", share)
    in_rounds = labelled_kills(uneventful, "round", share)
    labelled_count = len(start) + len(in_rounds) + len(stop)
    wanted_count = max(labelled_count, FULL_KILL_COUNT // share)
    random_count = round(SPARE * max(wanted_count - labelled_count, FULL_KILL_COUNT / 2 / share))
    plan = Plan(start, [*in_rounds, *random_kills(uneventful, random_count)], stop)
    kill_count = carry_out(plan, short, uneventful, library, tmp_path)
    record_property("labelled points", labelled_count)
    record_property("kills", kill_count)
    assert kill_count >= wanted_count
