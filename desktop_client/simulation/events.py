"""What a simulation says while it runs: plain, frozen, free of torch."""

from dataclasses import dataclass
from pathlib import Path

from desktop_client.simulation.results import RunResult


@dataclass(frozen=True, slots=True)
class RoundDone:
    """A round is averaged and judged; round 0 is the untrained model."""

    round_number: int
    round_count: int
    mean_auc: float | None
    """Mean over the sites that take part; None if it is defined at none of them."""


@dataclass(frozen=True, slots=True)
class RunsFound:
    """So many of the runs that are asked for are in the results file already."""

    found_count: int
    asked_count: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins, or goes on where it was interrupted."""

    variant: str
    seed: int
    held_out_site: str | None
    run_index: int
    """From 0, among the runs that were not there already."""
    run_count: int

    @property
    def label(self) -> str:
        """Name the run for people."""
        without = f", without {self.held_out_site}" if self.held_out_site else ""
        return f"{self.variant}, seed {self.seed}{without}"


@dataclass(frozen=True, slots=True)
class EngineStarted:
    """Flower's engine, which takes a while to start, is there; sites train in its processes."""

    process_count: int


@dataclass(frozen=True, slots=True)
class RunAdvanced:
    """A run has done a round; with several processes the runs' rounds come mixed."""

    run: RunStarted
    round: RoundDone


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run is over; once this is told it is in the results file."""

    run: RunStarted
    result: RunResult


@dataclass(frozen=True, slots=True)
class RunFailed:
    """A run came to no result; the others go on."""

    run: RunStarted
    reason: str


@dataclass(frozen=True, slots=True)
class Reported:
    """Tables as text for a terminal, and the files that were written."""

    text: str
    paths: tuple[Path, ...]
