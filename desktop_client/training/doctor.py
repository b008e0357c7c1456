"""Examines the computer that training runs on; meant for the compute process."""

import os
import subprocess
import time
from collections.abc import Generator, Sequence
from statistics import median
from typing import Final

import torch

from coordinator.study import InputContract
from desktop_client.training.device import choose_devices, leave_a_core_free
from desktop_client.training.diagnosis import Card, Driver, Facts, diagnose
from desktop_client.training.findings import ExaminationFinished, Finding
from desktop_client.training.model import new_model
from desktop_client.training.ranks import Ranks
from desktop_client.training.request import DoctorRequest
from desktop_client.training.starting_ranks import opened_ranks
from desktop_client.training.step import Batch
from desktop_client.training.trainer import known_domains, training_step

DRIVER_PATIENCE_S: Final = 10.0
"""A driver that hangs must not hang the examination."""
TRIAL_STEPS: Final = 5
TRIAL_S: Final = 10.0
"""No further trial step begins after so long."""
CLASS_COUNT: Final = 2


def examine(request: DoctorRequest) -> Generator[Finding | ExaminationFinished]:
    """Say what training computes on and why; then time some steps there."""
    leave_a_core_free()
    facts = gather_facts(request)
    yield from diagnose(facts)
    seconds: dict[str, float] = {}
    if request.is_timed:
        for device in usable_devices(facts):
            seconds[device] = yield from _trial(request, device)
    others = [seconds[device] for device in seconds if device != "cpu"]
    gain = seconds["cpu"] / min(others) if others else None
    if gain is not None:
        yield _gain_finding(gain)
    if "cuda" in seconds and len(facts.card_names) > 1:
        yield from try_together(request, choose_devices("cuda", 0), seconds["cuda"])
    yield ExaminationFinished(facts.device, gain)


def gather_facts(request: DoctorRequest) -> Facts:
    """Ask the driver, PyTorch and the operating system."""
    driver, problem = ask_driver()
    return Facts(
        choice=request.device,
        torch_version=torch.__version__,
        cuda_version=torch.version.cuda,
        architectures=tuple(torch.cuda.get_arch_list()),
        driver=driver,
        driver_problem=problem,
        card=_card() if torch.cuda.is_available() else None,
        card_names=tuple(map(torch.cuda.get_device_name, range(torch.cuda.device_count()))),
        has_mps=torch.backends.mps.is_available(),
        core_count=os.cpu_count() or 1,
        thread_count=torch.get_num_threads(),
    )


def ask_driver(command: str = "nvidia-smi") -> tuple[Driver | None, str]:
    """Return what the NVIDIA driver says, or None and why it does not answer.

    Without a driver there is no such command: None and no reason.
    """
    question = [command, "--query-gpu=driver_version,name", "--format=csv,noheader"]
    try:
        said = subprocess.run(  # noqa: S603  our own words
            question, capture_output=True, text=True, timeout=DRIVER_PATIENCE_S, check=False
        )
    except FileNotFoundError:
        return None, ""
    except subprocess.TimeoutExpired:
        return None, f"no answer within {DRIVER_PATIENCE_S:.0f} seconds"
    except OSError as error:
        return None, str(error.strerror)
    version, comma, card = said.stdout.partition("\n")[0].partition(", ")
    if said.returncode or not comma:
        return None, (said.stdout + said.stderr).strip().partition("\n")[0] or "it says nothing"
    return Driver(version, card), ""


def usable_devices(facts: Facts) -> list[str]:
    """Return where steps can be timed."""
    usable = {"cpu": True, "cuda": facts.is_card_supported, "mps": facts.has_mps}
    return [device for device, is_usable in usable.items() if is_usable]


def try_together(
    request: DoctorRequest, devices: Sequence[torch.device], alone_s: float
) -> Generator[Finding]:
    """Time a step that several devices share, beside the seconds that one takes."""
    with opened_ranks(devices) as ranks:
        seconds = time_step(request, devices[0].type, ranks)
    said = f"{len(devices)} devices that share it take {1000 * seconds:.0f} ms: "
    if seconds < alone_s:
        yield Finding("Shared step", "good", f"{said}{alone_s / seconds:.1f} times as fast as one.")
    else:
        yield Finding("Shared step", "note", f"{said}one alone is quicker with this network.")


def time_step(request: DoctorRequest, device: str, ranks: Ranks | None = None) -> float:
    """Return the seconds of a training step on noise: the median of some, after one to warm up."""
    contract, design = InputContract(), request.model
    model = new_model(design, contract, CLASS_COUNT, seed=0).to(device)
    known = known_domains(model.domain_classifier, range(2))
    step = training_step(model.train(), request.method, known, {}, 0, ranks)
    batch = _noise(model_input=contract, size=request.method.batch_size, device=device)
    if model.frozen_stages is not None:
        batch = Batch(model.frozen_stages(batch.inputs), batch.lesion_labels, batch.domain_labels)
    durations: list[float] = []
    begun = time.monotonic()
    while len(durations) <= TRIAL_STEPS and time.monotonic() - begun < TRIAL_S:
        at = time.monotonic()
        step(batch, request.method.adversarial_weight)  # its measures wait for the device
        durations.append(time.monotonic() - at)
    return median(durations[1:] or durations)


def _card() -> Card:
    free_bytes, total_bytes = torch.cuda.mem_get_info()
    major, minor = torch.cuda.get_device_capability()
    return Card(torch.cuda.get_device_name(), (major, minor), free_bytes, total_bytes)


def _noise(model_input: InputContract, size: int, device: str) -> Batch:
    generator = torch.Generator().manual_seed(0)
    side = (model_input.channels, model_input.size_px, model_input.size_px)
    numbers = torch.arange(size)
    return Batch(
        torch.randn(size, *side, generator=generator).to(device),
        (numbers % CLASS_COUNT).to(device),
        (numbers // CLASS_COUNT % 2).to(device),
    )


def _trial(request: DoctorRequest, device: str) -> Generator[Finding, None, float]:
    seconds = time_step(request, device)
    where = {"cpu": "the processor", "cuda": "the graphics card", "mps": "the Apple graphics"}
    images = request.method.batch_size
    yield Finding(
        "Trial step",
        "good",
        f"A training step of {images} images takes {1000 * seconds:.0f} ms on {where[device]}: "
        f"{images / seconds:,.0f} images a second.",
    )
    return seconds


def _gain_finding(gain: float) -> Finding:
    if gain >= 1:
        return Finding(
            "Trial step",
            "good",
            f"The graphics card is {gain:.1f} times as fast as the processor here.",
        )
    return Finding(
        "Trial step",
        "note",
        f"With this network the processor is {1 / gain:.1f} times as fast as the graphics card.",
        "You: choose the processor in the settings.",
    )
