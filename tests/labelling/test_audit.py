"""The audit trail: every act is in it, and whoever alters anything is found out."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_client.errors import AuditTrailBrokenError, LabelStoreError
from desktop_client.labelling import database, schema
from desktop_client.labelling.audit import details_of
from desktop_client.labelling.database import Database
from desktop_client.labelling.store import LabelStore
from tests.labelling.conftest import AddImage


@pytest.fixture
def ids(add_image: AddImage) -> list[str]:
    return [add_image(value).sample_id for value in range(4)]


@pytest.fixture
def worked(store: LabelStore, ids: list[str]) -> LabelStore:
    """A store in which a bit of everything was done."""
    reader = store.readers.sign_in("Ada")
    nevus = store.add_class("nevus", reader=reader)
    mole = store.add_class("mole", reader=reader)
    store.import_labels({ids[3]: mole.class_id}, "import")
    store.label(ids[:2], nevus.class_id, reader)
    store.exclude(ids[1:2], "blurred", reader)
    store.note(ids[:1], "look again", reader)
    store.undo(reader)
    store.redo(reader)
    store.class_book.merge(mole.class_id, nevus.class_id, reader)
    store.record_act("images_exported", reader, {"image_count": 2})
    return store


def kinds(store: LabelStore) -> list[str]:
    return [entry.kind for entry in store.audit.entries()]


def test_every_act_is_an_entry_with_its_reader_and_time(worked: LabelStore) -> None:
    assert kinds(worked) == [
        "signed_in",
        "class_added",
        "class_added",
        "import",
        "label",
        "exclude",
        "note",
        "undo",
        "redo",
        "merge",
        "class_merged",
        "images_exported",
    ]
    entries = list(worked.audit.entries())
    assert [entry.reader for entry in entries] == [*["Ada"] * 3, "import", *["Ada"] * 8]
    assert entries[0].happened_at <= entries[-1].happened_at
    assert details_of(entries[4])["image_count"] == 2
    assert details_of(entries[-1]) == {"image_count": 2}


def test_a_whole_trail_tells_its_length_and_the_digest_to_keep(worked: LabelStore) -> None:
    end = worked.audit.verify()
    *_, last = worked.audit.entries()
    assert (end.entry_count, end.digest) == (12, last.digest)


def test_an_empty_trail_is_whole(store: LabelStore) -> None:
    assert store.audit.verify().entry_count == 0


def test_words_of_notes_are_not_in_the_trail(worked: LabelStore) -> None:
    assert not any("look again" in entry.details for entry in worked.audit.entries())


def test_an_act_that_fails_leaves_no_entry(store: LabelStore, ids: list[str]) -> None:
    with pytest.raises(LabelStoreError):
        store.label([*ids, "nobody"], None, "Ada")
    with pytest.raises(LabelStoreError):
        store.readers.sign_in(" ")
    assert kinds(store) == []
    assert store.audit.verify().entry_count == 0


@pytest.mark.parametrize(
    ("table", "forgery", "found"),
    [
        ("audit_entries", "UPDATE audit_entries SET reader = 'Eve' WHERE sequence = 5", "Entry 5 "),
        ("audit_entries", "DELETE FROM audit_entries WHERE sequence = 6", "Entry 6 "),
        ("audit_entries", "DELETE FROM audit_entries WHERE sequence > 8", "2 acts are not in"),
        ("actions", "UPDATE actions SET reader = 'Eve' WHERE kind = 'label'", "Entry 5 "),
        ("actions", "UPDATE actions SET before = NULL WHERE kind = 'exclude'", "Entry 6 "),
        ("label_events", "UPDATE label_events SET class_id = NULL WHERE action_id = 2", "Entry 5 "),
        ("label_events", "DELETE FROM label_events WHERE event_id = 2", "Entry 5 "),
        ("remark_events", "UPDATE remark_events SET words = 'fine'", "Entry 6 "),
        ("samples", "UPDATE samples SET class_id = NULL WHERE position = 1", "1 labels or remarks"),
        ("samples", "UPDATE samples SET exclusion = NULL", "1 labels or remarks"),
        ("samples", "UPDATE samples SET note = 'fine' WHERE position = 2", "1 labels or remarks"),
    ],
)
def test_the_first_entry_that_was_altered_or_taken_out_is_named(
    worked: LabelStore, store_path: Path, *, table: str, forgery: str, found: str
) -> None:
    worked.close()
    forge(store_path, forgery, table)
    with LabelStore(store_path) as forged, pytest.raises(AuditTrailBrokenError, match=found):
        forged.audit.verify()


def forge(store_path: Path, script: str, *tables: str) -> None:
    """Do as somebody with another program for SQLite: it checks no references by default."""
    with closing(sqlite3.connect(store_path)) as connection, connection:
        for table in tables:
            for act in ("update", "delete"):
                connection.execute(f"DROP TRIGGER IF EXISTS {table}_keep_from_{act}")
        connection.executescript(script)


def test_an_event_of_no_action_is_found(worked: LabelStore, store_path: Path) -> None:
    worked.close()
    forge(
        store_path,
        "INSERT INTO label_events (action_id, sample_id, class_id) "
        "SELECT 999, sample_id, NULL FROM samples WHERE class_id IS NOT NULL LIMIT 1",
    )
    with (
        LabelStore(store_path) as forged,
        pytest.raises(AuditTrailBrokenError, match="1 acts are not in"),
    ):
        forged.audit.verify()


def test_an_older_label_is_no_newer_one_by_its_events_number(
    worked: LabelStore, ids: list[str], store_path: Path
) -> None:
    for name in ("first", "second"):
        worked.label(ids[2:3], worked.add_class(name, reader="Ada").class_id, "Ada")
    first, _ = worked.history(ids[2])
    worked.close()
    forge(
        store_path,
        f"""
        UPDATE label_events SET event_id = 1000 WHERE event_id = {first.event_id};
        UPDATE samples SET (class_id, origin) =
            (SELECT class_id, origin FROM label_events WHERE event_id = 1000)
        WHERE sample_id = '{ids[2]}';
        """,  # noqa: S608  numbers and ids of our own
        "label_events",
    )
    with (
        LabelStore(store_path) as forged,
        pytest.raises(AuditTrailBrokenError, match="1 labels or remarks differ"),
    ):
        forged.audit.verify()


def test_an_action_cannot_be_taken_out_from_behind_its_entry(
    worked: LabelStore, store_path: Path
) -> None:
    worked.close()
    forge(
        store_path,
        """
        UPDATE audit_entries SET action_id = NULL WHERE kind = 'note';
        DELETE FROM remark_events WHERE aspect = 'note';
        DELETE FROM actions WHERE kind IN ('note', 'undo', 'redo');
        UPDATE samples SET note = '';
        """,
        *("audit_entries", "remark_events", "actions"),
    )
    with LabelStore(store_path) as forged, pytest.raises(AuditTrailBrokenError, match="Entry 7 "):
        forged.audit.verify()


def test_a_class_renamed_past_the_program_is_found(store: LabelStore, store_path: Path) -> None:
    nevus = store.add_class("nevus", reader="Ada")
    store.rename_class(nevus.class_id, "naevus", reader="Ada")
    assert store.audit.verify().entry_count == 2
    store.close()
    forge(store_path, "UPDATE classes SET name = 'melanoma'")
    with (
        LabelStore(store_path) as forged,
        pytest.raises(AuditTrailBrokenError, match="'melanoma' is 'naevus' in the audit trail"),
    ):
        forged.audit.verify()


@pytest.mark.parametrize("change", ["reader = 'Eve'", "share = 0.5", "seed = 2"])
def test_who_drew_how_much_by_which_seed_cannot_be_altered(
    worked: LabelStore, store_path: Path, *, change: str
) -> None:
    worked.second_readings.draw("Bob", 1.0, 1)
    worked.close()
    forge(store_path, f"UPDATE draws SET {change}")  # noqa: S608  one of three constants
    with LabelStore(store_path) as forged, pytest.raises(AuditTrailBrokenError, match="Entry 13 "):
        forged.audit.verify()


@pytest.mark.parametrize("table", ["audit_entries", "remark_events", "actions", "label_events"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET action_id = 7"])
def test_the_database_itself_forbids_rewriting(
    worked: LabelStore, store_path: Path, *, table: str, act: str
) -> None:
    with (
        closing(sqlite3.connect(store_path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match=f"{table} only grow"),
    ):
        connection.execute(act.format(table))


def test_a_store_of_version_1_is_chained_as_it_is_opened(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MIGRATIONS", schema.MIGRATIONS[:1])
    old = Database(store_path)
    for statement in (
        "INSERT INTO domains VALUES (1, '00000000-0000-4000-8000-000000000001', 'scope')",
        "INSERT INTO classes VALUES (1, '00000000-0000-4000-8000-00000000000a', 'a', '1', '#fff')",
        "INSERT INTO classes VALUES (2, '00000000-0000-4000-8000-00000000000b', 'b', '2', '#000')",
        "INSERT INTO samples VALUES (1, 's', '/s', 0, 1, 1, 'p', "
        "'00000000-0000-4000-8000-000000000001', NULL, NULL)",
    ):
        old.write(statement)
    a, b = (f"00000000-0000-4000-8000-00000000000{letter}" for letter in "ab")
    story = [
        ("label", None, None, None, "Ada", a, None),
        ("label", None, 1, None, "Bob", b, a),
        ("undo", 2, None, 1, "Cleo", a, b),
        ("redo", 2, None, 2, "Cleo", b, a),
        ("undo", 2, None, 1, "Cleo", a, b),
    ]
    for number, (kind, subject, before, after, reader, class_id, previous) in enumerate(story, 1):
        old.write(
            "INSERT INTO actions VALUES (?, ?, ?, ?, ?, ?, '2026-01-01T00:00:00+00:00')",
            *(number, kind, subject, before, after, reader),
        )
        old.write(
            "INSERT INTO label_events VALUES (?, ?, 's', ?, ?)", number, number, class_id, previous
        )
    old.close()
    monkeypatch.undo()
    with LabelStore(store_path) as store:
        assert kinds(store) == ["label", "label", "undo", "redo", "undo"]
        assert store.audit.verify().entry_count == 5
        store.redo("Ada")
        assert str(store.sample("s").class_id) == b
        store.undo("Ada")
        store.label(["s"], store.classes()[0].class_id, "Ada")
        assert len(store.history("s")) == 7  # the label in force is Ada's own: no further event
        assert store.audit.verify().entry_count == 7


def test_a_class_edit_tells_what_the_class_is_from_now_on(store: LabelStore) -> None:
    nevus = store.add_class("nevus", reader="Ada")
    store.class_book.change(replace(nevus, name="naevus"), "Ada")
    *_, last = store.audit.entries()
    assert last.kind == "class_changed"
    assert details_of(last)["name"] == "naevus"
