"""How much of a body is through: counted where it is sent or received, told by whoever waits."""

import io
from collections.abc import Generator
from typing import Literal, TypeVar

from desktop_client.federation.events import TransferAdvanced
from desktop_client.training.events import StillWorking

Direction = Literal["up", "down"]
Event = TypeVar("Event")
Outcome = TypeVar("Outcome")


class Meter:
    """Bytes of the body that is on its way; written by one thread, read by another.

    Attributes:
        direction: ``up`` to the coordinator or ``down`` from it.
        done_bytes: So many are through.
        total_bytes: So many there are; 0 while nobody knows.
    """

    def __init__(self) -> None:
        self.direction: Direction = "up"
        self.done_bytes = self.total_bytes = 0

    def begin(self, direction: Direction, done_bytes: int, total_bytes: int) -> None:
        """Begin to count a body, part of which may be through already."""
        self.direction = direction
        self.done_bytes, self.total_bytes = done_bytes, total_bytes


class MeteredBody(io.BytesIO):
    """A body to be sent, whose reader is taken to send what it reads."""

    def __init__(self, content: bytes | memoryview, meter: Meter) -> None:
        super().__init__(content)
        self._meter = meter

    def read(self, size: int | None = -1, /) -> bytes:
        """Give the next bytes, and count them."""
        part = super().read(size)
        self._meter.done_bytes += len(part)
        return part


def metered(
    meter: Meter, events: Generator[Event, None, Outcome]
) -> Generator[Event | TransferAdvanced, None, Outcome]:
    """Yield events; where one says only that work goes on, say how far the body is."""
    told = 0
    try:
        while True:
            event = next(events)
            done_bytes = meter.done_bytes
            if isinstance(event, StillWorking) and meter.total_bytes and done_bytes != told:
                told = done_bytes
                yield TransferAdvanced(meter.direction, done_bytes, meter.total_bytes)
            else:
                yield event
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    finally:
        events.close()
