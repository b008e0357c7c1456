"""The label store's SQLite file: opened, checked and migrated; failures put into words."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.schema import APPLICATION_ID, MIGRATIONS, Step

BUSY_TIMEOUT_S: Final = 15.0
"""How long to wait while another thread or process writes; their transactions are short."""


class Database:
    """One connection to one label store; stays in the thread that opened it.

    Raises:
        LabelStoreError: from every method, if the file is damaged, locked, full, of a newer
            version or no label store at all. The file is then left as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._put_into_words():
            self._connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            with self._put_into_words():
                self._check()
                self._configure()
                self._migrate()
                self._connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """End the connection; what was not committed is gone."""
        self._connection.close()

    def read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._put_into_words():
            return self._connection.execute(sql, values).fetchall()

    def write(self, sql: str, *values: object) -> int:
        """Carry out one statement and return the row id of what it inserted last."""
        with self._put_into_words():
            return self._connection.execute(sql, values).lastrowid or 0

    def write_many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Carry out one statement for each row of values."""
        with self._put_into_words():
            self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside durable as a whole, or not at all; may be nested."""
        if self._connection.in_transaction:
            yield
            return
        self.write("BEGIN IMMEDIATE")
        try:
            yield
            self.write("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self.write("ROLLBACK")
            raise

    def _check(self) -> None:
        """Refuse what is no label store, or one that this program is too old for."""
        tables = self._pragma("schema_version")
        if tables and self._pragma("application_id") != APPLICATION_ID:
            raise LabelStoreError(f"{self._path} is a database, but not one with labels.")
        version = self._pragma("user_version")
        if version > len(MIGRATIONS):
            raise LabelStoreError(
                f"{self._path} was written by a newer SiteBlind (labels version {version}, "
                f"this program knows {len(MIGRATIONS)}). Install the newer program again."
            )
        (verdict,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise LabelStoreError(self._damage_sentence(verdict))

    def _configure(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        # WAL syncs only at checkpoints by default; a label must survive a power cut at once.
        self._connection.execute("PRAGMA synchronous = FULL")

    def _migrate(self) -> None:
        """Bring the tables up to date; each step and its record are one transaction.

        References are checked at the end of each step, not within: a table can then be made anew.

        Source:
            https://www.sqlite.org/lang_altertable.html, section 7.
        """
        while self._pragma("user_version") < len(MIGRATIONS):
            with self.transaction():
                # Asked again inside: another process may have been quicker.
                version = self._pragma("user_version")
                for steps in MIGRATIONS[version : version + 1]:
                    self._apply(steps, version + 1)

    def _apply(self, steps: Sequence[Step], version: int) -> None:
        for step in steps:
            if callable(step):
                step(self)
            else:
                self.write(step)
        if dangling := self.read("PRAGMA foreign_key_check"):
            raise LabelStoreError(self._damage_sentence(f"{len(dangling)} rows lead nowhere"))
        self.write(f"PRAGMA application_id = {APPLICATION_ID}")
        self.write(f"PRAGMA user_version = {version}")

    def _pragma(self, name: str) -> int:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)

    def _damage_sentence(self, finding: str) -> str:
        return (
            f"The label database {self._path} is damaged ({finding}). Nothing in it was changed. "
            "Move the file elsewhere and put a backup in its place, or start without labels."
        )

    @contextmanager
    def _put_into_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a mistake of ours, not of the file
        except sqlite3.OperationalError as error:
            raise LabelStoreError(self._obstacle_sentence(error)) from error
        except sqlite3.DatabaseError as error:
            raise LabelStoreError(self._damage_sentence(str(error))) from error

    def _obstacle_sentence(self, error: sqlite3.OperationalError) -> str:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return f"The label database {self._path} is in use by another program. Try again."
        return (
            f"The label database {self._path} cannot be used: {error}. "
            "Check that its folder exists and is writable and that the disk is not full."
        )
