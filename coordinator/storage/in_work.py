"""Files that an average has made, and that get their rows when all of it is made.

A sweep would take them for left behind when they are old. The process that makes them renews their
times for as long as it is at it; if it ends before, they are swept in time.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from coordinator.storage.blobs import Blob, Blobs, Shelf
from coordinator.storage.bodies import Body


class FilesInWork:
    """The files of all averages that this process makes now; safe to use from several threads."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._shelves: list[_NotedShelf] = []
        self._lock = threading.Lock()

    @contextmanager
    def making(self) -> Iterator[Shelf]:
        """Yield where to put files that are to be kept from the sweep while the block runs."""
        shelf = _NotedShelf(self._blobs)
        with self._lock:
            self._shelves.append(shelf)
        try:
            yield shelf
        finally:
            with self._lock:  # so that nothing is renewed any more while others read it
                self._shelves.remove(shelf)

    def renew(self, moment: datetime) -> None:
        """Renew those that were last put there before a moment.

        Raises:
            StateDamagedError: if the place of the files cannot be used.
        """
        with self._lock:
            for name in {name for shelf in self._shelves for name in tuple(shelf.names)}:
                if self._blobs.is_older(name, moment):
                    self._blobs.renew(name)


class _NotedShelf:
    """Passes everything on, and notes the names of what is put."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self.names: list[str] = []

    def put(self, parts: Iterable[bytes | memoryview], *, is_followed: bool = False) -> Blob:
        blob = self._blobs.put(parts, is_followed=is_followed)
        self.names.append(blob.name)
        return blob

    def path(self, name: str) -> Path:
        return self._blobs.path(name)

    def body(self, name: str) -> Body:
        return self._blobs.body(name)
