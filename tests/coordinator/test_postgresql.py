import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from coordinator.errors import StateDamagedError
from coordinator.storage.attendance import attend
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.installation import bind_folder
from coordinator.storage.store import Store
from coordinator.storage.studies import add_study, list_studies
from coordinator.storage.tables import metadata
from tests.coordinator.command_line import CommandLine
from tests.coordinator.conftest import Clock, tiny_study, wait_until
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


def test_of_several_processes_one_is_alone_with_something_until_it_ends(
    store: Store, postgresql: Cluster
) -> None:
    other = Store(postgresql.url("test"))
    with store.alone("average one") as first, other.alone("average one") as second:
        assert (first, second) == (True, False)
        with other.alone("average two") as is_alone:
            assert is_alone
    with other.alone("average one") as is_alone:
        assert is_alone
    other.close()


def test_line_that_breaks_lets_another_process_be_alone(store: Store, postgresql: Cluster) -> None:
    other = Store(postgresql.url("test"))
    with store.alone("average one"):
        with other.writing() as connection:
            others = text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = 'test' AND pid <> pg_backend_pid()"
            )
            connection.execute(others)
        wait_until(lambda: _is_free(other))
    with store.alone("average one") as is_alone:
        assert is_alone
    other.close()


def _is_free(store: Store) -> bool:
    with store.alone("average one") as is_alone:
        return is_alone


def test_absence_is_from_when_any_process_was_heard_of_last(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    bind_folder(store, BlobFolder(tmp_path))
    told = []
    for away_s in (0, 10, 19, 3600, 5):
        clock.turn(away_s)
        with store.writing() as connection:
            told.append(attend(connection, clock()))
    assert told == [timedelta(0), None, None, timedelta(hours=1), None]


def test_server_that_is_away_at_the_start_is_a_sentence_without_a_traceback(
    tmp_path: Path,
) -> None:
    socket_path = tmp_path / ".s.PGSQL.5432"
    done = subprocess.run(
        [sys.executable, "-m", "coordinator", "--data-folder", str(tmp_path), "serve"],
        env={
            **os.environ,
            "SITEBLIND_COORDINATOR_PORT": "0",
            "SITEBLIND_COORDINATOR_DATABASE_URL": f"postgresql://x@/x?unix_sock={socket_path}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: The coordinator's database cannot be")


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
