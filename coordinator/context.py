"""What every route works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, cast

import anyio
from fastapi import Depends, Request

from coordinator.blobs import BlobFolder
from coordinator.rounds import Rounds
from coordinator.store import Store


@dataclass(frozen=True, slots=True)
class Coordinator:
    """The parts of a running coordinator."""

    store: Store
    blobs: BlobFolder
    rounds: Rounds
    clock: Callable[[], datetime]
    spool_path: Path
    proposal_limit_bytes: int
    decoding: anyio.CapacityLimiter


def coordinator_of(request: Request) -> Coordinator:
    """Return what ``create_app`` was given."""
    return cast(Coordinator, request.app.state.coordinator)


At = Annotated[Coordinator, Depends(coordinator_of)]
