import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from coordinator.errors import StateDamagedError
from coordinator.storage.store import Store
from coordinator.storage.studies import add_study, list_studies
from coordinator.storage.tables import metadata
from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import Clock, tiny_study
from tests.coordinator.postgresql import Cluster


@pytest.fixture
def store(postgresql: Cluster) -> Iterator[Store]:
    opened = Store(postgresql.new_database())
    yield opened
    opened.close()


def count_studies(store: Store) -> int:
    with store.reading() as connection:
        return len(list_studies(connection))


def test_migrations_make_exactly_the_tables_of_the_program(store: Store) -> None:
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_reader_sees_one_moment_while_others_write(store: Store, clock: Clock) -> None:
    with store.reading() as connection:
        before = len(list_studies(connection))
        with store.writing() as writer:
            add_study(writer, tiny_study(), clock())
        assert len(list_studies(connection)) == before
    assert count_studies(store) == before + 1


def test_writers_of_two_processes_come_one_after_the_other(
    store: Store, postgresql: Cluster
) -> None:
    with store.writing() as connection:
        connection.execute(text("CREATE TABLE counter (value INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
        url = postgresql.url(str(connection.execute(text("SELECT current_database()")).scalar()))

    def count_up(own: Store) -> None:
        for _ in range(20):
            with own.writing() as connection:
                value = connection.execute(text("SELECT value FROM counter")).scalar_one()
                connection.execute(text("UPDATE counter SET value = :next"), {"next": value + 1})

    stores = [Store(url) for _ in range(3)]
    threads = [threading.Thread(target=count_up, args=(own,)) for own in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert connection.execute(text("SELECT value FROM counter")).scalar_one() == 60
    for own in stores:
        own.close()


def test_commands_work_on_the_database_that_the_settings_name(
    postgresql: Cluster,
    command: CommandLine,
    study_toml: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SITEBLIND_COORDINATOR_DATABASE_URL", postgresql.new_database())
    study_id = command("study", "create", str(study_toml))
    command("site", "invite", study_id)
    assert study_id in command("study", "list")
    assert "The audit log is whole: 2 entries" in command("audit", "verify")
    assert not (command.folder / "coordinator.sqlite").exists()


def test_server_that_is_away_is_a_sentence_and_its_return_is_noticed(
    store: Store, postgresql: Cluster, expected_warnings: list[logging.LogRecord]
) -> None:
    assert count_studies(store) == 0
    postgresql.stop()
    with pytest.raises(StateDamagedError, match="see to it that the database runs"):
        count_studies(store)
    assert "The database cannot be used: " in expected_warnings[0].getMessage()
    assert expected_warnings[0].exc_info is None  # a sentence, not a traceback
    postgresql.start()
    assert count_studies(store) == 0
