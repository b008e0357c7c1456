"""What the disk is told, and when."""

from pathlib import Path

import pytest

from coordinator.storage import durable
from coordinator.storage.durable import Writeback


def test_disk_begins_with_a_file_every_few_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    monkeypatch.setattr(durable, "_sync_file_range", lambda *words: begun.append(words[0]))
    writeback = Writeback(7)
    for _ in range(10):
        writeback.note(1 << 20)
    assert begun == [7, 7]


def test_system_that_cannot_begin_early_writes_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "_sync_file_range", None)
    with (tmp_path / "file").open("wb") as file:
        Writeback(file.fileno()).note(file.write(bytes(5 << 20)))
    assert (tmp_path / "file").stat().st_size == 5 << 20


def test_linux_takes_the_call(tmp_path: Path) -> None:
    if durable._sync_file_range is None:
        pytest.skip("this system has no sync_file_range")
    with (tmp_path / "file").open("wb") as file:
        file.write(bytes(1 << 20))
        descriptor = file.fileno()
        assert durable._sync_file_range(descriptor, 0, 0, durable._SYNC_FILE_RANGE_WRITE) == 0
