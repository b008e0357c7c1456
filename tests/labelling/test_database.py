"""Opening the store's file: made, migrated, or refused and left as it is."""

import sqlite3
import threading
from pathlib import Path

import pytest

from desktop_client.errors import LabelStoreError
from desktop_client.labelling import database, schema
from desktop_client.labelling.database import Database
from desktop_client.labelling.store import LabelStore


def test_a_new_file_is_made_with_durable_settings(store_path: Path) -> None:
    opened = Database(store_path)
    assert opened.read("PRAGMA journal_mode") == [("wal",)]
    assert opened.read("PRAGMA synchronous") == [(2,)]  # 2 is FULL
    assert opened.read("PRAGMA foreign_keys") == [(1,)]
    assert opened.read("PRAGMA user_version") == [(len(schema.MIGRATIONS),)]
    opened.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(store_path: Path) -> None:
    store_path.write_bytes(b"not a database at all " * 100)
    before = store_path.read_bytes()
    with pytest.raises(LabelStoreError, match=r"is damaged .* Nothing in it was changed\. Move"):
        LabelStore(store_path)
    assert store_path.read_bytes() == before


def test_a_store_with_a_torn_page_is_refused_and_left_alone(store_path: Path) -> None:
    with LabelStore(store_path) as store:
        for number in range(50):
            store.domain_named(f"scanner {number} " + "x" * 100)
    content = bytearray(store_path.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    store_path.write_bytes(content)
    with pytest.raises(LabelStoreError, match="is damaged"):
        LabelStore(store_path)
    assert store_path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(store_path: Path) -> None:
    connection = sqlite3.connect(store_path)
    connection.execute("CREATE TABLE invoices (number)")
    connection.close()
    before = store_path.read_bytes()
    with pytest.raises(LabelStoreError, match="not one with labels"):
        LabelStore(store_path)
    assert store_path.read_bytes() == before


def test_a_newer_version_is_refused(store_path: Path) -> None:
    LabelStore(store_path).close()
    connection = sqlite3.connect(store_path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LabelStoreError, match=r"newer SiteBlind \(labels version 99"):
        LabelStore(store_path)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelStoreError, match="folder exists and is writable"):
        LabelStore(tmp_path / "missing" / "labels.sqlite")


def test_a_migration_that_fails_leaves_the_version_before(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    LabelStore(store_path).close()
    failing = ("CREATE TABLE half_done (x)", "CREATE TABLE classes (x)")
    monkeypatch.setattr(database, "MIGRATIONS", (*schema.MIGRATIONS, failing))
    with pytest.raises(LabelStoreError, match="classes already exists"):
        Database(store_path)
    monkeypatch.undo()
    opened = Database(store_path)
    assert opened.read("SELECT name FROM sqlite_master WHERE name = 'half_done'") == []
    opened.close()


def test_a_later_migration_is_applied_to_an_older_store(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LabelStore(store_path) as store:
        store.add_class("nevus")
    later = ("ALTER TABLE classes ADD COLUMN remark TEXT NOT NULL DEFAULT ''",)
    monkeypatch.setattr(database, "MIGRATIONS", (*schema.MIGRATIONS, later))
    opened = Database(store_path)
    assert opened.read("SELECT name, remark FROM classes") == [("nevus", "")]
    opened.close()


def test_a_store_in_use_is_waited_for_and_then_named(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)
    with LabelStore(store_path) as store:
        other = sqlite3.connect(store_path)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LabelStoreError, match="in use by another program"):
            store.add_class("nevus")
        other.rollback()
        other.close()
        assert store.add_class("nevus").name == "nevus"


def test_threads_that_open_a_new_store_together_all_succeed(store_path: Path) -> None:
    failures: list[Exception] = []

    def open_and_close() -> None:
        try:
            with LabelStore(store_path) as store:
                store.default_domain()
        except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=open_and_close) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with LabelStore(store_path) as store:
        assert len(store.domains()) == 1
