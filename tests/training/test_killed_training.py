"""A training goes on as if nothing had happened when its process, or the window's, was killed."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import pytest

from desktop_client.paths import Home
from desktop_client.training.own_training import train_from_store
from desktop_client.training.quality import quality_path_of
from desktop_client.training.request import TrainingRequest
from desktop_client.training.run_file import load_run, run_path_of
from tests.training.test_own_training import request_for
from tests.training.test_resuming import again, digest, run_to_its_end, two_scanners
from tests.training.watching import watch

TRAIN: Final = "desktop_client.training.own_training:train_from_store"
RESUME: Final = "desktop_client.training.own_training:resume_from_store"
EPOCH_COUNT: Final = 16
LONGEST_LIFE: Final = 3
"""Epochs after which a training that was begun or gone on with is killed, at the latest."""
EPOCH_S: Final = 0.15
FULL_KILL_COUNT: Final = 50
SHARE: Final = 10
"""Of so many kills one is done where there is no time for all."""

Victim = Literal["training", "window"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return two_scanners(tmp_path_factory.mktemp("site"))


@pytest.mark.parametrize(
    "kill_count",
    [FULL_KILL_COUNT // SHARE, pytest.param(FULL_KILL_COUNT, marks=pytest.mark.slow)],
)
@pytest.mark.timeout(1800)
def test_a_killed_training_becomes_the_same_model_and_loses_no_finished_epoch(
    home: Home, tmp_path: Path, kill_count: int
) -> None:
    plan = request_for(home, epoch_count=EPOCH_COUNT)
    expected = replace(plan, checkpoint_path=tmp_path / "uninterrupted" / "model.safetensors")
    run_to_its_end(train_from_store(expected))
    request = replace(plan, checkpoint_path=tmp_path / "killed" / "model.safetensors")
    path, chance = run_path_of(request.checkpoint_path), random.Random(20261127)
    killed_count = finished_count = 0
    while killed_count < kill_count or path.exists():
        done = epochs_in(path)
        kill_after = done + chance.randint(1, LONGEST_LIFE) if killed_count < kill_count else None
        victim: Victim = "window" if killed_count % 2 else "training"
        finished_epochs = list(lived(request, kill_after, victim, chance.uniform(0, EPOCH_S)))
        if path.exists():
            killed_count += 1
            assert epochs_in(path) >= max([done, *finished_epochs])
        else:
            finished_count += 1
            assert digest(request) == digest(expected)
    assert finished_count >= kill_count // EPOCH_COUNT + 1
    quality_path = quality_path_of(request.checkpoint_path)
    assert set(quality_path.parent.iterdir()) == {request.checkpoint_path, quality_path}


def lived(
    request: TrainingRequest, kill_after: int | None, victim: Victim, delay_s: float
) -> Iterator[int]:
    """Begin a training or go on with it, kill it some time after an epoch, yield those it told."""
    is_begun = run_path_of(request.checkpoint_path).exists()
    start = (RESUME, again(request)) if is_begun else (TRAIN, request)
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    window = context.Process(target=watch, args=(sender, *start))
    window.start()
    sender.close()
    training_pid = None
    with receiver, suppress(EOFError):
        while True:
            training_pid, epoch = receiver.recv()
            yield epoch
            if epoch == kill_after:
                time.sleep(delay_s)
                pid = training_pid if victim == "training" else window.pid
                assert pid is not None
                with suppress(ProcessLookupError):  # it has finished meanwhile
                    os.kill(pid, signal.SIGKILL)
    window.join()
    window.close()
    while Path(f"/proc/{training_pid}").exists():
        time.sleep(0.01)


def epochs_in(path: Path) -> int:
    """Return the epochs that a run file has behind it; it must be whole."""
    return load_run(path)[0].course.epoch if path.exists() else 0
