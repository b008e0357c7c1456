"""A round's training that was interrupted goes on where it was kept, or begins anew."""

import logging
import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from coordinator.study import Study
from desktop_client.demo.processes import Coordinator
from desktop_client.federation import round_file
from desktop_client.federation.local_model import LocalModel
from desktop_client.federation.membership import round_path
from desktop_client.federation.round_file import Arrays, RoundCard, RoundFile, RoundKey
from desktop_client.paths import Home
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.events import StepFinished
from desktop_client.training.trainer import SiteImages
from tests.federation.conftest import create_study
from tests.federation.test_local_model import a_study, global_parameters
from tests.scenes import new_site, write_study
from tests.training.prepared import some_images

KEY = RoundKey(study_digest="a", site_id="b", round_number=1, base_digest="c", images_digest="d")
CARD = RoundCard(key=KEY, step_count=3, batch_size=8, target_share=0.25)
ARRAYS: Arrays = {"model.a": np.arange(3, dtype=np.float32), "order.queue": np.arange(2)}


@pytest.fixture(autouse=True)
def _kept_after_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_file, "EVERY_S", 0.0)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return a_study(
        tmp_path,
        method={"local_steps": 4, "batch_size": 8, "restyle": "channel_statistics"},
        exchange={"encoding": "int4", "compression": "zstd"},
    )


def a_local(study: Study, path: Path | None, images: PreparedImages | None = None) -> LocalModel:
    training = some_images(40, size_px=study.input.size_px) if images is None else images
    file = None if path is None else RoundFile(path)
    cpu = torch.device("cpu")
    return LocalModel(study, SiteImages(training, training, 0), cpu, round_file=file)


def steps_of(local: LocalModel, study: Study, count: int | None = None, number: int = 1) -> Any:
    """Train a round, or so many steps of it, and return the steps' numbers."""
    events = local.train_round(global_parameters(study), number, "site-1")
    steps = (event for event in events if isinstance(event, StepFinished))
    found = [step.step for step in islice(steps, count)]
    events.close()
    return found


def update_of(local: LocalModel, study: Study) -> bytes:
    return local.update(global_parameters(study), 1, "study", "site-1")


@pytest.mark.parametrize("before", [1, 3, 4])
def test_an_interrupted_round_goes_on_and_sends_the_same_bytes(
    tmp_path: Path, study: Study, before: int
) -> None:
    whole = a_local(study, None)
    assert steps_of(whole, study) == [1, 2, 3, 4]
    path = tmp_path / "round"
    assert steps_of(a_local(study, path), study, before) == [1, 2, 3, 4][:before]
    resumed = a_local(study, path)
    assert steps_of(resumed, study) == [1, 2, 3, 4][before:]
    assert update_of(resumed, study) == update_of(whole, study)


def test_another_round_and_other_labels_begin_anew(tmp_path: Path, study: Study) -> None:
    path = tmp_path / "round"
    steps_of(a_local(study, path), study, 2)
    relabelled = some_images(40, size_px=study.input.size_px)
    relabelled.lesion_labels[0] = 1 - relabelled.lesion_labels[0]
    assert steps_of(a_local(study, path, relabelled), study, 1) == [1]
    assert steps_of(a_local(study, path), study, 1, number=2) == [5]  # of the second four


def test_what_was_kept_is_read_again_and_gone_when_it_is_over(tmp_path: Path) -> None:
    file = RoundFile(tmp_path / "round")
    assert file.read(KEY) is None
    file.save(CARD, ARRAYS)
    found = file.read(KEY)
    assert found is not None
    card, arrays = found
    assert card == CARD
    assert {n: a.tolist() for n, a in arrays.items()} == {n: a.tolist() for n, a in ARRAYS.items()}
    assert file.read(KEY.model_copy(update={"base_digest": "another"})) is None
    file.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "bit", "noise"])
def test_a_damaged_file_is_told_of_in_the_log_and_is_as_none(
    tmp_path: Path, damage: str, expected_warnings: list[logging.LogRecord]
) -> None:
    path = tmp_path / "round"
    file = RoundFile(path)
    file.save(CARD, ARRAYS)
    body = path.read_bytes()
    turned = body[:-1] + bytes([body[-1] ^ 1])
    path.write_bytes({"cut": body[:-3], "bit": turned, "noise": b"\x80pickle"}[damage])
    assert file.read(KEY) is None
    assert len(expected_warnings) == 1


def test_a_disk_that_refuses_costs_the_steps_and_not_the_round(
    tmp_path: Path, study: Study, expected_warnings: list[logging.LogRecord]
) -> None:
    local = a_local(study, tmp_path / "nowhere" / "round")
    assert steps_of(local, study) == [1, 2, 3, 4]
    assert len(expected_warnings) == 4


@pytest.mark.slow
def test_a_program_that_is_killed_in_a_round_goes_on_with_its_training(
    coordinator: Coordinator, tmp_path: Path
) -> None:
    """Two processes, one killed after some steps; its round needs no step a second time."""
    study_toml = write_study(
        tmp_path / "study.toml", method={"local_steps": 60}, rounds={"count": 1}
    )
    study_id = create_study(coordinator, study_toml)
    homes = [new_site(tmp_path / str(n), {"dot": 16, "ring": 16}, n) for n in range(2)]
    codes = coordinator.invite(study_id, 2)
    program = (
        "from desktop_client.federation import round_file; round_file.EVERY_S = 0.0; "
        "from desktop_client.cli import main; main()"
    )

    def join(home: Home, log: Path, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", program, "join", "--home", str(home.path)]
        return subprocess.Popen([*command, "--device", "cpu", "--events", str(log), *words])

    def of_invitation(number: int) -> list[str]:
        words = ["--coordinator", coordinator.url, "--code", codes[number]]
        return [*words, "--site-name", f"Hospital {number}"]

    log = tmp_path / "first.jsonl"
    killed = join(homes[0], log, *of_invitation(0))
    other = join(homes[1], tmp_path / "other.jsonl", *of_invitation(1))
    try:
        deadline = time.monotonic() + 300
        while not log.exists() or log.read_text().count('"StepFinished"') < 5:
            assert killed.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        assert round_path(homes[0], study_id).exists()
        again_log = tmp_path / "again.jsonl"
        again = join(homes[0], again_log)
        assert again.wait(300) == 0
        assert other.wait(300) == 0
    finally:
        for process in (killed, other):
            process.kill()
            process.wait()
    first = [line for line in log.read_text().splitlines() if '"StepFinished"' in line]
    second = [line for line in again_log.read_text().splitlines() if '"StepFinished"' in line]
    assert len(first) >= 5
    assert 60 - len(first) - 1 <= len(second) <= 60 - 5 + 1
    assert not round_path(homes[0], study_id).exists()
