"""From facts about a computer to sentences: what trains, why, and who can change it; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from desktop_client.training.findings import Finding
from desktop_client.training.request import DeviceChoice

ENOUGH_FREE_BYTES: Final = 2_000_000_000
"""Free memory of a card below which the usual batch may not fit."""
MIXED_PRECISION_FROM: Final = (8, 0)
"""Compute capability from which cards compute in bfloat16."""

Capability = tuple[int, int]

IT: Final = "Your IT department"


@dataclass(frozen=True)
class Driver:
    """What ``nvidia-smi`` says."""

    version: str
    card: str


@dataclass(frozen=True)
class Card:
    """A graphics card that PyTorch sees."""

    name: str
    capability: Capability
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class Facts:
    """What was found out about a computer.

    Attributes:
        choice: What the settings ask for.
        torch_version: Of the PyTorch in use.
        cuda_version: That PyTorch was built for; None in a build for processors only.
        architectures: That PyTorch was built for, like ``sm_80`` and ``compute_90``.
        driver: None if no NVIDIA driver answers.
        driver_problem: Why the driver does not answer, in its own words; empty if there is none.
        card: The first; None if PyTorch can use none.
        card_names: Of all cards that PyTorch can use.
        has_mps: Whether PyTorch can use an Apple GPU.
        core_count: Of the processor.
        thread_count: That training uses of them.
    """

    choice: DeviceChoice
    torch_version: str
    cuda_version: str | None
    architectures: tuple[str, ...]
    driver: Driver | None
    driver_problem: str
    card: Card | None
    has_mps: bool
    core_count: int
    thread_count: int
    card_names: tuple[str, ...] = ()

    @property
    def is_card_supported(self) -> bool:
        """Whether PyTorch has code for the card."""
        return self.card is not None and can_run(self.card.capability, self.architectures)

    @property
    def device(self) -> str:
        """What training computes on: ``cpu``, ``cuda`` or ``mps``."""
        if self.choice != "automatic":
            return self.choice
        if self.card is not None:
            return "cuda"
        return "mps" if self.has_mps else "cpu"


def can_run(capability: Capability, architectures: tuple[str, ...]) -> bool:
    """Return whether a build for these architectures runs on a card.

    Binary code (``sm_86``) runs on cards of its own generation and the same or a higher minor
    number; intermediate code (``compute_90``) on all later ones.

    Source:
        https://docs.nvidia.com/cuda/cuda-c-programming-guide, "Compute Capabilities" and
        "Application Compatibility".
    """
    for name in architectures:
        kind, _, digits = name.partition("_")
        digits = digits.rstrip("abcdef")
        if len(digits) < 2 or not digits.isdecimal():
            continue
        built_for = int(digits[:-1]), int(digits[-1])
        if kind == "compute" and capability >= built_for:
            return True
        if kind == "sm" and capability[0] == built_for[0] and capability >= built_for:
            return True
    return False


def diagnose(facts: Facts) -> Iterator[Finding]:
    """Yield what trains and why, then every part it depends on."""
    yield _used(facts)
    yield _driver(facts)
    yield _build(facts)
    if facts.card is not None:
        yield _capability(facts, facts.card)
        yield _memory(facts.card)
    if len(facts.card_names) > 1:
        yield _cards(facts.card_names)


def _used(facts: Facts) -> Finding:
    threads = f"{facts.thread_count} of {facts.core_count} processor cores"
    if facts.device == "cuda" and facts.card is not None:
        if facts.is_card_supported:
            return Finding("Device", "good", f"Training uses the graphics card {facts.card.name}.")
        return Finding(
            "Device",
            "problem",
            f"Training would use the graphics card {facts.card.name}, but cannot.",
            "You: choose the processor in the settings until this is put right.",
        )
    if facts.device == "cuda":
        return Finding(
            "Device",
            "problem",
            "The settings ask for an NVIDIA graphics card, and there is none to use.",
            "You: choose “choose for me” in the settings.",
        )
    if facts.device == "mps":
        return Finding("Device", "good", "Training uses the Apple graphics of this computer.")
    if facts.card is not None:
        return Finding(
            "Device",
            "note",
            f"Training uses {threads}, because the settings ask for the processor, although "
            f"there is a graphics card {facts.card.name}.",
            "You: choose “choose for me” in the settings.",
        )
    if facts.driver is not None:
        return Finding(
            "Device",
            "problem",
            f"Training uses {threads}, because PyTorch cannot use the card {facts.driver.card}.",
            "See below who can put that right; until then training only takes longer.",
        )
    return Finding(
        "Device",
        "note",
        f"Training uses {threads}, because there is no graphics card that it can use.",
        "Nobody has to do anything: the result is the same, it only takes longer.",
    )


def _driver(facts: Facts) -> Finding:
    if facts.driver is not None:
        said = f"The NVIDIA driver {facts.driver.version} answers for {facts.driver.card}."
        if facts.card is None and facts.cuda_version is not None:
            return Finding(
                "Driver",
                "problem",
                f"{said} PyTorch, which is built for CUDA {facts.cuda_version}, cannot use it; "
                "most often the driver is too old.",
                f"{IT}: install a newer NVIDIA driver, then restart the computer.",
            )
        return Finding("Driver", "good", said)
    if facts.driver_problem:
        return Finding(
            "Driver",
            "problem",
            f"The NVIDIA driver is there but does not answer: {facts.driver_problem}",
            f"{IT}: install the NVIDIA driver again, then restart the computer.",
        )
    return Finding(
        "Driver",
        "note",
        "No NVIDIA driver was found.",
        f"{IT}: if this computer has an NVIDIA card, install its driver.",
    )


def _build(facts: Facts) -> Finding:
    if facts.cuda_version is not None:
        return Finding(
            "PyTorch",
            "good",
            f"PyTorch {facts.torch_version} is built for graphics cards (CUDA "
            f"{facts.cuda_version}).",
        )
    said = f"PyTorch {facts.torch_version} is built for processors only."
    if facts.driver is None:
        return Finding("PyTorch", "good", said)
    return Finding(
        "PyTorch",
        "problem",
        f"{said} The card {facts.driver.card} lies idle.",
        f"{IT}: install PyTorch {facts.torch_version.partition('+')[0]} for CUDA in its place.",
    )


def _capability(facts: Facts, card: Card) -> Finding:
    number = ".".join(map(str, card.capability))
    if facts.is_card_supported:
        precision = (
            "It can compute in mixed precision."
            if card.capability >= MIXED_PRECISION_FROM
            else "It is too old for mixed precision; training uses full precision."
        )
        return Finding(
            "Compute capability", "good", f"{card.name} has capability {number}. {precision}"
        )
    built_for = ", ".join(facts.architectures)
    return Finding(
        "Compute capability",
        "problem",
        f"{card.name} has capability {number}, and this PyTorch has no code for it (only for "
        f"{built_for}).",
        f"{IT}: another PyTorch, or another card.",
    )


def _memory(card: Card) -> Finding:
    said = f"{card.free_bytes / 1e9:.1f} of {card.total_bytes / 1e9:.1f} GB are free on the card."
    if card.free_bytes >= ENOUGH_FREE_BYTES:
        return Finding("Memory", "good", said)
    return Finding(
        "Memory",
        "note",
        f"{said} If it is not enough, training halves the images at a time and says so.",
        "You: close other programs that use the graphics card.",
    )


def _cards(names: tuple[str, ...]) -> Finding:
    return Finding(
        "Graphics cards",
        "note",
        f"There are {len(names)}: {', '.join(names)}. Training uses the first, or all if asked to.",
        "You: tick “All graphics cards” in the settings, or ask for --ranks 0.",
    )
