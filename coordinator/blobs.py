"""Parameter files in a local folder, each named by the SHA-256 of its bytes.

A name is given out only when the bytes are on the disk; reading checks them against it.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from coordinator.errors import StateDamagedError

_CHUNK_BYTES: Final = 1 << 20
_UNFINISHED: Final = ".part"
_UNFINISHED_LIFETIME: Final = timedelta(days=1)


class BlobFolder:
    """Content-addressed files; safe to use from several threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, body: bytes) -> str:
        """Make bytes durable and return their name.

        Raises:
            StateDamagedError: if the disk is full or cannot be written.
        """
        name = hashlib.sha256(body).hexdigest()
        try:
            _write_durably(self._folder / name, body)
        except OSError as error:
            raise StateDamagedError(
                f"The coordinator cannot write its parameter files: {error.strerror}"
            ) from error
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes of a name.

        Raises:
            StateDamagedError: if they are missing, torn or altered.
        """
        try:
            body = (self._folder / name).read_bytes()
        except OSError as error:
            raise _damaged(name) from error
        if hashlib.sha256(body).hexdigest() != name:
            raise _damaged(name)
        return body

    def verified_path(self, name: str) -> Path:
        """Return where the bytes of a name lie, after reading them through.

        Raises:
            StateDamagedError: if they are missing, torn or altered.
        """
        path = self._folder / name
        digest = hashlib.sha256()
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
        except OSError as error:
            raise _damaged(name) from error
        if digest.hexdigest() != name:
            raise _damaged(name)
        return path

    def remove_unfinished(self, now: datetime) -> None:
        """Remove what a crash left half-written; of the files that have a name, none is touched.

        Args:
            now: What is younger than a day then may still be being written by another process.
        """
        for path in self._folder.glob(f"*{_UNFINISHED}"):
            with suppress(FileNotFoundError):  # it has just got its name
                if path.stat().st_mtime < (now - _UNFINISHED_LIFETIME).timestamp():
                    path.unlink()

    def delete(self, name: str) -> None:
        """Forget the bytes of a name that nothing refers to any more."""
        (self._folder / name).unlink(missing_ok=True)


def _damaged(name: str) -> StateDamagedError:
    return StateDamagedError(
        f"The coordinator's parameter file {name[:12]} is missing or damaged; "
        "its operator must restore it from a backup"
    )


def _write_durably(path: Path, body: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(suffix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename in the folder durable; Windows can neither do so nor needs it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
