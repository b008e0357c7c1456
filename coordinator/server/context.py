"""What every route works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

import anyio
from fastapi import Depends, Request

from coordinator.rounds.life import Rounds
from coordinator.server.metrics import Metrics
from coordinator.server.settings import Settings
from coordinator.storage.arrivals import Arrivals
from coordinator.storage.blobs import Blobs
from coordinator.storage.store import Store


@dataclass(frozen=True, slots=True)
class Coordinator:
    """The parts of a running coordinator."""

    store: Store
    blobs: Blobs
    rounds: Rounds
    clock: Callable[[], datetime]
    settings: Settings
    metrics: Metrics
    arrivals: Arrivals
    checking: anyio.CapacityLimiter
    """How many bodies are looked through at the same time."""


async def coordinator_of(request: Request) -> Coordinator:
    """Return what ``create_app`` was given; at once, where a plain function would take a thread."""
    return cast(Coordinator, request.app.state.coordinator)


At = Annotated[Coordinator, Depends(coordinator_of)]
