"""Sites as connections that ask by themselves: thousands in one process, HTTP by hand.

A client library takes more time for a request than the coordinator does for its answer, and here
both have the same two cores.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

_PIECE_BYTES: Final = 1 << 18
TIMEOUT_S: Final = 240.0


@dataclass
class Latencies:
    """How long each request of each route took, in seconds, and how many failed."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Line:
    """One site's connection, opened when it asks and again when it was closed meanwhile.

    Args:
        port: Of this machine.
        credential: The site's.
        latencies: Gets what is measured.
    """

    def __init__(self, port: int, credential: str, latencies: Latencies) -> None:
        self._port = port
        self.credential = credential
        self.latencies = latencies
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self,
        route: str,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        due_s: float | None = None,
    ) -> bytes:
        """Ask and return the answer's body; note how long it took under the route's name.

        Args:
            route: What the figure is called.
            method: Of HTTP.
            path: Of HTTP.
            body: Sent along.
            headers: Sent along.
            due_s: When it should have been asked; a generator that lags is no excuse.
        """
        began_s = monotonic() if due_s is None else due_s
        head = self._head(method, path, len(body), headers or {})
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status, content = await self._exchanged(head, body)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            await self.close()
            status, content = 0, b""
        self.latencies.seconds[route].append(monotonic() - began_s)
        if not 200 <= status < 300:
            self.latencies.failures[f"{route} {status}"] += 1
        return content

    async def close(self) -> None:
        """Let go of the connection."""
        if self._streams is not None:
            _, writer = self._streams
            self._streams = None
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _exchanged(self, head: bytes, body: bytes) -> tuple[int, bytes]:
        is_new = self._streams is None
        try:
            return await self._exchange(head, body)
        except (OSError, asyncio.IncompleteReadError):
            if is_new:
                raise
            await self.close()  # it had been idle for too long
            return await self._exchange(head, body)

    async def _exchange(self, head: bytes, body: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(head)
        for start in range(0, len(body), _PIECE_BYTES):
            writer.write(body[start : start + _PIECE_BYTES])
            await writer.drain()
        told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in told[1:] if line)
        content = await _read(reader, int(fields.get("content-length", "0")))
        if fields.get("connection") == "close":
            await self.close()
        return int(told[0].split(" ")[1]), content

    def _head(self, method: str, path: str, size: int, headers: Mapping[str, str]) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self.credential}",
            f"Content-Length: {size}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def _read(reader: asyncio.StreamReader, size: int) -> bytes:
    """Read a body; of a long one only the length is kept, since hundreds come at once."""
    if size <= _PIECE_BYTES:
        return await reader.readexactly(size)
    left = size
    while left:
        piece = await reader.read(min(left, _PIECE_BYTES))
        if not piece:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(piece)
    return b""


@asynccontextmanager
async def lines_of(
    port: int, credentials: list[str], latencies: Latencies
) -> AsyncIterator[list[Line]]:
    """Give each credential a connection, and close them all at the end."""
    lines = [Line(port, credential, latencies) for credential in credentials]
    try:
        yield lines
    finally:
        for line in lines:
            await line.close()
