"""The audit trail as a file: complete, harmless to open, and its chain can be computed again."""

import csv
import json
from pathlib import Path

import pytest

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.auditing import (
    AuditTrailExported,
    AuditTrailWhole,
    check_audit_trail,
    export_audit_trail,
)
from desktop_client.labelling.chain import BEFORE_THE_FIRST, canonical, chained
from desktop_client.labelling.store import LabelStore
from tests.labelling.conftest import AddImage


@pytest.fixture
def ids(store: LabelStore, add_image: AddImage) -> list[str]:
    """Two images that a bit of everything was said about."""
    ids = [add_image(value).sample_id for value in range(2)]
    reader = store.readers.sign_in("=Ada")
    nevus = store.add_class("nevus", reader=reader)
    store.label(ids, nevus.class_id, reader)
    store.exclude(ids[:1], "blurred", reader)
    store.exclude(ids[1:], "Mrs. Lovelace moved", reader)
    store.note(ids, "Lovelace again", reader)
    return ids


def test_a_csv_has_a_row_per_act_and_image(
    store: LabelStore, store_path: Path, ids: list[str], tmp_path: Path
) -> None:
    *_, told = export_audit_trail(store_path, tmp_path / "trail.csv")
    assert told == AuditTrailExported(tmp_path / "trail.csv", 6)
    with (tmp_path / "trail.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["act"], row["sample"], row["value"]) for row in rows] == [
        ("signed_in", "", ""),
        ("class_added", "", ""),
        ("label", ids[0], "nevus"),
        ("label", ids[1], "nevus"),
        ("exclude", ids[0], "blurred"),
        ("exclude", ids[1], "(own words)"),
        ("note", ids[0], "(own words)"),
        ("note", ids[1], "(own words)"),
    ]
    assert {row["reader"] for row in rows} == {"'=Ada"}


def test_own_words_are_in_neither_kind_of_file(
    store_path: Path, ids: list[str], tmp_path: Path
) -> None:
    for name in ("trail.csv", "trail.jsonl"):
        list(export_audit_trail(store_path, tmp_path / name))
        assert "Lovelace" not in (tmp_path / name).read_text()


def test_from_json_lines_the_chain_can_be_computed_again(
    store: LabelStore, store_path: Path, ids: list[str], tmp_path: Path
) -> None:
    list(export_audit_trail(store_path, tmp_path / "trail.jsonl"))
    digest = BEFORE_THE_FIRST
    for line in (tmp_path / "trail.jsonl").read_text().splitlines():
        entry = json.loads(line)
        told = (entry["entry"], entry["time"], entry["reader"], entry["act"])
        digest = chained(digest, *told, canonical(entry["details"]))
        assert digest == entry["digest"]
    *_, whole = check_audit_trail(store_path)
    assert whole == AuditTrailWhole(6, digest)


def test_a_folder_without_labels_is_said_and_nothing_is_made_there(tmp_path: Path) -> None:
    for events in (
        check_audit_trail(tmp_path / "labels.sqlite"),
        export_audit_trail(tmp_path / "labels.sqlite", tmp_path / "trail.csv"),
    ):
        with pytest.raises(LabelStoreError, match="There is no label database"):
            next(events)
    assert list(tmp_path.iterdir()) == []
