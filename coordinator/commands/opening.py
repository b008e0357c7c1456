"""What every command begins with: its settings, and the data folder they name, opened."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import ENOTDIR
from pathlib import Path
from typing import Annotated

import typer

from coordinator.errors import SettingsInvalidError
from coordinator.invitation import fingerprint_of
from coordinator.server.settings import Settings
from coordinator.storage.blobs import BlobFolder, Blobs
from coordinator.storage.installation import bind_folder
from coordinator.storage.object_place import ObjectPlace
from coordinator.storage.store import Store

StudyId = Annotated[str, typer.Argument(help="Id of the study, as `study list` prints it.")]


@dataclass(frozen=True, slots=True)
class State:
    """The open data folder."""

    store: Store
    blobs: Blobs


@contextmanager
def opened(context: typer.Context) -> Iterator[State]:
    """Open what the settings of the command line name.

    Raises:
        SettingsInvalidError: if the data folder or the database cannot be used.
        StateDamagedError: if the database cannot be read.
        StateTooNewError: if a newer version of this program wrote the database.
    """
    with opened_at(settings_of(context)) as state:
        yield state


@contextmanager
def opened_at(settings: Settings) -> Iterator[State]:
    """Open what these settings name; raises what ``opened`` does, and then leaves nothing behind.

    What is new is readable by this user only.
    """
    with ExitStack() as if_refused:
        state = _open(settings, if_refused)
        if_refused.pop_all()
    try:
        yield state
    finally:
        state.store.close()


def _open(settings: Settings, if_refused: ExitStack) -> State:
    """Open the folder and the database; ``if_refused`` learns how what is new is removed again."""
    folder, database = settings.data_folder, settings.data_folder / "coordinator.sqlite"
    try:
        for needed in (folder, folder / "parameters"):
            _make_folder(needed, if_refused)
        if settings.database_url is None:
            _make_file(database, if_refused)
    except OSError as error:
        raise SettingsInvalidError(
            f"The data folder {folder} cannot be used: {error.strerror}. Give the coordinator's "
            "user the right to write there, or name another folder (--data-folder)"
        ) from error
    blobs = _blobs(settings.objects_at, BlobFolder(folder / "parameters"))
    store = Store(settings.database_url or f"sqlite:///{database}", settings.patience_s)
    with ExitStack() as if_unbound:
        if_unbound.callback(store.close)
        bind_folder(store, blobs)
        if_unbound.pop_all()
    return State(store, blobs)


def _blobs(place: ObjectPlace | None, folder: BlobFolder) -> Blobs:
    if place is None:
        return folder
    try:
        # Needs an extra, and takes half a second.
        from coordinator.storage.objects import ObjectBlobs
    except ImportError as error:
        raise SettingsInvalidError(
            "object_store needs the library boto3; install the coordinator with the extra `s3`"
        ) from error
    return ObjectBlobs(place, folder)


def _make_folder(folder: Path, if_refused: ExitStack) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
        if_refused.callback(_remove_if_empty, path)
    if not folder.is_dir():
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR))


def _make_file(path: Path, if_refused: ExitStack) -> None:
    """Make the file if there is none; what SQLite makes beside it has the same rights."""
    with suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
        if_refused.callback(path.unlink, missing_ok=True)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def settings_of(context: typer.Context) -> Settings:
    """Return what the options before the command said."""
    settings = context.obj
    if not isinstance(settings, Settings):
        raise TypeError("the callback has not run")
    return settings


def shown_fingerprint(settings: Settings) -> str:
    """Return the fingerprint of the certificate that sites are shown; empty if it is not known.

    Raises:
        SettingsInvalidError: if its file cannot be read.
    """
    path = settings.shown_certificate
    if path is None:
        return ""
    try:
        return fingerprint_of(path.read_text(encoding="ascii", errors="replace"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsInvalidError(
            f"The certificate {path} cannot be read: {reason}. Correct public_certificate or "
            "tls_certificate; it has to be a PEM file"
        ) from error


def now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)
