import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coordinator.errors import StateDamagedError, StorageFullError
from coordinator.storage.blobs import BlobFolder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(folder: Path) -> BlobFolder:
    return BlobFolder(folder)


def test_name_of_a_blob_is_the_sha256_of_its_bytes(blobs: BlobFolder) -> None:
    blob = blobs.put([b"ab", b"c"])
    assert (blob.name, blob.size_bytes) == (hashlib.sha256(b"abc").hexdigest(), 3)


def test_bytes_come_back_as_they_were_put(blobs: BlobFolder) -> None:
    name = blobs.put([b"\x00\xff"] * 1000).name
    assert blobs.path(name).read_bytes() == b"\x00\xff" * 1000


def test_same_bytes_are_kept_once(blobs: BlobFolder, folder: Path) -> None:
    assert blobs.put([b"abc"]) == blobs.put([b"a", b"bc"])
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"ab", b"abd", b"abcd"], ids=["cut", "altered", "longer"])
def test_damaged_bytes_are_refused_with_a_sentence(
    blobs: BlobFolder, folder: Path, damage: bytes
) -> None:
    name = blobs.put([b"abc"]).name
    (folder / name).write_bytes(damage)
    with pytest.raises(StateDamagedError, match=f"{name[:12]} is missing or damaged"):
        blobs.path(name)
    with pytest.raises(StateDamagedError, match=f"{name[:12]} is missing or damaged"):
        BlobFolder(folder).path(name)


def test_putting_the_bytes_again_repairs_a_damaged_file(blobs: BlobFolder, folder: Path) -> None:
    name = blobs.put([b"abc"]).name
    (folder / name).write_bytes(b"ab")
    blobs.put([b"abc"])
    assert blobs.path(name).read_bytes() == b"abc"


def test_missing_bytes_are_refused_with_a_sentence(blobs: BlobFolder) -> None:
    with pytest.raises(StateDamagedError, match="missing or damaged"):
        blobs.path("0" * 64)


def test_file_is_read_through_once_for_as_long_as_it_stays_as_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = BlobFolder(folder).put([b"abc"]).name
    read: list[str] = []
    whole = hashlib.file_digest

    def counted(file: Any, kind: str) -> Any:
        read.append(file.name)
        return whole(file, kind)

    monkeypatch.setattr("hashlib.file_digest", counted)
    blobs = BlobFolder(folder)
    assert blobs.path(name) == blobs.path(name)
    assert len(read) == 1
    (folder / name).write_bytes(b"abc")
    blobs.path(name)
    assert len(read) == 2


def test_adopted_file_moves_into_the_folder(blobs: BlobFolder, folder: Path) -> None:
    arrived = folder.with_name("arrived")
    arrived.write_bytes(b"abc")
    name = hashlib.sha256(b"abc").hexdigest()
    blobs.adopt(arrived, name)
    assert not arrived.exists()
    assert blobs.path(name).read_bytes() == b"abc"


def test_write_that_fails_leaves_nothing_behind(
    blobs: BlobFolder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", disk_full)
    with pytest.raises(StorageFullError, match="disk is full; nothing was changed"):
        blobs.put([b"abc"])
    assert list(folder.iterdir()) == []


def test_deleted_bytes_are_gone_and_may_be_deleted_twice(blobs: BlobFolder, folder: Path) -> None:
    name = blobs.put([b"abc"]).name
    blobs.delete(name)
    blobs.delete(name)
    assert list(folder.iterdir()) == []


def test_what_a_crash_left_half_written_is_removed_after_a_day(
    blobs: BlobFolder, folder: Path
) -> None:
    kept = blobs.put([b"abc"]).name
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for name, age in (("old.part", 86_401), ("new.part", 86_399), (kept, 10 * 86_400)):
        (folder / name).touch()
        written_at = now.timestamp() - age
        os.utime(folder / name, (written_at, written_at))
    blobs.remove_unfinished(now)
    assert {path.name for path in folder.iterdir()} == {"new.part", kept}


def test_names_that_another_follows_are_synced_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(
        "coordinator.storage.blobs.sync_folder",
        lambda folder: synced.append(len(list(BlobFolder(folder).names()))),
    )
    blobs = BlobFolder(tmp_path)
    for content in (b"one", b"two"):
        blobs.put([content], is_followed=True)
    assert synced == []
    blobs.put([b"three"])
    assert synced == [3]
