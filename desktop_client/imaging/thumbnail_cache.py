"""Pictures by sample and size in one SQLite file, bounded; a damaged file is simply remade."""

import json
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

logger = logging.getLogger(__name__)

DEFAULT_LIMIT_BYTES: Final = 512 * 2**20
"""About 60,000 pictures of 144 px."""
LAYOUT_VERSION: Final = 1
"""A cache of another layout is thrown away."""

_KEPT_SHARE: Final = 0.9
"""How full a cache is after the oldest pictures went; so that they go rarely."""


class ThumbnailCache:
    """Encoded pictures; stays in the thread that opened it.

    Losing it costs only time, so nothing here ever raises over the state of its file: without a
    usable one the cache is empty and forgets, with a warning in the log.
    """

    def __init__(self, path: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._connection = _open(path)
        [(size,)] = self._connection.execute("SELECT ifnull(sum(length(encoded)), 0) FROM pictures")
        self._size_bytes = int(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def get(self, sample_id: str, size_px: int) -> bytes | None:
        """Return one picture, or None."""
        return self.get_many([sample_id], size_px).get(sample_id)

    def get_many(self, sample_ids: Sequence[str], size_px: int) -> dict[str, bytes]:
        """Return the pictures that are there, in the order of the ids."""
        try:
            rows = self._connection.execute(
                "SELECT sample_id, encoded FROM pictures "
                "WHERE size_px = ? AND sample_id IN (SELECT value FROM json_each(?))",
                (size_px, json.dumps(list(sample_ids))),
            ).fetchall()
        except sqlite3.DatabaseError as error:
            logger.warning("Thumbnails cannot be read: %s", error)
            return {}
        found: dict[str, bytes] = dict(rows)
        return {sample_id: found[sample_id] for sample_id in sample_ids if sample_id in found}

    def put_many(self, pictures: Mapping[str, bytes], size_px: int) -> None:
        """Add pictures; when there are too many, the oldest go."""
        rows = [(sample_id, size_px, encoded) for sample_id, encoded in pictures.items()]
        try:
            with self._connection:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO pictures (sample_id, size_px, encoded) "
                    "VALUES (?, ?, ?)",
                    rows,
                )
                self._size_bytes += sum(len(encoded) for encoded in pictures.values())
                if self._size_bytes > self._limit_bytes:
                    self._drop_oldest()
        except sqlite3.DatabaseError as error:
            logger.warning("Thumbnails cannot be saved: %s", error)

    def _drop_oldest(self) -> None:
        """Keep the newest pictures that fit; also counts anew what replaced another."""
        self._connection.execute(
            """
            DELETE FROM pictures WHERE position IN (
                SELECT position FROM (
                    SELECT position, sum(length(encoded)) OVER (ORDER BY position DESC) AS newer
                    FROM pictures
                ) WHERE newer > ?
            )
            """,
            (int(self._limit_bytes * _KEPT_SHARE),),
        )
        [(size,)] = self._connection.execute("SELECT ifnull(sum(length(encoded)), 0) FROM pictures")
        self._size_bytes = int(size)


def _open(path: Path) -> sqlite3.Connection:
    try:
        try:
            return _connect(path)
        except sqlite3.OperationalError:
            raise  # locked, or no such folder: nothing is wrong with the file
        except sqlite3.DatabaseError as error:
            logger.info("Thumbnails are made anew: %s", error)
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return _connect(path)
    except (sqlite3.DatabaseError, OSError) as error:
        logger.warning("Thumbnails cannot be kept: %s", error)
        return _connect(Path(":memory:"))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")  # a lost picture is made again
        [(version,)] = connection.execute("PRAGMA user_version")
        if version != LAYOUT_VERSION:
            _lay_out(connection)
        connection.execute("SELECT position FROM pictures LIMIT 1").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _lay_out(connection: sqlite3.Connection) -> None:
    connection.executescript(
        f"""
        BEGIN IMMEDIATE;
        DROP TABLE IF EXISTS pictures;
        CREATE TABLE pictures (
            position INTEGER PRIMARY KEY,
            sample_id TEXT NOT NULL,
            size_px INTEGER NOT NULL,
            encoded BLOB NOT NULL,
            UNIQUE (sample_id, size_px)
        );
        PRAGMA user_version = {LAYOUT_VERSION};
        COMMIT;
        """
    )
