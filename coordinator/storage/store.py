"""The coordinator's database and how a transaction on it is opened.

SQLite by default, in WAL mode and durable at every commit, or PostgreSQL; on both, writers come one
after the other, in this process and in others, and a reader sees one moment. So nothing in the
statements of other modules is particular to either.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import Connection, RootTransaction
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as AllInUseError

from coordinator.errors import (
    SettingsInvalidError,
    StateDamagedError,
    StateTooNewError,
    StorageFullError,
)

logger = logging.getLogger(__name__)

_MIGRATIONS: Final = "coordinator.storage:migrations"
_BUSY_TIMEOUT_S: Final = 30
_PATIENCE_S: Final = 60.0
_DISK_FULL: Final = frozenset({sqlite3.SQLITE_FULL, "53100"})
_NOT_UNDERSTOOD: Final = "42"
_NOT_ALLOWED: Final = "42501"  # the one of these that an operator can mend
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""
_CONNECTIONS: Final = 40
"""As many as threads that answer requests, so that none waits for another's to come free. They
stay open: to open one takes longer than most of what is done on it."""
_FURTHER_CONNECTIONS: Final = 5
"""For those who use another while they are ``alone``."""


@dataclass(frozen=True, slots=True)
class _Beginnings:
    """How a transaction begins."""

    reading: str
    writing: str


_BEGINNINGS: Final = {
    # SQLite would otherwise only find out at the first write that it must wait.
    "sqlite": _Beginnings("BEGIN", "BEGIN IMMEDIATE"),
    # The number is ours alone in the coordinator's own database; it ends with the transaction.
    "postgresql": _Beginnings(
        "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        # Whatever the server's default: who has waited sees what those before have written.
        "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(7483648)",
    ),
}
_NO_TRANSACTION: Final = "SELECT 1"
"""As a beginning it shows whether the line is whole; nothing begins that would end a lock."""
_ALONE: Final = text("SELECT pg_try_advisory_lock(7483648, hashtext(:what))")
_NO_LONGER_ALONE: Final = text("SELECT pg_advisory_unlock(7483648, hashtext(:what))")
_OF_EACH_LINE: Final = (
    # What a machine that is gone held is free again within half a minute, not after two hours.
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 4",
    f"SET lock_timeout = '{_BUSY_TIMEOUT_S}s'",
    # Times are read as ISO 8601, in whatever style the server would write them.
    "SET datestyle = ISO",
)
"""https://www.postgresql.org/docs/15/runtime-config-connection.html"""


