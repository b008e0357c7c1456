"""A whole training by several processes, and what may come between its beginning and its end."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from desktop_client.errors import RankLostError
from desktop_client.paths import Home
from desktop_client.training.checkpoint import load_checkpoint
from desktop_client.training.events import StepFinished, TrainingStarted, TrainingWarned
from desktop_client.training.own_training import resume_from_store, train_from_store
from desktop_client.training.process import in_child_process
from desktop_client.training.request import TrainingRequest
from desktop_client.training.run_file import load_run, run_path_of, save_run
from tests.training.test_own_training import of_kind, request_for
from tests.training.test_resuming import again, digest, paused_after, run_to_its_end, two_scanners

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return two_scanners(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def plan(home: Home) -> TrainingRequest:
    """Ask for a training by two processes on the processor."""
    return request_for(home, rank_count=2)


@pytest.fixture(scope="module")
def together(plan: TrainingRequest, home: Home) -> TrainingRequest:
    """Train with two processes, undisturbed."""
    request = replace(plan, checkpoint_path=home.path / "together.safetensors")
    told = run_to_its_end(train_from_store(request))
    (started,) = of_kind(told, TrainingStarted)
    assert started.device.startswith("2 processes on the CPU (")
    return request


def parameters_of(path: Path) -> dict[str, torch.Tensor]:
    model, _ = load_checkpoint(path)
    return dict(model.state_dict())


def test_two_processes_train_the_model_that_one_trains(
    together: TrainingRequest, tmp_path: Path
) -> None:
    alone = replace(together, rank_count=1, checkpoint_path=tmp_path / "alone.safetensors")
    run_to_its_end(train_from_store(alone))
    torch.testing.assert_close(
        parameters_of(together.checkpoint_path),
        parameters_of(alone.checkpoint_path),
        rtol=1e-3,
        atol=1e-4,
    )


def test_paused_and_gone_on_with_it_becomes_the_same_to_the_bit(
    together: TrainingRequest, tmp_path: Path
) -> None:
    request = replace(together, checkpoint_path=tmp_path / "paused.safetensors")
    paused_after(3, request)
    run_to_its_end(resume_from_store(again(request)))
    assert digest(request) == digest(together)


def test_with_fewer_processes_than_before_it_goes_on_and_says_so(
    plan: TrainingRequest, tmp_path: Path
) -> None:
    request = replace(plan, checkpoint_path=tmp_path / "paused.safetensors")
    paused_after(3, request)
    path = run_path_of(request.checkpoint_path)
    card, arrays = load_run(path)
    fewer = replace(card.request, rank_count=1)
    save_run(path, card.model_copy(update={"request": fewer}), arrays)
    told = run_to_its_end(resume_from_store(again(request)))
    (warning,) = of_kind(told, TrainingWarned)
    assert warning.sentence.startswith("2 processes trained together until now, and from here on 1")


def test_when_one_is_killed_the_training_ends_with_a_sentence_and_can_go_on(
    together: TrainingRequest, tmp_path: Path
) -> None:
    request = replace(together, checkpoint_path=tmp_path / "killed.safetensors")
    events = train_from_store(request)
    while not (isinstance(event := next(events), StepFinished) and event.step == 6):
        pass
    (follower,) = multiprocessing.active_children()
    os.kill(follower.pid or 0, signal.SIGKILL)
    with pytest.raises(RankLostError, match="go on from there"):
        list(events)
    assert not multiprocessing.active_children()
    run_to_its_end(resume_from_store(again(request)))
    assert digest(request) == digest(together)


def children_of(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield int(child)


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("end", ["cancelled", "killed"])
def test_all_processes_end_with_the_training(
    end: str, plan: TrainingRequest, tmp_path: Path
) -> None:
    endless = replace(plan, epoch_count=1000, checkpoint_path=tmp_path / "model.safetensors")
    name = f"{train_from_store.__module__}:{train_from_store.__name__}"
    with closing(in_child_process(name, endless)) as events:
        for event in events:
            if isinstance(event, StepFinished):
                break
        (compute,) = multiprocessing.active_children()
        assert compute.pid is not None
        pids = [compute.pid, *children_of(compute.pid)]
        assert len(pids) > 1
        if end == "killed":
            os.kill(compute.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_torchrun_starts_it_too(together: TrainingRequest, home: Home, tmp_path: Path) -> None:
    """The command under torchrun trains what the command alone does, by as many as it starts."""
    output = tmp_path / "model.safetensors"
    train = ["train", "--home", str(home.path), "--epochs", "1", "--device", "cpu"]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    launched = [*command, "-m", "desktop_client", *train, "--output", str(output)]
    alone = [
        sys.executable,
        "-m",
        "desktop_client",
        *train,
        "--output",
        str(tmp_path / "a.safetensors"),
    ]
    for words in (launched, alone):
        done = subprocess.run(words, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr
    torch.testing.assert_close(
        parameters_of(output), parameters_of(tmp_path / "a.safetensors"), rtol=1e-3, atol=1e-4
    )
