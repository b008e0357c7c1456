"""The coordinator's tables and how a transaction on them is opened.

SQLite by default, in WAL mode and durable at every commit; nothing in the statements of other
modules is particular to SQLite.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    event,
    false,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError, IntegrityError, SQLAlchemyError

from coordinator.errors import SettingsInvalidError, StateDamagedError, StateTooNewError

_BUSY_TIMEOUT_S: Final = 30
logger = logging.getLogger(__name__)

_MIGRATIONS: Final = "coordinator:migrations"


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, kept without its zone as UTC, since SQLite has no zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC without zone."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

studies = Table(
    "studies",
    metadata,
    Column("study_id", String(32), primary_key=True),
    Column("study", Text, nullable=False),
    Column("manifest", JSON(none_as_null=True), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
)

sites = Table(
    "sites",
    metadata,
    Column("site_id", String(32), primary_key=True),
    Column("study_id", ForeignKey(studies.c.study_id), nullable=False),
    Column("site_name", String(200), nullable=False),
    Column("credential_hash", String(64), nullable=False),
    Column("enrolled_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime, nullable=True),
    Column("is_marked", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("study_id", "credential_hash"),
    UniqueConstraint("study_id", "site_id"),
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("study_id", ForeignKey(studies.c.study_id), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_by", ForeignKey(sites.c.site_id), nullable=True),
)

domains = Table(
    "domains",
    metadata,
    Column("study_id", ForeignKey(studies.c.study_id), primary_key=True),
    Column("domain_index", Integer, primary_key=True, autoincrement=False),
    Column("site_id", ForeignKey(sites.c.site_id), nullable=False),
    Column("domain_id", String(36), nullable=False),
    UniqueConstraint("study_id", "site_id", "domain_id"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("study_id", ForeignKey(studies.c.study_id), primary_key=True),
    Column("site_id", ForeignKey(sites.c.site_id), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("blob", String(64), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
)

global_parameters = Table(
    "global_parameters",
    metadata,
    Column("study_id", ForeignKey(studies.c.study_id), primary_key=True),
    Column("round_number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("blob", String(64), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)

rounds = Table(
    "rounds",
    metadata,
    Column("study_id", ForeignKey(studies.c.study_id), primary_key=True),
    Column("round_number", Integer, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("state", String(20), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("deadline_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime, nullable=True),
    # Grows with every accepted update, so that an average that misses one cannot be committed.
    Column("version", Integer, nullable=False),
    # At most one open round per study, whatever the program does.
    Index(
        "ix_rounds_collecting",
        "study_id",
        unique=True,
        sqlite_where=text("state = 'collecting'"),
        postgresql_where=text("state = 'collecting'"),
    ),
)

picks = Table(
    "picks",
    metadata,
    Column("study_id", String(32), primary_key=True),
    Column("round_number", Integer, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("site_id", String(32), primary_key=True),
    ForeignKeyConstraint(
        ["study_id", "round_number", "attempt"],
        [rounds.c.study_id, rounds.c.round_number, rounds.c.attempt],
    ),
    ForeignKeyConstraint(["study_id", "site_id"], [sites.c.study_id, sites.c.site_id]),
)

updates = Table(
    "updates",
    metadata,
    Column("study_id", String(32), primary_key=True),
    Column("round_number", Integer, primary_key=True, autoincrement=False),
    Column("site_id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("sample_count", Integer, nullable=False),
    Column("domain_indices", JSON, nullable=False),
    Column("metrics_before", JSON, nullable=False),
    # The whole body; forgotten when its round is averaged.
    Column("blob", String(64), nullable=True),
    # Domain classifier, moments and styles, which count in later averages; forgotten when too old.
    Column("kept_blob", String(64), nullable=True),
    Column("received_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["study_id", "site_id"], [sites.c.study_id, sites.c.site_id]),
)


class Store:
    """A database at the newest schema; hands out short transactions."""

    def __init__(self, url: str) -> None:
        """Open the database and bring its tables up to date.

        Raises:
            SettingsInvalidError: if ``url`` is no database this program can open.
            StateTooNewError: if a newer version of this program wrote it.
            StateDamagedError: if it cannot be read or written.
        """
        self._engine = _open_engine(url)
        with self.writing() as connection:
            _migrate(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the tables."""
        with _translated_errors(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable when the block ends and undone when it raises."""
        with _translated_errors(), self._engine.connect() as connection:
            # SQLite would otherwise only find out at the first write that it must wait.
            connection = connection.execution_options(takes_write_lock=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _open_engine(url: str) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True)
    except (SQLAlchemyError, ImportError) as error:
        raise SettingsInvalidError(f"database_url cannot be used: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  a driver's object
    connection.isolation_level = None  # our own BEGIN, below, decides when a transaction starts
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_S * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("takes_write_lock", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # a broken promise of ours, not of the disk
    except DatabaseError as error:
        # What a database driver says may name hosts and users: the log has it, sites do not.
        logger.exception("The database cannot be used")
        raise StateDamagedError(
            "The coordinator's database cannot be used; its operator must look at the log"
        ) from error


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
