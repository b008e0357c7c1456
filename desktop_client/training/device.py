"""Which device trains, and how to say so."""

import os
from collections import Counter
from collections.abc import Sequence

import torch

from desktop_client.errors import TrainingError
from desktop_client.training.launched import launched
from desktop_client.training.request import DeviceChoice


def choose_device(choice: DeviceChoice = "automatic") -> torch.device:
    """Return the asked-for device, or the fastest one there is: CUDA, then MPS, then CPU.

    Raises:
        TrainingError: if a device was asked for by name and is not there.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if choice == "automatic":
        return torch.device(next(name for name, is_there in available.items() if is_there))
    if not available[choice]:
        raise TrainingError(
            f"This computer has no {choice.upper()} device that PyTorch {torch.__version__} can "
            "use; choose “automatic” in the training settings"
        )
    return torch.device(choice)


def choose_devices(
    choice: DeviceChoice, rank_count: int, *, or_fewer: bool = False
) -> tuple[torch.device, ...]:
    """Return a device for each process that computes; the first is this one's.

    Where ``torchrun`` has started this process, there are as many as it has started.

    Args:
        choice: Of the kind of device.
        rank_count: How many; 0 for as many as there are graphics cards.
        or_fewer: Whether all that there are will do.

    Raises:
        TrainingError: if there are not so many.
    """
    first = choose_device(choice)
    place = launched()
    card_count = torch.cuda.device_count() if first.type == "cuda" else 1
    count = place.count if place else rank_count or card_count
    if count == 1:
        return (first,)
    if first.type == "cpu":
        return (first,) * count
    if count > card_count and or_fewer:
        count = card_count
    if count > card_count:
        raise TrainingError(
            f"{count} {first.type.upper()} devices were asked for, and this computer has "
            f"{card_count}; ask for fewer"
        )
    return tuple(torch.device(first.type, number) for number in range(count))


def describe_devices(devices: Sequence[torch.device]) -> str:
    """Name the devices that compute together, those of one kind once."""
    if len(devices) == 1:
        return describe_device(devices[0])
    if devices[0].type == "cpu":
        return f"{len(devices)} processes on the {describe_device(devices[0])} each"
    names = Counter(torch.cuda.get_device_name(device) for device in devices)
    cards = " + ".join(f"{count} × {name}" for name, count in names.items())
    return f"{len(devices)} graphics cards: {cards} (CUDA)"


def describe_device(device: torch.device) -> str:
    """Name a device for people: the graphics card, or the processor with its thread count."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} (CUDA)"
    if device.type == "mps":
        return "Apple GPU (MPS)"
    count = torch.get_num_threads()
    return f"CPU ({count} thread{'s' if count > 1 else ''})"


def leave_a_core_free(process_count: int = 1) -> None:
    """Let torch use all cores but one, so that the window and the machine stay responsive.

    Several processes share these cores. Two torch threads on two busy cores collapse to a tenth of
    their speed; an explicit ``OMP_NUM_THREADS`` goes first, for each process.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, ((os.cpu_count() or 2) - 1) // process_count))


def compute_repeatably() -> None:
    """Let the same inputs give the same bits on a graphics card too; on a CPU they always do.

    Source:
        https://docs.pytorch.org/docs/stable/notes/randomness.html
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS is first used
    torch.use_deterministic_algorithms(mode=True)
    torch.backends.cudnn.benchmark = False


def can_mix_precision(device: torch.device) -> bool:
    """Whether a device computes in bfloat16 itself, and so faster than in float32."""
    return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
