"""Which devices compute, on computers that are made up."""

import pytest
import torch

from desktop_client.errors import TrainingError
from desktop_client.training.device import choose_devices, describe_devices

CPU = torch.device("cpu")


@pytest.fixture
def two_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "RTX 3060")


def test_the_processor_is_shared_by_as_many_processes_as_asked_for() -> None:
    assert choose_devices("cpu", 1) == choose_devices("cpu", 0) == (CPU,)
    three = choose_devices("cpu", 3)
    assert three == (CPU,) * 3
    assert describe_devices(three).startswith("3 processes on the CPU (")


@pytest.mark.usefixtures("two_cards")
def test_one_card_computes_unless_more_are_asked_for() -> None:
    assert choose_devices("automatic", 1) == (torch.device("cuda"),)
    both = (torch.device("cuda:0"), torch.device("cuda:1"))
    assert choose_devices("cuda", 2) == choose_devices("automatic", 0) == both
    assert describe_devices(both) == "2 graphics cards: 2 × RTX 3060 (CUDA)"


@pytest.mark.usefixtures("two_cards")
def test_more_cards_than_there_are_are_refused_but_to_go_on_with_fewer_will_do() -> None:
    with pytest.raises(TrainingError, match="3 CUDA devices were asked for, and this computer has"):
        choose_devices("cuda", 3)
    assert len(choose_devices("cuda", 3, or_fewer=True)) == 2


def test_under_torchrun_there_are_as_many_as_it_has_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {"TORCHELASTIC_RUN_ID": "1", "RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert choose_devices("cpu", 1) == (CPU, CPU)
