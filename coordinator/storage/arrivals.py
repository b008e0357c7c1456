"""Bodies on their way in: written down as they come, and gone on with after a cut.

Each connection writes to a file of its own, so that no two ever write to the same one. What a cut
connection leaves is kept under the name of its site and its digest, where the next one takes it
over. Of each site one such rest is kept, and a few connections at once are taken: a line that was
cut is often not known to be when the site sends on. The bytes are hashed as they come; only a rest
is read again.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import anyio.to_thread

from coordinator.errors import (
    BodyTooLargeError,
    StateDamagedError,
    StorageFullError,
    TooManyRequestsError,
    UploadBrokenError,
)
from coordinator.storage.durable import Writeback, disk_errors_as_refusals, remove_unneeded

_WRITE_BYTES: Final = 1 << 18
"""Written at a time; what each of many slow senders occupies in memory."""
_SMALL_BYTES: Final = 1 << 14
_REST_LIFETIME: Final = timedelta(days=2)
LINES_PER_SITE: Final = 4
"""Connections that bring bodies of one site at the same time; each may fill a whole body's room."""
_RETRY_AFTER_S: Final = 10


@dataclass(frozen=True, slots=True)
class Upload:
    """What a site says about a body before it sends its bytes from ``offset`` on."""

    digest: str
    """SHA-256 of the whole body."""
    offset: int
    length: int
    """Of the whole body, in bytes."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that holds a whole body with the digest that was said."""

    path: Path
    digest: str


