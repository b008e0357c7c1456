"""How long nobody has served: told by what processes leave behind while they live.

In a data folder each holds a shared lock on an empty file and renews its time now and then. Whoever
comes next knows by the lock whether another one still lives, and by the time how long none has. In
a database that several machines share, each renews one time of them all.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from coordinator.storage.durable import disk_errors_as_refusals
from coordinator.storage.tables import installation

try:
    import fcntl
except ImportError:  # Windows, where one process is all that ever serves a folder
    fcntl = None  # type: ignore[assignment]

_FILE: Final = "attended"
RENEWAL_S: Final = 10.0
"""How often a process renews the time; by so much an absence may seem longer than it was."""


_SILENCE: Final = timedelta(seconds=2 * RENEWAL_S)
"""Whoever has not renewed the time of a database for so long serves it no more."""


def attend(connection: Connection, now: datetime) -> timedelta | None:
    """Note that the database is served now; return how long nobody had noted so.

    That is None if another process has done so lately, and nothing for a new database.
    """
    noted_at = connection.execute(select(installation.c.attended_at)).scalar_one_or_none()
    connection.execute(update(installation).values(attended_at=now))
    if noted_at is None:
        return timedelta(0)
    absence = max(timedelta(0), now - noted_at)
    return absence if absence > _SILENCE else None


@contextmanager
def attended(folder: Path) -> Iterator[timedelta | None]:
    """Attend a data folder while the block runs; yield how long nobody did so before.

    That is None if another process does so at this moment, and nothing for a new folder.

    Raises:
        StateDamagedError: if the folder cannot be written.
    """
    path = folder / _FILE
    with disk_errors_as_refusals():
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        is_alone = _take_alone(descriptor)
        absence_s = 0.0 if is_new else max(0.0, time.time() - path.stat().st_mtime)
        renew_attendance(folder)
        _share(descriptor)
        yield timedelta(seconds=absence_s) if is_alone else None
        renew_attendance(folder)
    finally:
        os.close(descriptor)


def renew_attendance(folder: Path) -> None:
    """Note that the folder is served at this moment, if any process has said that it would be."""
    with suppress(OSError):
        os.utime(folder / _FILE)


def _take_alone(descriptor: int) -> bool:
    """Lock the file for this process alone; return whether nobody else holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _share(descriptor: int) -> None:
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
