"""Files that survive a power loss: their bytes first, then their name, then the folder's entry."""

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from coordinator.errors import CoordinatorError, StateDamagedError, StorageFullError

logger = logging.getLogger(__name__)

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def rename_durably(path: Path, target: Path) -> None:
    """Give a complete file its final name, which it has from then on whatever happens.

    Raises:
        OSError: if the disk refuses; the file may then have either name.
    """
    rename_synced(path, target)
    sync_folder(target.parent)


def rename_synced(path: Path, target: Path) -> None:
    """Give a complete file its final name, which is durable when the folder is synced.

    Raises:
        OSError: if the disk refuses; the file may then have either name.
    """
    _sync_file(path)
    path.replace(target)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; Windows can neither do so nor needs it."""
    if os.name != "nt":
        _sync(os.open(folder, os.O_RDONLY))


def remove_unneeded(path: Path) -> None:
    """Remove a file, if it is there; whoever needs it no more is not stopped by a sick disk."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("A file that is no longer needed cannot be removed: %s", error.strerror)


@contextmanager
def disk_errors_as_refusals() -> Iterator[None]:
    """Say in a sentence what the disk refuses.

    Raises:
        StorageFullError: if there is no room left.
        StateDamagedError: if the disk cannot be written for another reason.
    """
    try:
        yield
    except OSError as error:
        raise _refusal(error) from error


def _sync_file(path: Path) -> None:
    _sync(os.open(path, os.O_RDWR))


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refusal(error: OSError) -> CoordinatorError:
    if error.errno in _FULL:
        return StorageFullError(
            "The coordinator's disk is full; nothing was changed. Its operator must make room, "
            "and what was being done can then be done again"
        )
    return StateDamagedError(f"The coordinator cannot write its parameter files: {error.strerror}")


def damaged(name: str) -> StateDamagedError:
    """Return the refusal to use a parameter file that is missing, torn or altered."""
    return StateDamagedError(
        f"The coordinator's parameter file {name[:12]} is missing or damaged; "
        "its operator must restore it from a backup"
    )
