"""What ``torchrun`` says to the processes that it starts; loads no torch."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Launched:
    """One of several processes that run the same command; 0 leads, the others follow.

    Source:
        https://docs.pytorch.org/docs/stable/elastic/run.html#environment-variables
    """

    rank: int
    count: int
    card: int
    """Number of its graphics card on this machine."""


def launched(environment: Mapping[str, str] = os.environ) -> Launched | None:
    """Return which process of ``torchrun`` this is, if it is one."""
    if "TORCHELASTIC_RUN_ID" not in environment:
        return None
    rank, count, card = (int(environment[n]) for n in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
    return Launched(rank, count, card)
