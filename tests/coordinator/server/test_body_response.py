"""Pieces of a file, whether the kernel holds them in memory or not."""

import os
from collections.abc import Iterator
from errno import EOPNOTSUPP
from pathlib import Path

import anyio
import pytest

from coordinator.server.body_response import FileAtHand

CONTENT = os.urandom(1_000_003)
WITHOUT_WAITING = getattr(os, "RWF_NOWAIT", None)

pytestmark = pytest.mark.skipif(
    WITHOUT_WAITING is None, reason="elsewhere than on Linux files are read in threads"
)


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    path = tmp_path / "body"
    path.write_bytes(CONTENT)
    opened = os.open(path, os.O_RDWR)
    yield opened
    os.close(opened)


def file_at_hand(descriptor: int) -> FileAtHand:
    assert WITHOUT_WAITING is not None
    return FileAtHand(descriptor, WITHOUT_WAITING)


def pieces_of(file: FileAtHand, size: int) -> list[memoryview]:
    async def read() -> list[memoryview]:
        return [await file.read(size) for _ in range(len(CONTENT) // size + 2)]

    return anyio.run(read)


def forget(descriptor: int) -> None:
    """Take the file out of the kernel's memory."""
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def test_pieces_follow_each_other_up_to_the_end_of_the_file(descriptor: int) -> None:
    pieces = pieces_of(file_at_hand(descriptor), 300_000)
    assert [len(piece) for piece in pieces] == [300_000, 300_000, 300_000, 100_003, 0]
    assert b"".join(pieces) == CONTENT


def test_file_that_only_the_disk_has_is_read_all_the_same(descriptor: int) -> None:
    forget(descriptor)
    assert b"".join(pieces_of(file_at_hand(descriptor), 300_000)) == CONTENT


def test_piece_of_which_a_part_is_in_memory_comes_whole(descriptor: int) -> None:
    forget(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_RANDOM)  # reads nothing ahead
    os.pread(descriptor, 4096, 0)
    first, *_ = pieces_of(file_at_hand(descriptor), 300_000)
    assert first == CONTENT[:300_000]


def test_file_system_that_cannot_tell_is_read_all_the_same(
    descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    preadv = os.preadv

    def waiting_only(
        descriptor: int, buffers: list[memoryview], offset: int, flags: int = 0
    ) -> int:
        if flags:
            raise OSError(EOPNOTSUPP, os.strerror(EOPNOTSUPP))
        return preadv(descriptor, buffers, offset)

    monkeypatch.setattr(os, "preadv", waiting_only)
    assert b"".join(pieces_of(file_at_hand(descriptor), 300_000)) == CONTENT


def test_reading_goes_on_from_where_it_was_told_to(descriptor: int) -> None:
    async def read() -> memoryview:
        file = file_at_hand(descriptor)
        await file.seek(999_990)
        return await file.read(100)

    assert anyio.run(read) == CONTENT[999_990:]
