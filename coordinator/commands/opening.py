"""What every command begins with: its settings, and the data folder they name, opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from coordinator.errors import SettingsInvalidError
from coordinator.server.settings import Settings
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.installation import bind_folder
from coordinator.storage.store import Store

StudyId = Annotated[str, typer.Argument(help="Id of the study, as `study list` prints it.")]


@dataclass(frozen=True, slots=True)
class State:
    """The open data folder."""

    store: Store
    blobs: BlobFolder


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
    """Open what these settings name; raises what ``opened`` does."""
    folder = settings.data_folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        blobs = BlobFolder(folder / "parameters")
    except OSError as error:
        raise SettingsInvalidError(
            f"The data folder {folder} cannot be used: {error.strerror}"
        ) from error
    store = Store(settings.database_url or f"sqlite:///{folder / 'coordinator.sqlite'}")
    try:
        bind_folder(store, blobs)
        yield State(store, blobs)
    finally:
        store.close()


def settings_of(context: typer.Context) -> Settings:
    """Return what the options before the command said."""
    settings = context.obj
    if not isinstance(settings, Settings):
        raise TypeError("the callback has not run")
    return settings


def now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)
