"""The cache of pictures: bounded, and never a reason to stop."""

import logging
import sqlite3
from pathlib import Path

import pytest

from desktop_client.imaging.thumbnail_cache import ThumbnailCache


@pytest.fixture
def cache_path(tmp_path: Path) -> Path:
    return tmp_path / "thumbnails.sqlite"


def test_pictures_are_found_again_by_sample_and_size(cache_path: Path) -> None:
    with ThumbnailCache(cache_path) as cache:
        cache.put_many({"a": b"small", "b": b"other"}, 96)
        cache.put_many({"a": b"large"}, 144)
    with ThumbnailCache(cache_path) as cache:
        assert cache.get("a", 96) == b"small"
        assert cache.get("a", 144) == b"large"
        assert cache.get("b", 144) is None
        assert list(cache.get_many(["b", "missing", "a"], 96).items()) == [
            ("b", b"other"),
            ("a", b"small"),
        ]


def test_the_oldest_pictures_go_when_there_are_too_many(cache_path: Path) -> None:
    with ThumbnailCache(cache_path, limit_bytes=1000) as cache:
        for number in range(11):
            cache.put_many({str(number): bytes(100)}, 96)
        # The eleventh is too much; the newest nine fit into nine tenths of the limit.
        kept = cache.get_many([str(number) for number in range(11)], 96)
    assert list(kept) == [str(number) for number in range(2, 11)]


def test_the_limit_holds_over_restarts(cache_path: Path) -> None:
    for number in range(30):
        with ThumbnailCache(cache_path, limit_bytes=1000) as cache:
            cache.put_many({str(number): bytes(100)}, 96)
            assert len(cache.get_many([str(n) for n in range(30)], 96)) <= 10


def test_a_damaged_file_is_made_anew(cache_path: Path) -> None:
    cache_path.write_bytes(b"not a database " * 100)
    with ThumbnailCache(cache_path) as cache:
        assert cache.get("a", 96) is None
        cache.put_many({"a": b"picture"}, 96)
    with ThumbnailCache(cache_path) as cache:
        assert cache.get("a", 96) == b"picture"


def test_a_cache_of_another_layout_is_emptied(cache_path: Path) -> None:
    connection = sqlite3.connect(cache_path)
    connection.executescript("CREATE TABLE pictures (old); PRAGMA user_version = 99")
    connection.close()
    with ThumbnailCache(cache_path) as cache:
        cache.put_many({"a": b"picture"}, 96)
        assert cache.get("a", 96) == b"picture"


def test_without_a_usable_file_pictures_are_made_but_not_kept(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    with ThumbnailCache(tmp_path / "missing" / "thumbnails.sqlite") as cache:
        cache.put_many({"a": b"picture"}, 96)
        assert cache.get("a", 96) == b"picture"
    assert "Thumbnails cannot be kept" in expected_warnings[0].getMessage()
