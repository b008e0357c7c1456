"""What a step costs that two processes share, beside the same step of one with as many threads.

Both have two threads in all, so the ratio is the price of sharing. What goes between the processes
is counted and timed at the leader: the others are ready whenever something is sent.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from statistics import median
from typing import Any, Final

import pytest
import torch
from torch import Tensor

from coordinator.study import Method
from desktop_client.training.rank_link import RankLink
from desktop_client.training.ranks import Ranks
from desktop_client.training.starting_ranks import opened_ranks
from desktop_client.training.step import TrainingStep
from desktop_client.training.trainer import known_domains, training_step
from tests.benchmarks.figures import write_figures
from tests.benchmarks.test_step_cost import BATCH_SIZE, CASES, REPEAT_COUNT, WARM_UP, Case

PROCESS_COUNT: Final = 2
TRANSFERS: Final = ("spread", "hand_out", "gather", "add_up")


def a_step(case: Case, ranks: Ranks) -> TrainingStep:
    """Compose a step in which every image is a target, now and later."""
    method = Method(learning_rate=1e-9, margin=1.0)
    model = case.model()
    known = known_domains(model.domain_classifier, range(2))
    return replace(training_step(model, method, known, {}, seed=0), ranks=ranks)


def bytes_of(step: TrainingStep, inputs: Tensor) -> int:
    """Count what a step sends over all lines: state and gradients, inputs, features and pulls."""
    others = PROCESS_COUNT - 1
    state = sum(tensor.nbytes for tensor in step.model.trained_state)
    gradients = sum(parameter.nbytes for parameter in step.model.trained_parameters)
    feature_dim = step.model.lesion_classifier.in_features
    shared_out = inputs.nbytes + 2 * 4 * len(inputs) * feature_dim
    return others * (state + gradients) + shared_out * others // PROCESS_COUNT


@contextmanager
def timed_transfers(seconds: list[float]) -> Generator[None]:
    """Note how long each transfer of the leader takes."""

    def timed(transfer: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any) -> Any:
            begun = time.perf_counter()
            result = transfer(*arguments)
            seconds.append(time.perf_counter() - begun)
            return result

        return measured

    with pytest.MonkeyPatch.context() as patch:
        for name in TRANSFERS:
            patch.setattr(RankLink, name, timed(getattr(RankLink, name)))
        yield


def figures_of(case: Case, ranks: Ranks) -> dict[str, Any]:
    """Take steps in turn, so that whatever else the machine does falls on both alike."""
    batch = case.batch()
    steps = {1: a_step(case, Ranks()), PROCESS_COUNT: a_step(case, ranks)}
    seconds: dict[int, list[float]] = {count: [] for count in steps}
    sending: list[float] = []
    for repeat in range(WARM_UP + REPEAT_COUNT):
        for count, step in steps.items():
            torch.set_num_threads(PROCESS_COUNT // count)
            transfers: list[float] = []
            with timed_transfers(transfers):
                begun = time.perf_counter()
                step(batch, adversarial_weight=0.1)
                taken = time.perf_counter() - begun
            if repeat >= WARM_UP:
                seconds[count].append(taken)
                sending += [sum(transfers)] if transfers else []
    alone, together, sent = (median(s) for s in (*seconds.values(), sending))
    byte_count = bytes_of(steps[PROCESS_COUNT], batch.inputs)
    return {
        "size_px": case.size_px,
        "one_process_ms": round(1000 * alone, 1),
        "two_processes_ms": round(1000 * together, 1),
        "ratio": round(together / alone, 3),
        "sent_mb": round(byte_count / 1e6, 2),
        "sending_ms": round(1000 * sent, 1),
        "sent_mb_per_s": round(byte_count / 1e6 / sent),
        "share_of_sending": round(sent / together, 3),
    }


def test_rank_cost(benchmark: Any) -> None:
    thread_count = torch.get_num_threads()
    torch.set_num_threads(1)
    figures: dict[str, Any] = {}

    def measure() -> None:
        with opened_ranks([torch.device("cpu")] * PROCESS_COUNT) as ranks:
            figures.update({case.extractor: figures_of(case, ranks) for case in CASES})

    benchmark.pedantic(measure, rounds=1)
    torch.set_num_threads(thread_count)
    write_figures("rank_cost", {"batch_size": BATCH_SIZE, "repeat_count": REPEAT_COUNT, **figures})
