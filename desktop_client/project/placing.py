"""Puts a checked back-up in a project's place; killed at any point, it goes on from there.

What is to be put in place lies, whole and checked, in a folder of the project. That folder's name
says how far it is: ``.unchecked``, then ``.checked`` (now the old parts are set aside, never
deleted), then ``.placing`` (now the new parts are moved in, the labels last).
"""

import shutil
from pathlib import Path
from typing import Final

from desktop_client.durable import sync_folder
from desktop_client.errors import ProjectError
from desktop_client.paths import Home
from desktop_client.project.contents import KEPT_PREFIX, STAGED_PREFIX, replaced_by_restore

UNCHECKED: Final = ".unchecked"
CHECKED: Final = ".checked"
PLACING: Final = ".placing"


def staged_path(home: Home, stamp: str) -> Path:
    """Return the folder to extract a back-up into; ``stamp`` is the time, in file-name form."""
    return home.path / f"{STAGED_PREFIX}{stamp}{UNCHECKED}"


def place(home: Home, staged: Path) -> None:
    """Put a checked folder in place; the project's lock must be held.

    Raises:
        ProjectError: if the disk refuses; opening the project again goes on.
    """
    staged.rename(staged.with_suffix(CHECKED))
    sync_folder(home.path)
    finish_placing(home)


def finish_placing(home: Home) -> None:
    """Finish a restore that was interrupted, or forget one whose back-up was never checked.

    Raises:
        ProjectError: if the disk refuses.
    """
    try:
        for staged in sorted(home.path.glob(f"{STAGED_PREFIX}*")):
            if staged.suffix == UNCHECKED:
                shutil.rmtree(staged)
            elif staged.suffix == CHECKED:
                _move_in(home, _set_aside(home, staged))
            elif staged.suffix == PLACING:
                _move_in(home, staged)
    except OSError as error:
        raise ProjectError(
            f"A back-up could not be put in place in {home.path}: {error.strerror}. What was there "
            f"before is in a folder {KEPT_PREFIX}… in it. Open the project again to go on."
        ) from error


def _set_aside(home: Home, staged: Path) -> Path:
    stamp = staged.stem.removeprefix(STAGED_PREFIX)
    kept = home.path / f"{KEPT_PREFIX}{stamp}"
    for old in replaced_by_restore(home):
        kept.mkdir(exist_ok=True, mode=0o700)
        old.rename(kept / old.name)
    placing = staged.with_suffix(PLACING)
    staged.rename(placing)
    sync_folder(home.path)
    return placing


def _move_in(home: Home, staged: Path) -> None:
    for new in sorted(staged.iterdir(), key=lambda path: path == staged / home.labels_path.name):
        new.rename(home.path / new.name)
    sync_folder(home.path)
    staged.rmdir()
