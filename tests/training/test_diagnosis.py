"""What is said of a computer, case by case."""

from dataclasses import replace

import pytest

from desktop_client.training.diagnosis import Card, Driver, Facts, can_run, diagnose
from desktop_client.training.findings import Finding

RTX = Card("RTX 3060", (8, 6), free_bytes=11_000_000_000, total_bytes=12_000_000_000)
GPU = Facts(
    choice="automatic",
    torch_version="2.14.1+cu130",
    cuda_version="13.0",
    architectures=("sm_75", "sm_80", "sm_86", "sm_90"),
    driver=Driver("580.65", "RTX 3060"),
    driver_problem="",
    card=RTX,
    has_mps=False,
    core_count=8,
    thread_count=7,
)
PLAIN = replace(GPU, cuda_version=None, architectures=(), driver=None, card=None)
"""A computer with a processor only, and a PyTorch for that."""


def findings(facts: Facts) -> dict[str, Finding]:
    return {finding.topic: finding for finding in diagnose(facts)}


def test_a_computer_with_all_in_order_has_no_problem_and_no_remedy() -> None:
    said = list(diagnose(GPU))
    assert [f.topic for f in said] == [
        *("Device", "Driver", "PyTorch", "Compute capability", "Memory")
    ]
    assert {f.verdict for f in said} == {"good"}
    assert {f.remedy for f in said} == {""}
    assert said[0].sentence == "Training uses the graphics card RTX 3060."
    assert "11.0 of 12.0 GB are free" in said[-1].sentence


def test_a_processor_alone_is_no_problem() -> None:
    said = findings(PLAIN)
    assert "7 of 8 processor cores" in said["Device"].sentence
    assert {f.verdict for f in said.values()} == {"note", "good"}


def test_a_card_that_the_build_cannot_use_names_the_build() -> None:
    said = findings(replace(PLAIN, torch_version="2.14.1+cpu", driver=GPU.driver))
    assert said["PyTorch"].verdict == "problem"
    assert "RTX 3060 lies idle" in said["PyTorch"].sentence
    assert said["PyTorch"].remedy.startswith("Your IT department: install PyTorch 2.14.1 for CUDA")
    assert said["Driver"].verdict == "good"


def test_a_driver_that_is_too_old_names_the_driver() -> None:
    said = findings(replace(GPU, card=None))
    assert said["Driver"].verdict == "problem"
    assert "newer NVIDIA driver" in said["Driver"].remedy
    assert "because PyTorch cannot use the card RTX 3060" in said["Device"].sentence


def test_a_driver_that_does_not_answer_is_quoted() -> None:
    said = findings(replace(PLAIN, driver_problem="Failed to initialize NVML"))
    assert "does not answer: Failed to initialize NVML" in said["Driver"].sentence


def test_a_card_too_old_for_the_build_names_its_capability() -> None:
    said = findings(replace(GPU, card=replace(RTX, name="GTX 980", capability=(5, 2))))
    assert said["Compute capability"].verdict == said["Device"].verdict == "problem"
    assert "capability 5.2" in said["Compute capability"].sentence
    assert "choose the processor" in said["Device"].remedy


def test_little_free_memory_is_a_note_with_what_to_do() -> None:
    said = findings(replace(GPU, card=replace(RTX, free_bytes=500_000_000)))
    assert said["Memory"].verdict == "note"
    assert "close other programs" in said["Memory"].remedy


def test_a_card_without_bfloat16_trains_in_full_precision() -> None:
    said = findings(replace(GPU, card=replace(RTX, capability=(7, 5))))
    assert "full precision" in said["Compute capability"].sentence


def test_a_choice_against_the_card_is_told() -> None:
    said = findings(replace(GPU, choice="cpu"))
    assert "the settings ask for the processor" in said["Device"].sentence
    assert said["Device"].verdict == "note"


def test_a_choice_of_a_card_that_is_not_there_is_a_problem() -> None:
    assert findings(replace(PLAIN, choice="cuda"))["Device"].verdict == "problem"


@pytest.mark.parametrize(
    ("capability", "architectures", "runs"),
    [
        ((8, 6), ("sm_80",), True),  # same generation, later minor number
        ((8, 0), ("sm_86",), False),
        ((9, 0), ("sm_80", "sm_86"), False),  # binary code is for one generation
        ((12, 0), ("sm_80", "compute_90"), True),  # intermediate code is for all later ones
        ((9, 0), ("sm_90a",), True),
        ((12, 0), ("sm_120",), True),
        ((7, 5), (), False),
    ],
)
def test_which_build_runs_on_which_card(
    capability: tuple[int, int], architectures: tuple[str, ...], runs: bool
) -> None:
    assert can_run(capability, architectures) is runs


def test_several_cards_are_named_with_how_to_use_them_all() -> None:
    said = findings(replace(GPU, card_names=("RTX 3060", "RTX 3060")))["Graphics cards"]
    assert said.sentence.startswith("There are 2: RTX 3060, RTX 3060.")
    assert "All graphics cards" in said.remedy
    assert "Graphics cards" not in findings(replace(GPU, card_names=("RTX 3060",)))
