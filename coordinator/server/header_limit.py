"""A bound on headers for the parser that has none of its own.

httptools hands out headers when they are complete and keeps what came of them until then, however
much that is: a line of a gigabyte would be a gigabyte in memory. h11 bounds them by itself.
"""

import asyncio
from typing import Any, Final

HEADER_LIMIT_BYTES: Final = 65_536
"""As h11 has it in uvicorn."""


class BoundedHeaders(asyncio.Protocol):
    """Cuts a connection that sends on and on without a request's beginning or a part of a body.

    So headers are bounded, and what may follow a body in chunks. Mixed into uvicorn's protocol.
    """

    transport: asyncio.Transport
    cycle: Any  # uvicorn's; the request under work

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to count."""
        self._count = 0
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Count what comes; the parser calls the methods below while it reads."""
        self._count += len(data)
        super().data_received(data)
        if self._count > HEADER_LIMIT_BYTES:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """Count anew: another request begins."""
        self._count = 0
        self._uvicorns().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Count anew: what came is somebody's who reads it."""
        self._count = 0
        waiting = self.cycle.body
        # Uvicorn adds what came to what waits and hands out a copy of it. Bytes that come while
        # nothing waits, as nearly all do, are handed out themselves.
        if not waiting:
            self.cycle.body = b""
        elif isinstance(waiting, bytes):
            self.cycle.body = bytearray(waiting)
        self._uvicorns().on_body(body)

    def _uvicorns(self) -> Any:  # noqa: ANN401  uvicorn's protocol has no type of its own here
        return super()


def bounded(protocol: type[asyncio.Protocol]) -> type[asyncio.Protocol]:
    """Return uvicorn's HTTP protocol with a bound on headers, if its parser has none."""
    if not hasattr(protocol, "on_message_begin"):
        return protocol
    return type("Bounded", (BoundedHeaders, protocol), {})
