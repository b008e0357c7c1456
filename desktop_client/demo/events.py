"""What the demo and the sample project say while they are made; free of torch."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DemoAdvanced:
    """So much of the named stage is done."""

    stage: str
    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class DemoFinished:
    """Where the report is, and its tables as text for a terminal."""

    report_path: Path
    table: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class SampleDrawn:
    """The images of so many scanners of the sample project are drawn."""

    done_count: int
    total_count: int
