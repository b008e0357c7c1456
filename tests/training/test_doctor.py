"""The examination on the machine the tests run on."""

from pathlib import Path

import pytest
import torch

from coordinator.study import Method, ModelDesign
from desktop_client.training import doctor
from desktop_client.training.diagnosis import Driver
from desktop_client.training.doctor import ask_driver, examine, try_together
from desktop_client.training.findings import ExaminationFinished, Finding
from desktop_client.training.request import DoctorRequest

QUICK = DoctorRequest(device="cpu", model=ModelDesign(feature_dim=8), method=Method(batch_size=4))


def a_driver(folder: Path, script: str) -> str:
    """Write a command that answers in the place of nvidia-smi."""
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_this_machine_is_examined_and_a_step_timed() -> None:
    *said, finished = examine(QUICK)
    assert finished == ExaminationFinished("cpu", gain=None)
    trial = said[-1]
    assert isinstance(trial, Finding)
    assert trial.sentence.startswith("A training step of 4 images takes ")
    assert trial.sentence.endswith(" images a second.")


def test_while_something_else_computes_nothing_is_timed() -> None:
    said = list(examine(DoctorRequest(device="cpu", is_timed=False)))
    assert "Trial step" not in [f.topic for f in said if isinstance(f, Finding)]


def test_the_driver_is_asked_for_its_version_and_card(tmp_path: Path) -> None:
    assert ask_driver(a_driver(tmp_path, "echo '580.65, NVIDIA RTX A2000'")) == (
        Driver("580.65", "NVIDIA RTX A2000"),
        "",
    )


def test_without_a_driver_there_is_no_problem_to_tell(tmp_path: Path) -> None:
    assert ask_driver(str(tmp_path / "nvidia-smi")) == (None, "")


def test_a_driver_that_fails_is_quoted(tmp_path: Path) -> None:
    script = "echo 'NVIDIA-SMI has failed because it cannot communicate'; echo more; exit 9"
    assert ask_driver(a_driver(tmp_path, script)) == (
        None,
        "NVIDIA-SMI has failed because it cannot communicate",
    )


def test_a_driver_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "DRIVER_PATIENCE_S", 0.2)
    driver, problem = ask_driver(a_driver(tmp_path, "exec sleep 60"))
    assert driver is None
    assert problem.startswith("no answer within")


@pytest.mark.slow
def test_a_step_that_devices_share_is_timed_beside_one_alone() -> None:
    (slower,) = try_together(QUICK, [torch.device("cpu")] * 2, alone_s=0.0)
    assert (slower.topic, slower.verdict) == ("Shared step", "note")
    assert slower.sentence.startswith("2 devices that share it take ")
    assert slower.sentence.endswith(" ms: one alone is quicker with this network.")
