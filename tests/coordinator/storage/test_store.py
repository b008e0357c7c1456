import logging
import sqlite3
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import column, create_engine, insert, select, table, text
from sqlalchemy.exc import IntegrityError

from coordinator.errors import (
    SettingsInvalidError,
    StateDamagedError,
    StateTooNewError,
    StorageFullError,
)
from coordinator.server.integrity import named_files
from coordinator.storage.store import Store
from coordinator.storage.tables import (
    enrolment_codes,
    global_parameters,
    metadata,
    studies,
    updates,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def add_study(store: Store, study_id: str = "s", created_at: datetime = NOON) -> None:
    with store.writing() as connection:
        connection.execute(
            insert(studies).values(study_id=study_id, study="{}", created_at=created_at)
        )


def write_more_than_fits(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("PRAGMA max_page_count = 1"))  # SQLite's own way to have no room
        connection.execute(text("UPDATE studies SET study = zeroblob(1000000)"))


def count_studies(store: Store) -> int:
    with store.reading() as connection:
        return len(connection.execute(select(studies)).all())


def test_migrations_make_exactly_the_tables_of_the_program(store: Store) -> None:
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_tables_survive_opening_the_database_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'again.sqlite'}"
    first = Store(url)
    add_study(first)
    first.close()
    second = Store(url)
    assert count_studies(second) == 1
    second.close()


def test_updates_of_a_database_of_the_first_version_are_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'first.sqlite'}"
    config = Config()
    config.set_main_option("script_location", "coordinator.storage:migrations")
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            insert(table("studies", *map(column, ("study_id", "study", "manifest", "created_at")))),
            {
                "study_id": "s",
                "study": '{"model":{"extractor":"resnet18"}}',
                "manifest": '{"feature_extractor.a":[2,3]}',
                "created_at": "2026-11-22 12:00:00",
            },
        )
        connection.execute(
            text(
                "INSERT INTO updates (study_id, round_number, site_id, digest, sample_count,"
                " domain_indices, moment_indices, metrics_before, kept_blob, received_at)"
                " VALUES ('s', 1, 'a', 'd', 9, '[4]', '[4]', '{}', 'k', '2026-11-22 12:00:00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO global_parameters (study_id, round_number, digest, size_bytes, blob,"
                " published_at) VALUES ('s', 1, 'd1', 9, 'd1', '2026-11-22 12:00:00')"
            )
        )
    engine.dispose()
    store = Store(url)
    with store.reading() as connection:
        (row,) = connection.execute(select(updates)).all()
        (study,) = connection.execute(select(studies)).all()
        (published,) = connection.execute(select(global_parameters)).all()
        named = named_files(connection)
    store.close()
    assert named == {"d1", "k"}
    assert (row.sample_count, row.domain_indices, row.kept_blob) == (9, [4], "k")
    assert study.manifests == {"resnet18": {"feature_extractor.a": [2, 3]}}
    assert (published.extractor, published.round_number, published.digest) == ("resnet18", 1, "d1")


def test_commits_are_durable_and_references_are_checked(store: Store) -> None:
    with store.reading() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_row_about_an_unknown_study_is_impossible(store: Store) -> None:
    row = {"code_hash": "0" * 64, "study_id": "none", "expires_at": NOON}
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(insert(enrolment_codes).values(row))


def test_transaction_that_raises_is_undone(store: Store) -> None:
    def write_and_fail() -> None:
        with store.writing() as connection:
            connection.execute(insert(studies).values(study_id="s", study="{}", created_at=NOON))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert count_studies(store) == 0


def test_writers_wait_for_each_other_instead_of_failing(store: Store) -> None:
    def write(number: int) -> None:
        for part in range(10):
            add_study(store, f"{number}-{part}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count_studies(store) == 40


def test_reader_sees_one_moment_while_others_write(store: Store) -> None:
    with store.reading() as connection:
        before = len(connection.execute(select(studies)).all())
        add_study(store)
        assert len(connection.execute(select(studies)).all()) == before
    assert count_studies(store) == before + 1


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(store: Store) -> None:
    add_study(store, created_at=datetime(2026, 11, 22, 14, tzinfo=timezone(timedelta(hours=2))))
    with store.reading() as connection:
        read = connection.execute(select(studies.c.created_at)).scalar_one()
    assert read == NOON
    assert read.tzinfo == UTC


def test_database_of_a_newer_version_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "newer.sqlite"
    Store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StateTooNewError, match=r"schema 9999.*newer SiteBlind"):
        Store(f"sqlite:///{path}")


def test_file_that_is_no_database_is_refused_with_a_sentence_and_told_to_the_log(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    path = tmp_path / "torn.sqlite"
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(StateDamagedError, match="its operator finds the reason in the log"):
        Store(f"sqlite:///{path}")
    assert "file is not a database" in expected_warnings[0].getMessage()
    assert expected_warnings[0].exc_info is None


def test_a_full_disk_is_refused_with_a_sentence_and_leaves_everything_as_it_was(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'small.sqlite'}")
    try:
        add_study(store)
        with pytest.raises(StorageFullError, match="disk of the coordinator's database is full"):
            write_more_than_fits(store)
        assert count_studies(store) == 1
        assert "database or disk is full" in expected_warnings[0].getMessage()
    finally:
        store.close()


def test_lines_that_are_all_in_use_are_a_sentence_after_a_while(
    store: Store, monkeypatch: pytest.MonkeyPatch, expected_warnings: list[logging.LogRecord]
) -> None:
    monkeypatch.setattr(store._engine.pool, "_timeout", 0.05)
    refused = pytest.raises(StateDamagedError, match="database cannot be used; its operator finds")
    with refused, ExitStack() as held:
        while True:
            held.enter_context(store.reading())
    assert "all lines to it wait for its answers" in expected_warnings[0].getMessage()


@pytest.mark.every_database
def test_statement_that_the_database_does_not_understand_is_a_traceback_in_the_log(
    store: Store, expected_warnings: list[logging.LogRecord]
) -> None:
    with pytest.raises(StateDamagedError), store.reading() as connection:
        connection.execute(text("SELECT nonsense"))
    (told,) = expected_warnings
    assert "nonsense" in told.getMessage()
    assert told.exc_info


@pytest.mark.parametrize("url", ["nonsense", "nodialect://host/name"])
def test_url_that_names_no_database_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(SettingsInvalidError, match="database_url cannot be used"):
        Store(url)


def test_error_in_the_log_does_not_repeat_what_was_to_be_written(store: Store) -> None:
    add_study(store, "a-name-of-somebody")
    with pytest.raises(IntegrityError) as caught:
        add_study(store, "a-name-of-somebody")
    assert "a-name-of-somebody" not in str(caught.value)
