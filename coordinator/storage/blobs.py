"""Parameter files, each named by the SHA-256 of its bytes; here in a local folder.

A name is given out only when the bytes are on the disk; reading checks them against it, once for
as long as the file stays as it is.
"""

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from coordinator.errors import UploadBrokenError
from coordinator.storage.bodies import Body, open_body
from coordinator.storage.durable import (
    Writeback,
    damaged,
    disk_errors_as_refusals,
    remove_unneeded,
    rename_durably,
    rename_synced,
    sync_folder,
)

BLOB_NAME: Final = re.compile("[0-9a-f]{64}")
_UNFINISHED: Final = ".part"
_UNFINISHED_LIFETIME: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file that is durable under the SHA-256 of its bytes."""

    name: str
    size_bytes: int


class Shelf(Protocol):
    """What files are made from, and where they are put; each verb says more in ``BlobFolder``."""

    def put(self, parts: Iterable[bytes | memoryview], *, is_followed: bool = False) -> Blob:
        """Make bytes, given piece by piece, durable."""

    def path(self, name: str) -> Path:
        """Return a local file with the bytes of a name: for what is read again and again."""

    def body(self, name: str) -> Body:
        """Return the body of a name, to be read by ranges wherever it lies."""


class Blobs(Shelf, Protocol):
    """Where parameter files are kept."""

    def written(
        self, parts: Iterable[bytes | memoryview]
    ) -> AbstractContextManager[tuple[Path, Blob]]:
        """Write bytes to a local file that is gone afterwards unless adopted."""

    def adopt(self, path: Path, name: str) -> None:
        """Take over a local file whose bytes are known to have this SHA-256; it is then durable."""

    def check(self, name: str) -> None:
        """Refuse to serve without the bytes of a name."""

    def has(self, *names: str) -> bool:
        """Return whether all of these are there, whatever their bytes."""

    def check_there(self, name: str) -> None:
        """Refuse to name a file in a row that was swept since it was put there."""

    def delete(self, *names: str) -> bool:
        """Forget the bytes of names that nothing refers to any more."""

    def names(self) -> Iterator[str]:
        """Yield all names, in any order."""

    def names_before(self, moment: datetime) -> Iterator[str]:
        """Yield the names of what was last put there before a moment."""

    def is_older(self, name: str, moment: datetime) -> bool:
        """Return whether a file was last put there before a moment; False if it is gone."""

    def renew(self, name: str) -> None:
        """Let a file be as if it were put there now; nothing happens if it is gone."""

    def read_mark(self, name: str) -> str | None:
        """Return what a small file beside the others says, if it is there."""

    def write_mark(self, name: str, words: str) -> None:
        """Put a small file beside the others, durably."""

    def remove_unfinished(self, now: datetime) -> None:
        """Remove what a crash left half-written."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What shows from outside that a file is still the one that was read through."""

    size_bytes: int
    changed_ns: int
    inode: int

    @classmethod
    def at(cls, path: Path) -> "_Look":
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