class Arrivals:
    """The folder of bodies that are not whole yet.

    Args:
        folder: On the file system of the parameter files, whose name a whole body then takes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: Counter[str] = Counter()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def received_bytes(self, site_id: str, digest: str) -> int:
        """Return from where a site may go on sending a body."""
        try:
            return self._rest(site_id, digest).stat().st_size
        except FileNotFoundError:
            return 0

    @asynccontextmanager
    async def receiving(
        self, chunks: AsyncIterator[bytes], site_id: str, upload: Upload
    ) -> AsyncIterator[Arrived | None]:
        """Write down what comes; yield the whole body, or None if the site stopped before its end.

        The file of the whole body is removed afterwards, unless it was renamed.

        Args:
            chunks: No more than ``upload.length - upload.offset`` bytes.
            site_id: Who sends them.
            upload: What they belong to.

        Raises:
            UploadBrokenError: if the bytes do not continue what came before, or if the whole body
                has another digest; it is then to be sent anew.
            TooManyRequestsError: if the site sends on too many connections already.
            StorageFullError: if the disk has no room left.
        """
        with self._line_of(site_id):
            async with self._received(chunks, site_id, upload) as arrived:
                yield arrived

    @contextmanager
    def _line_of(self, site_id: str) -> Iterator[None]:
        """Count a connection; all of them are served by one thread."""
        if self._lines[site_id] >= LINES_PER_SITE:
            raise TooManyRequestsError(
                f"This site sends on {LINES_PER_SITE} connections already; ask again in "
                f"{_RETRY_AFTER_S} s, when those that were cut are noticed",
                _RETRY_AFTER_S,
            )
        self._lines[site_id] += 1
        try:
            yield
        finally:
            self._lines[site_id] -= 1
            if not self._lines[site_id]:
                del self._lines[site_id]

    @asynccontextmanager
    async def _received(
        self, chunks: AsyncIterator[bytes], site_id: str, upload: Upload
    ) -> AsyncIterator[Arrived | None]:
        path = self._folder / f"{site_id}-{upload.digest}.{secrets.token_hex(8)}"
        rest = self._rest(site_id, upload.digest)
        try:
            digest = await anyio.to_thread.run_sync(self._begin, rest, path, upload.offset)
            try:
                size = await _write_down(chunks, path, upload, digest)
            except (BodyTooLargeError, StorageFullError, StateDamagedError):
                raise
            except BaseException:
                _keep(path, rest)
                raise
            if size < upload.length:
                _keep(path, rest)
                yield None
                return
            if digest.hexdigest() != upload.digest:
                raise UploadBrokenError(
                    "The bytes that arrived have another digest than was said; send them anew"
                )
            yield Arrived(path, upload.digest)
        finally:
            remove_unneeded(path)

    def forget(self, site_id: str) -> None:
        """Remove what a site has begun to send and will not go on with."""
        for path in self._folder.glob(f"{site_id}-*"):
            remove_unneeded(path)

    def sweep(self, now: datetime) -> None:
        """Remove rests that nobody went on with for days."""
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < (now - _REST_LIFETIME).timestamp():
                    path.unlink()

    def _begin(self, rest: Path, path: Path, offset: int) -> "hashlib._Hash":
        """Make ``path`` hold the first ``offset`` bytes, and nothing else; return their hash."""
        site_id = rest.name.partition("-")[0]
        for other in self._folder.glob(f"{site_id}-*"):
            if not other.suffix and other != rest:
                remove_unneeded(other)
        with disk_errors_as_refusals():
            if not offset:
                path.touch(mode=0o600)
                return hashlib.sha256()
            with suppress(FileNotFoundError):  # another connection took it over
                if rest.stat().st_size >= offset:
                    rest.rename(path)
                    return _hash_start(path, offset)
        raise UploadBrokenError(
            f"The coordinator has fewer than {offset} bytes of this body; ask where to go on"
        )

    def _rest(self, site_id: str, digest: str) -> Path:
        return self._folder / f"{site_id}-{digest}"


def take_up_cut(folder: Path) -> None:
    """Keep what a coordinator that was killed had received, so that its sites go on with it.

    It was written down but not synced: after a loss of power some of it may be wrong, which the
    whole body's digest shows, and the site then begins anew.

    Args:
        folder: Of arriving bodies, when no process receives any.
    """
    for path in folder.glob("*-*.*"):
        _keep(path, path.with_suffix(""))
        remove_unneeded(path)


def check_length(size_bytes: int, limit_bytes: int) -> None:
    """Refuse a body that is larger than any can be.

    Raises:
        BodyTooLargeError: naming the limit.
    """
    if size_bytes > limit_bytes:
        raise BodyTooLargeError(
            f"The body has more than the {limit_bytes} bytes that are possible here"
        )


def _hash_start(path: Path, offset: int) -> "hashlib._Hash":
    digest = hashlib.sha256()
    with path.open("r+b") as file:
        file.truncate(offset)
        while chunk := file.read(_WRITE_BYTES):
            digest.update(chunk)
    return digest


def _keep(path: Path, rest: Path) -> None:
    with suppress(OSError):  # the site then begins anew
        if not rest.exists() or rest.stat().st_size < path.stat().st_size:
            path.replace(rest)


async def _write_down(
    chunks: AsyncIterator[bytes], path: Path, upload: Upload, digest: "hashlib._Hash"
) -> int:
    """Append what comes; return how many bytes of the body there are then."""
    size = upload.offset
    with disk_errors_as_refusals(), path.open("ab") as file:
        writeback = Writeback(file.fileno())

        def write(pieces: Iterable[bytes | bytearray]) -> None:
            for piece in pieces:
                digest.update(piece)
                writeback.note(file.write(piece))

        pending = _Pending()
        try:
            async for chunk in chunks:
                size += len(chunk)
                pending.add(chunk)
                if pending.size >= _WRITE_BYTES:
                    full, pending = pending, _Pending()
                    await anyio.to_thread.run_sync(write, full.pieces)
        except BaseException:  # whatever ends the line: the next one goes on from here
            write(pending.pieces)
            raise
        await anyio.to_thread.run_sync(write, pending.pieces)
    return size


class _Pending:
    """Bytes that wait to be written: large pieces as they came, small ones put together.

    To copy the large ones would cost as much as to receive them; to keep the small ones apart
    would cost far more room than their bytes.
    """

    def __init__(self) -> None:
        self.pieces: list[bytes | bytearray] = []
        self.size = 0

    def add(self, chunk: bytes) -> None:
        """Append what has come."""
        self.size += len(chunk)
        if len(chunk) >= _SMALL_BYTES:
            self.pieces.append(chunk)
        elif self.pieces and isinstance(self.pieces[-1], bytearray):
            self.pieces[-1] += chunk
        else:
            self.pieces.append(bytearray(chunk))
