"""What the examination of a computer says: plain, frozen, free of torch."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["good", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    topic: str
    verdict: Verdict
    sentence: str
    remedy: str = ""
    """Who can do what about it; empty if nobody needs to."""


@dataclass(frozen=True, slots=True)
class ExaminationFinished:
    """Everything was looked at."""

    device: str
    """``cpu``, ``cuda`` or ``mps``: what training computes on."""
    gain: float | None
    """How many times as fast as the processor the graphics was; None if not both were timed."""
