"""One writer at a time: a lock of the operating system on a file in the project.

The system lets go of it when the process ends, however it ends; a lock is never stale. What the
file says of its holder is only read while the lock is held.
"""

import json
import os
import platform
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from desktop_client.errors import ProjectError, ProjectInUseError
from desktop_client.paths import user_name

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FAR: Final = 1 << 30
"""Windows lets nobody read bytes that are locked: the lock lies far behind the holder's name."""
_HOLDER_BYTES: Final = 4096


@dataclass(frozen=True)
class Holder:
    """Who has a project open, in their own words."""

    user: str = ""
    computer: str = ""
    program: str = ""
    since: str = ""
    """ISO 8601, UTC."""
    process_id: int = 0

    @classmethod
    def this_process(cls, program: str) -> "Holder":
        """Return who runs this process; ``program`` is ``the window`` or a command's name."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(user_name(), platform.node(), program, now, os.getpid())

    def in_words(self) -> str:
        """Return who it is, on which computer and since when, in local time."""
        who = self.user or "somebody"
        where = f" on {self.computer}" if self.computer else ""
        what = f" with {self.program}" if self.program else ""
        try:
            since = datetime.fromisoformat(self.since).astimezone()
        except ValueError:
            return f"{who}{where}{what}"
        return f"{who}{where}{what} since {since:%H:%M on %d %B %Y}"


class ProjectLock:
    """Held from construction until ``release`` or the end of the process.

    Raises:
        ProjectInUseError: if another program, window or person has the project open.
        ProjectError: if the lock's file cannot be written.
    """

    def __init__(self, path: Path, program: str) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise ProjectError(
                f"The project {path.parent} cannot be opened for writing: {error.strerror}. Ask "
                "whoever looks after this computer for the right to write there."
            ) from error
        try:
            _lock(self._descriptor)
        except OSError as error:
            holder = _read_holder(self._descriptor)
            os.close(self._descriptor)
            raise ProjectInUseError(path.parent, holder) from error
        with suppress(OSError):  # a full disk; who holds the lock is a courtesy
            _write_holder(self._descriptor, Holder.this_process(program))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let others open the project; the file stays, so that nobody locks one just removed."""
        if self._descriptor >= 0:
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)  # which unlocks
            self._descriptor = -1


def _lock(descriptor: int) -> None:
    """Take the lock at once, or raise OSError."""
    if sys.platform == "win32":
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write_holder(descriptor: int, holder: Holder) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, json.dumps(asdict(holder)).encode())


def _read_holder(descriptor: int) -> str:
    """Return the holder in words; the file may be half written or of another version."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        told = json.loads(os.read(descriptor, _HOLDER_BYTES))
        return Holder(**told).in_words()
    except (ValueError, TypeError, OSError):
        return Holder().in_words()
