"""A database and a folder of parameter files that do not belong together are not used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.errors import StateDamagedError
from coordinator.rounds.initial import create_study
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.installation import MARK, bind_folder
from coordinator.storage.store import Store
from tests.coordinator.conftest import Clock, tiny_study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "parameters"


@pytest.fixture
def blobs(folder: Path) -> BlobFolder:
    return BlobFolder(folder)


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'another.sqlite'}")
    yield opened
    opened.close()


def test_new_folder_and_new_database_are_bound_to_each_other(
    store: Store, another: Store, blobs: BlobFolder
) -> None:
    bind_folder(store, blobs)
    bind_folder(store, blobs)
    with pytest.raises(StateDamagedError, match="does not belong to this database"):
        bind_folder(_bound(another, blobs), blobs)


def _bound(another: Store, blobs: BlobFolder) -> Store:
    """Bind a database to a folder of its own."""
    bind_folder(another, BlobFolder(blobs._folder.with_name("elsewhere")))
    return another


def test_folder_that_has_lost_its_mark_is_refused(
    store: Store, blobs: BlobFolder, folder: Path
) -> None:
    bind_folder(store, blobs)
    (folder / MARK).unlink()
    with pytest.raises(StateDamagedError, match="restore both from the same backup"):
        bind_folder(store, blobs)


def test_new_database_beside_a_folder_with_files_is_refused(
    store: Store, another: Store, blobs: BlobFolder
) -> None:
    bind_folder(store, blobs)
    blobs.put([b"abc"])
    with pytest.raises(StateDamagedError, match="holds those of another database"):
        bind_folder(another, blobs)


def test_state_from_before_there_were_marks_is_bound(
    store: Store, blobs: BlobFolder, clock: Clock
) -> None:
    create_study(store, blobs, tiny_study(), (), clock())
    blobs.put([b"abc"])
    bind_folder(store, blobs)
    bind_folder(store, blobs)


def test_binding_that_was_interrupted_after_its_file_is_completed(
    store: Store, blobs: BlobFolder
) -> None:
    blobs.write_mark(MARK, "0" * 32)
    bind_folder(store, blobs)
    assert blobs.read_mark(MARK) == "0" * 32