class BlobFolder:
    """Content-addressed files; safe to use from several threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._verified: dict[str, _Look] = {}
        self._verified_lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, parts: Iterable[bytes | memoryview], *, is_followed: bool = False) -> Blob:
        """Make bytes, given piece by piece, durable.

        Args:
            parts: The bytes.
            is_followed: Whether another ``put`` comes before anybody is told: a name is durable
                with the names that come after it.

        Raises:
            StorageFullError: if the disk has no room; nothing is then left behind.
            StateDamagedError: if the disk cannot be written.
        """
        with disk_errors_as_refusals(), self.written(parts) as (path, blob):
            self._name(path, blob.name, is_followed=is_followed)
        return blob

    @contextmanager
    def written(self, parts: Iterable[bytes | memoryview]) -> Iterator[tuple[Path, Blob]]:
        """Write bytes, given piece by piece, to a file that is gone afterwards unless adopted.

        Raises:
            StorageFullError: if the disk has no room; nothing is then left behind.
            StateDamagedError: if the disk cannot be written.
        """
        with self._unfinished() as (file, path):
            with disk_errors_as_refusals():
                digest, size, writeback = hashlib.sha256(), 0, Writeback(file.fileno())
                for part in parts:
                    digest.update(part)
                    byte_count = file.write(part)
                    writeback.note(byte_count)
                    size += byte_count
                file.close()
            yield path, Blob(digest.hexdigest(), size)

    def adopt(self, path: Path, name: str) -> None:
        """Take over a file whose bytes are known to have this SHA-256, and make it durable.

        Args:
            path: The file, on the folder's own file system; it is no longer there afterwards.
            name: The SHA-256.

        Raises:
            StorageFullError: if the disk has no room.
            StateDamagedError: if the disk cannot be written.
        """
        with disk_errors_as_refusals():
            self._name(path, name)

    def path(self, name: str) -> Path:
        """Return where the bytes of a name lie, which are as they were put there.

        Raises:
            StateDamagedError: if they are missing, torn or altered.
        """
        path = self._folder / name
        try:
            look = _Look.at(path)
            with self._verified_lock:
                is_known = self._verified.get(name) == look
            if not is_known:
                _check_bytes(path, name)
                self._note(name, look)
        except OSError as error:
            raise damaged(name) from error
        return path

    def body(self, name: str) -> Body:
        """Return the body of a name, whose bytes are as they were put there.

        Raises:
            StateDamagedError: if they are missing, torn or altered.
        """
        return open_body(self.path(name))

    def check(self, name: str) -> None:
        """Read the bytes of a name through, unless that was done before.

        Raises:
            StateDamagedError: if they are missing, torn or altered.
        """
        self.path(name)

    def has(self, *names: str) -> bool:
        """Return whether there are files of all these names, whatever their bytes."""
        return all((self._folder / name).exists() for name in names)

    def check_there(self, name: str) -> None:
        """Refuse to name a file in a row that was swept since it was put there.

        To be asked in the transaction that enters the row.

        Raises:
            UploadBrokenError: if it is gone.
        """
        if not self.has(name):
            raise UploadBrokenError("What was sent is no longer there; send it again")

    def delete(self, *names: str) -> bool:
        """Forget the bytes of names that nothing refers to any more; return whether all are gone.

        Whoever does not need them is not stopped by a sick disk; a sweep takes the rest in time.
        """
        with self._verified_lock:
            for name in names:
                self._verified.pop(name, None)
        are_gone = [remove_unneeded(self._folder / name) for name in names]
        return all(are_gone)

    def names(self) -> Iterator[str]:
        """Yield the names of all files, in any order."""
        with os.scandir(self._folder) as entries:
            yield from (entry.name for entry in entries if BLOB_NAME.fullmatch(entry.name))

    def names_before(self, moment: datetime) -> Iterator[str]:
        """Yield the names of files that were last put there before a moment."""
        yield from (name for name in self.names() if self.is_older(name, moment))

    def is_older(self, name: str, moment: datetime) -> bool:
        """Return whether a file was last put there before a moment; False if it is gone."""
        try:
            return (self._folder / name).stat().st_mtime < moment.timestamp()
        except FileNotFoundError:
            return False

    def renew(self, name: str) -> None:
        """Let a file be as if it were put there now; nothing happens if it is gone.

        Raises:
            StateDamagedError: if the disk cannot be written.
        """
        with disk_errors_as_refusals(), suppress(FileNotFoundError):
            os.utime(self._folder / name)

    def read_mark(self, name: str) -> str | None:
        """Return what a small file beside the others says, if it is there."""
        try:
            return (self._folder / name).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def write_mark(self, name: str, words: str) -> None:
        """Put a small file beside the others, durably.

        Raises:
            StorageFullError: if the disk has no room left.
            StateDamagedError: if the disk cannot be written.
        """
        with disk_errors_as_refusals(), self._unfinished() as (file, path):
            file.write(f"{words}\n".encode("ascii"))
            file.close()
            rename_durably(path, self._folder / name)

    def remove_unfinished(self, now: datetime) -> None:
        """Remove what a crash left half-written; of the files that have a name, none is touched.

        Args:
            now: What is younger than a day then may still be being written by another process.
        """
        for path in self._folder.glob(f"*{_UNFINISHED}"):
            with suppress(FileNotFoundError):  # it has just got its name
                if path.stat().st_mtime < (now - _UNFINISHED_LIFETIME).timestamp():
                    path.unlink()

    @contextmanager
    def _unfinished(self) -> Iterator[tuple[BinaryIO, Path]]:
        descriptor, name = tempfile.mkstemp(suffix=_UNFINISHED, dir=self._folder)
        path = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file, path
        finally:
            remove_unneeded(path)  # it has its name by now, or is of no use

    def _name(self, path: Path, name: str, *, is_followed: bool = False) -> None:
        rename_synced(path, self._folder / name)
        if not is_followed:
            sync_folder(self._folder)
        self._note(name, _Look.at(self._folder / name))

    def _note(self, name: str, look: _Look) -> None:
        with self._verified_lock:
            self._verified[name] = look


def _check_bytes(path: Path, name: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != name:
            raise damaged(name)
