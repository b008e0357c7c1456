"""Files on their way out, read without a worker thread where the kernel holds them in memory.

To hand each piece to a thread and back costs more than to read it from memory, and what is sent
was written or checked not long ago.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast

import anyio
import anyio.to_thread
import numpy as np
from fastapi.responses import FileResponse

_WITHOUT_WAITING: Final[int | None] = getattr(os, "RWF_NOWAIT", None)
"""Flag of a read that takes what is in memory and nothing else; Linux alone has it."""


class BodyResponse(FileResponse):
    """A file, sent in pieces large enough for speed and small enough for a thousand at once.

    A Starlette that opens its files in another way would still send them, read in threads.
    """

    chunk_size = 1 << 18

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[bytes]]:
        if _WITHOUT_WAITING is None:
            async with super()._open_file() as file:
                yield file
        else:
            descriptor = os.open(self.path, os.O_RDONLY)
            try:
                yield cast("anyio.AsyncFile[bytes]", FileAtHand(descriptor, _WITHOUT_WAITING))
            finally:
                os.close(descriptor)


class FileAtHand:
    """The part of an asynchronous file that a response reads by.

    Args:
        descriptor: Of the open file.
        without_waiting: The system's flag for a read that does not wait for a disk.
    """

    def __init__(self, descriptor: int, without_waiting: int) -> None:
        self._descriptor = descriptor
        self._without_waiting = without_waiting
        self._offset = 0

    async def seek(self, offset: int) -> None:
        """Go to a byte of the file."""
        self._offset = offset

    async def read(self, size: int) -> memoryview:
        """Return so many bytes, fewer only at the end of the file; nobody writes to them again."""
        # Neither filled with zeros before nor copied after, either of which costs as much again.
        piece = np.empty(size, np.uint8).data
        count = self._read_at_hand(piece)
        if count < size:
            rest, offset = piece[count:], self._offset + count
            count += await anyio.to_thread.run_sync(os.preadv, self._descriptor, [rest], offset)
        self._offset += count
        return piece[:count]

    def _read_at_hand(self, piece: memoryview) -> int:
        try:
            return os.preadv(self._descriptor, [piece], self._offset, self._without_waiting)
        except OSError:  # nothing of it is in memory, or the file system cannot tell
            return 0