class Store:
    """A database at the newest schema; hands out short transactions."""

    def __init__(self, url: str, patience_s: float = _PATIENCE_S) -> None:
        """Open the database and bring its tables up to date.

        Args:
            url: Where it is.
            patience_s: How long an answer of PostgreSQL is waited for.

        Raises:
            SettingsInvalidError: if ``url`` is no database this program can open.
            StateTooNewError: if a newer version of this program wrote it.
            StateDamagedError: if it cannot be read or written.
            StorageFullError: if its disk has no room left.
        """
        self._engine = _open_engine(url, patience_s)
        self._beginnings = _BEGINNINGS[self._engine.dialect.name]
        with self.writing() as connection:
            _migrate(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the tables."""
        with self._transaction(self._beginnings.reading) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable when the block ends and undone when it raises."""
        with self._transaction(self._beginnings.writing) as connection:
            yield connection

    @contextmanager
    def _transaction(self, beginning: str) -> Iterator[Connection]:
        with _translated_errors(), self._engine.connect() as connection:
            connection = connection.execution_options(beginning=beginning)
            with _begun(connection):
                yield connection

    @property
    def is_shared(self) -> bool:
        """Whether processes on several machines may have it open."""
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def alone(self, what: str) -> Iterator[bool]:
        """Yield whether this process alone does something while the block runs; nobody waits.

        That it does ends with the block, the process or its machine. It spares work and promises
        nothing: what is written has to be compared and set all the same. Where processes of one
        machine share an SQLite file, each takes itself to be alone.
        """
        if not self.is_shared:
            yield True
            return
        with _translated_errors(), self._engine.connect() as connection:
            connection = connection.execution_options(beginning=_NO_TRANSACTION)
            _begun(connection)
            is_alone = bool(connection.execute(_ALONE, {"what": what}).scalar_one())
            try:
                yield is_alone
            finally:
                if is_alone:
                    _let_go(connection, what)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _open_engine(url: str, patience_s: float) -> Engine:
    logging.getLogger("sqlalchemy.pool.impl.QueuePool").addFilter(_is_of_whole_lines)
    try:
        where = make_url(url)
        if where.drivername == "postgresql":
            where = where.set(drivername="postgresql+pg8000")
        engine = create_engine(
            where,
            hide_parameters=True,
            pool_size=_CONNECTIONS,
            max_overflow=_FURTHER_CONNECTIONS,
            pool_use_lifo=True,
            # A server that says nothing would otherwise be waited for until its machine is gone.
            connect_args={} if where.get_backend_name() == "sqlite" else {"timeout": patience_s},
        )
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise SettingsInvalidError(
            f"database_url cannot be used: {error}. It should look like "
            "postgresql://user:password@host/database, or be left out for SQLite"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "do_connect", _connect_postgresql)
        event.listen(engine, "connect", _configure_postgresql)
    event.listen(engine, "begin", _begin)
    return engine


def _is_of_whole_lines(record: logging.LogRecord) -> bool:
    """Leave out with what tracebacks broken lines were closed: that they broke is told by us."""
    return record.exc_info is None


def _configure_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  a driver's object
    connection.isolation_level = None  # our own beginning decides when a transaction starts
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_S * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _connect_postgresql(
    _dialect: object, _record: object, arguments: list[Any], named: dict[str, Any]
) -> Any:  # noqa: ANN401
    from coordinator.storage.postgresql import connected  # its library is an extra

    return connected(*arguments, **named)


def _configure_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401
    cursor = connection.cursor()
    for statement in _OF_EACH_LINE:
        cursor.execute(statement)
    cursor.close()
    connection.commit()


def _let_go(connection: Connection, what: str) -> None:
    try:
        connection.execute(_NO_LONGER_ALONE, {"what": what})
    except DBAPIError:  # the line is broken, and with it went what it held
        connection.invalidate()


def _begin(connection: Connection) -> None:
    beginning = connection.get_execution_options().get("beginning")
    if beginning is not None:
        connection.exec_driver_sql(beginning)


def _begun(connection: Connection) -> RootTransaction:
    """Begin a transaction, on a new line if that to the server has broken while nobody used it.

    Nothing was done on the broken one yet, so that nothing is done twice.
    """
    try:
        return connection.begin()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return connection.begin()


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # a broken promise of ours, not of the disk
    except AllInUseError as error:
        logger.error("The database cannot be used: all lines to it wait for its answers")
        raise _unusable() from error
    except DBAPIError as error:
        # What a database driver says may name hosts and users: the log has it, sites do not.
        mistake = error if _is_mistake(error) else None
        logger.error("The database cannot be used: %s", _said_by(error), exc_info=mistake)
        if _is_disk_full(error):
            raise StorageFullError(
                "The disk of the coordinator's database is full; nothing was changed. Its operator "
                "must make room, and what was being done can then be done again"
            ) from error
        raise _unusable() from error


def _unusable() -> StateDamagedError:
    return StateDamagedError(
        "The coordinator's database cannot be used; its operator finds the reason in the log, "
        "and must see to it that the database runs and that database_url names it"
    )


def _is_disk_full(error: DBAPIError) -> bool:
    said = {getattr(error.orig, "sqlite_errorcode", None), _postgresqls_words(error).get("C")}
    return not said.isdisjoint(_DISK_FULL)


def _is_mistake(error: DBAPIError) -> bool:
    """Return whether the database does not understand what it is asked: no operator can mend it."""
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        return True
    state = _postgresqls_words(error).get("C", "")
    return state.startswith(_NOT_UNDERSTOOD) and state != _NOT_ALLOWED


def _said_by(error: DBAPIError) -> str:
    """Return the driver's own words; PostgreSQL's come with much that tells about the data."""
    if (words := _postgresqls_words(error)).get("M"):
        return words["M"]
    said = error.orig.args[0] if error.orig is not None and error.orig.args else error.orig
    if said == "network error":  # pg8000's words for all of these
        return "the line to its server broke off, or its server did not answer in time"
    return "no reason given" if isinstance(said, dict) else str(said)


def _postgresqls_words(error: DBAPIError) -> dict[str, str]:
    """Return what PostgreSQL says of an error, by the letters that its protocol has for each."""
    said = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return said if isinstance(said, dict) else {}


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise StateTooNewError(
            f"The database has schema {current}, which this version does not know; "
            "install the newer SiteBlind that wrote it"
        )
    command.upgrade(config, "head")
