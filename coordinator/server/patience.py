"""How long the coordinator waits for slow lines: bodies, headers, and readers of its answers.

A connection starts with so many seconds of patience. Waiting spends it; bytes that arrive or leave
earn it back at the slowest rate that is tolerated. So a line that is slower than that, or stands
still, is cut when its patience is spent, and one that is merely slow may take hours.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coordinator.errors import SlowBodyError

_LOOK_EVERY_S: Final = 1.0
_FAREWELL_S: Final = 1.0
"""How long a line that has its answer may take to say goodbye when the server stops."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The longest wait in which nothing moves, and the slowest line that is served at all."""

    patience_s: float
    bytes_per_s: float


class Patience:
    """What is left of it on one line."""

    def __init__(self, tolerance: Tolerance) -> None:
        self._tolerance = tolerance
        self.left_s = tolerance.patience_s

    def spend(self, duration_s: float) -> None:
        """Note a wait."""
        self.left_s -= duration_s

    def earn(self, byte_count: int) -> None:
        """Note what came of it."""
        earned_s = byte_count / self._tolerance.bytes_per_s
        self.left_s = min(self._tolerance.patience_s, self.left_s + earned_s)


class SlowBodies:
    """Refuses a body that arrives too slowly, while the application reads it.

    The application's own work, and time it does not ask for more of the body, costs no patience.

    Args:
        app: The application; it turns a ``SlowBodyError`` into an answer.
        tolerance: How slow is too slow.
    """

    def __init__(self, app: ASGIApp, tolerance: Tolerance) -> None:
        self._app = app
        self._tolerance = tolerance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, with an eye on what it reads."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _ArrivingBody(receive, self._tolerance)

        async def send_and_see(message: Message) -> None:
            body.is_over = True  # what is still read then is thrown away
            await send(message)

        try:
            await self._app(scope, body.receive, send_and_see)
        finally:
            body.stop_watching()


class _ArrivingBody:
    """The body of one request, with one timer for all of it: setting one for each piece costs more.

    Args:
        receive: Gives the pieces as they come.
        tolerance: How slow is too slow.
    """

    def __init__(self, receive: Receive, tolerance: Tolerance) -> None:
        self.is_over = False
        self._receive = receive
        self._patience = Patience(tolerance)
        self._reader: asyncio.Task[Any] | None = None
        self._waits_since_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_too_slow = False

    async def receive(self) -> Message:
        """Return the next piece; after the last wait for the connection's end, however long.

        Raises:
            SlowBodyError: if patience is spent before it is here.
        """
        if self.is_over:
            return await self._receive()
        self._reader, self._waits_since_s = asyncio.current_task(), time.monotonic()
        if self._timer is None:
            self._look_in(self._patience.left_s)
        try:
            message = await self._receive()
        except asyncio.CancelledError as error:
            if not self._is_too_slow or self._reader is None or self._reader.uncancel() > 0:
                raise
            raise SlowBodyError("The body arrives too slowly; send it again") from error
        finally:
            self._reader = None
        self._patience.spend(time.monotonic() - self._waits_since_s)
        self._patience.earn(len(message.get("body", b"")))
        self.is_over = not message.get("more_body", False)
        return message

    def stop_watching(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _look_in(self, duration_s: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(max(0.0, duration_s), self._look)

    def _look(self) -> None:
        self._timer = None
        if self._reader is None:
            return  # nobody waits; whoever does next sets the timer again
        left_s = self._patience.left_s - (time.monotonic() - self._waits_since_s)
        if left_s > 0:
            self._look_in(left_s)
        else:
            self._is_too_slow = True
            self._reader.cancel()


class WatchedProtocol(asyncio.Protocol):
    """Cuts a connection that neither brings a request nor takes an answer; mixed into uvicorn's.

    What uvicorn itself ends are connections that stay idle after an answer. Over TLS, though, it
    then waits for the other side's goodbye, which a site says when it looks at the line again: a
    server that stops does not wait for that.
    """

    tolerance: ClassVar[Tolerance]
    _leaves_at_s: float | None = None

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    flow: Any  # uvicorn's; says whether the reader of an answer lags behind
    cycle: Any  # uvicorn's; the request under work, or None before the first

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch."""
        super().connection_made(transport)
        self._patience = Patience(self.tolerance)
        self._unsent_count = 0
        self._look_again()

    def data_received(self, data: bytes) -> None:
        """Note that something moves."""
        self._patience.earn(len(data))
        super().data_received(data)

    def shutdown(self) -> None:
        """Close an idle line, or a busy one after its answer, since the server stops."""
        self._leaves_at_s = self.loop.time() + _FAREWELL_S
        super().shutdown()  # type: ignore[misc]  # it is uvicorn's

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch no longer."""
        self._looking.cancel()
        super().connection_lost(exc)

    def _look_again(self) -> None:
        self._looking = self.loop.call_later(_LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        unsent_count = self.transport.get_write_buffer_size()
        if self._is_our_turn():
            self._patience = Patience(self.tolerance)
        else:
            self._patience.spend(_LOOK_EVERY_S)
            self._patience.earn(max(0, self._unsent_count - unsent_count))
        self._unsent_count = unsent_count
        if self._patience.left_s > 0 and not self._is_only_goodbye_missing():
            self._look_again()
        else:
            self.transport.abort()  # closing would wait for the reader

    def _is_only_goodbye_missing(self) -> bool:
        return (
            self._leaves_at_s is not None
            and self.loop.time() >= self._leaves_at_s
            and self.transport.is_closing()
            and not self._unsent_count
        )

    def _is_our_turn(self) -> bool:
        """Return whether the application works on a request; it sees to the body by itself."""
        is_at_work = self.cycle is not None and not self.cycle.response_complete
        return is_at_work and not self.flow.write_paused


def watched(protocol: type[asyncio.Protocol], tolerance: Tolerance) -> type[asyncio.Protocol]:
    """Return uvicorn's HTTP protocol with an eye on slow lines."""
    return type("Watched", (WatchedProtocol, protocol), {"tolerance": tolerance})
