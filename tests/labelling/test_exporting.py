"""Labels as a table: what is written, what a spreadsheet may do to it, and the way back."""

import csv
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from desktop_client.errors import ExportError, ImportTableError
from desktop_client.imaging.image import DecodedImage
from desktop_client.labelling import restoring
from desktop_client.labelling.exporting import (
    LabelExport,
    LabelExportEvent,
    LabelsExported,
    RowsCollected,
    export_labels,
)
from desktop_client.labelling.gathering import FilesSeen
from desktop_client.labelling.identity import digest_file
from desktop_client.labelling.importing import (
    ImageRefused,
    ImportEvent,
    ImportFinished,
    import_folder,
)
from desktop_client.labelling.label_row import (
    EXPORT_COLUMNS,
    LabelRow,
    disarm,
    from_cells,
    rearm,
    to_cells,
)
from desktop_client.labelling.restoring import import_csv
from desktop_client.labelling.store import LabelStore

AT = datetime(2026, 3, 31, 14, 5, 0, 250, UTC)


def finish(events: Iterable[ImportEvent]) -> ImportFinished:
    *_, last = events
    assert isinstance(last, ImportFinished)
    return last


def written(events: Iterable[LabelExportEvent]) -> LabelsExported:
    *_, last = events
    assert isinstance(last, LabelsExported)
    return last


def refusals(events: Iterable[ImportEvent]) -> dict[str, str]:
    return {e.path.name: e.reason for e in events if isinstance(e, ImageRefused)}


def table_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_image(path: Path, value: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 5), value, dtype=np.uint8)).save(path)
    return path


Facts = dict[str, tuple[object, ...]]


def facts(store_path: Path) -> Facts:
    """Return label, scanner, patient group, reader, time and remarks of each sample."""
    with LabelStore(store_path) as store:
        classes = {c.class_id: c.name for c in store.classes()}
        domains = {d.domain_id: d.name for d in store.domains()}
        events = store.current_labels()
        told: Facts = {}
        for sample in store.samples():
            event = events[sample.sample_id] if sample.class_id else None
            told[sample.sample_id] = (
                classes[sample.class_id] if sample.class_id else None,
                domains[sample.domain_id],
                sample.patient,
                event.reader if event else None,
                event.happened_at if event else None,
                sample.exclusion,
                sample.note,
            )
        return told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two labelled images of one patient from one scanner, and one that nobody labelled."""
    for value, name in enumerate(("a.png", "sub/b.png", "c.png")):
        write_image(tmp_path / "images" / name, value)
    (tmp_path / "images" / "said.csv").write_text(
        "file,lesion,domain,patient\na.png,nevus,Room 3,Ada Canary\nsub/b.png,,Room 3,Ada Canary\n"
    )
    return tmp_path / "images"


@pytest.fixture
def filled(store_path: Path, folder: Path) -> Path:
    finish(import_folder(store_path, folder, labels_from_folders=False))
    finish(import_csv(store_path, folder / "said.csv"))
    (folder / "said.csv").unlink()
    with LabelStore(store_path) as store:
        by_name = {sample.path.name: sample.sample_id for sample in store.samples()}
        melanoma = store.add_class("melanoma")
        store.label([by_name["b.png"]], melanoma.class_id, "Dr. Grace")
        store.exclude([by_name["c.png"]], "blurred", "Dr. Grace")
        store.note([by_name["c.png"]], 'Ask Ada; "second" line\r\nhere', "Dr. Grace")
    return store_path


# What is written


def test_every_image_is_a_row_with_all_that_is_known_of_it(filled: Path, folder: Path) -> None:
    done = written(export_labels(filled, LabelExport(folder / "labels.csv")))
    assert (done.row_count, done.labelled_count) == (3, 2)
    rows = {row["file"]: row for row in table_of(folder / "labels.csv")}
    assert [(name, row["lesion"]) for name, row in sorted(rows.items())] == [
        ("a.png", "nevus"),
        ("c.png", ""),
        ("sub/b.png", "melanoma"),
    ]
    assert rows["sub/b.png"]["reader"] == "Dr. Grace"
    assert rows["a.png"]["domain"] == "Room 3"
    assert rows["a.png"]["pseudonym"] == rows["sub/b.png"]["pseudonym"]
    assert rows["c.png"]["pseudonym"] != rows["a.png"]["pseudonym"]
    assert rows["c.png"]["reader"] == rows["c.png"]["time"] == ""
    assert datetime.fromisoformat(rows["sub/b.png"]["time"]).utcoffset() == timedelta(0)


def test_no_patients_identifier_is_written(filled: Path, folder: Path) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    assert b"Canary" not in (folder / "labels.csv").read_bytes()


def test_a_selection_is_written_alone(filled: Path, folder: Path) -> None:
    with LabelStore(filled) as store:
        chosen = frozenset({store.samples()[1].sample_id})
    export = LabelExport(folder / "labels.csv", sample_ids=chosen)
    assert written(export_labels(filled, export)).row_count == 1
    assert [row["sample"] for row in table_of(folder / "labels.csv")] == list(chosen)


def test_excel_gets_its_mark_and_semicolons_if_wanted(filled: Path, folder: Path) -> None:
    path = folder / "labels.csv"
    written(export_labels(filled, LabelExport(path, delimiter=";")))
    assert path.read_bytes().startswith(b"\xef\xbb\xbffile;lesion;")
    written(export_labels(filled, LabelExport(path, is_for_excel=False)))
    assert path.read_bytes().startswith(b"file,lesion,")


def test_paths_may_be_absolute(filled: Path, folder: Path) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv", paths="absolute")))
    assert table_of(folder / "labels.csv")[0]["file"] == str(folder / "a.png")


def test_a_folder_that_may_not_be_written_to_is_named_and_the_old_table_stays(
    filled: Path, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match=r"no/labels\.csv cannot be written: No such file"):
        written(export_labels(filled, LabelExport(tmp_path / "no" / "labels.csv")))
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(ExportError, match="Choose a folder"):
        written(export_labels(filled, LabelExport(tmp_path / "taken.csv")))
    assert list(tmp_path.glob("*.new")) == []


def test_a_cancelled_export_leaves_the_old_table(
    filled: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_client.labelling.exporting._BATCH_SIZE", 1)
    path = folder / "labels.csv"
    path.write_text("old")
    events = export_labels(filled, LabelExport(path))
    assert next(events) == RowsCollected(1, 3)
    events.close()
    assert path.read_text() == "old"
    assert [p.name for p in folder.iterdir() if p.suffix == ".new"] == []


def test_only_this_user_may_read_the_table(filled: Path, folder: Path) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    assert stat.S_IMODE((folder / "labels.csv").stat().st_mode) & 0o077 == 0


def test_the_export_is_an_act_in_the_audit_trail(filled: Path, folder: Path) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv", reader="Dr. Grace")))
    with LabelStore(filled) as store:
        *_, entry = store.audit.entries()
        store.audit.verify()
    assert (entry.kind, entry.reader) == ("labels_exported", "Dr. Grace")
    assert entry.details == '{"image_count":3}'


# Formulas


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-a.png", "@SUM(A1)", "'=quoted", "''-x"])
def test_what_a_spreadsheet_would_carry_out_is_disarmed_and_comes_back(cell: str) -> None:
    assert disarm(cell) == "'" + cell
    assert rearm(disarm(cell)) == cell


@pytest.mark.parametrize("cell", ["", "nevus", "it's", "'quoted'", "a=b", "1-2"])
def test_other_cells_are_left_alone(cell: str) -> None:
    assert disarm(cell) == cell == rearm(cell)


def test_a_class_that_looks_like_a_formula_is_written_harmless(
    filled: Path, folder: Path, tmp_path: Path
) -> None:
    with LabelStore(filled) as store:
        name = '=HYPERLINK("http://x","y")'
        store.rename_class(store.classes()[0].class_id, name)
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    assert "'" + name in {row["lesion"] for row in table_of(folder / "labels.csv")}
    finish(import_csv(tmp_path / "other.sqlite", folder / "labels.csv"))
    assert name in {fact[0] for fact in facts(tmp_path / "other.sqlite").values()}


# The way back


def test_an_export_taken_into_an_empty_store_says_the_same(
    filled: Path, folder: Path, tmp_path: Path
) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    done = finish(import_csv(tmp_path / "other.sqlite", folder / "labels.csv"))
    assert done == ImportFinished(3, 0, 0, 2)
    assert facts(tmp_path / "other.sqlite") == facts(filled)


def test_an_export_of_the_import_is_the_same_table(
    filled: Path, folder: Path, tmp_path: Path
) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    finish(import_csv(tmp_path / "other.sqlite", folder / "labels.csv"))
    written(export_labels(tmp_path / "other.sqlite", LabelExport(folder / "again.csv")))
    assert (folder / "again.csv").read_bytes() == (folder / "labels.csv").read_bytes()


def test_images_are_found_by_content_when_they_were_moved_and_renamed(
    filled: Path, folder: Path, tmp_path: Path
) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    (folder / "elsewhere").mkdir()
    (folder / "a.png").rename(folder / "elsewhere" / "z.png")
    (folder / "sub" / "b.png").rename(folder / "a.png")  # its name now leads to another image
    finish(import_csv(tmp_path / "other.sqlite", folder / "labels.csv"))
    assert facts(tmp_path / "other.sqlite") == facts(filled)


def test_images_that_the_store_knows_need_no_file(
    filled: Path, folder: Path, tmp_path: Path
) -> None:
    written(export_labels(filled, LabelExport(tmp_path / "labels.csv")))
    other = tmp_path / "other.sqlite"
    finish(import_folder(other, folder, labels_from_folders=False))
    for path in folder.rglob("*.png"):
        path.unlink()
    assert finish(import_csv(other, tmp_path / "labels.csv")) == ImportFinished(0, 0, 3, 2)
    assert facts(other) == facts(filled)


def test_other_folders_are_only_searched_when_an_image_is_missing(
    filled: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_to_search(*_: object) -> Iterator[Path]:
        yield from ()
        raise AssertionError("searched")

    monkeypatch.setattr(restoring, "walk", refuse_to_search)
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    (folder / "a.png").rename(folder / "b.png")
    with pytest.raises(AssertionError, match="searched"):
        finish(import_csv(tmp_path / "one.sqlite", folder / "labels.csv"))
    (folder / "b.png").rename(folder / "a.png")
    assert finish(import_csv(tmp_path / "two.sqlite", folder / "labels.csv")).imported_count == 3


def test_a_long_search_can_be_stopped_between_files(
    filled: Path, folder: Path, tmp_path: Path
) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    for name in ("a.png", "sub/b.png", "c.png"):
        (folder / name).unlink()
    write_image(folder / "other.png", 99)
    events = import_csv(tmp_path / "other.sqlite", folder / "labels.csv")
    assert FilesSeen(1) in list(events)


def test_an_image_that_is_nowhere_is_refused_by_row(
    filled: Path, folder: Path, tmp_path: Path
) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    (folder / "c.png").unlink()
    write_image(folder / "a.png", 200)
    told = refusals(import_csv(tmp_path / "other.sqlite", folder / "labels.csv"))
    assert told["c.png"].startswith("row 3: there is no such file, and no other file beneath")
    assert told["a.png"].startswith("row 2: it is another image now, and no other file beneath")


def test_labels_of_people_outlive_the_import_of_an_export(filled: Path, folder: Path) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    with LabelStore(filled) as store:
        nevus = store.class_named("nevus")
        assert nevus is not None
        ids = [s.sample_id for s in store.samples()]
        store.label(ids, nevus.class_id, "Dr. Later")
    assert finish(import_csv(filled, folder / "labels.csv")).labelled_count == 0
    assert {fact[3] for fact in facts(filled).values()} == {"Dr. Later"}


def test_exclusions_and_notes_of_people_outlive_it_too_and_imports_are_no_step_of_undo(
    filled: Path, folder: Path, tmp_path: Path
) -> None:
    written(export_labels(filled, LabelExport(folder / "labels.csv")))
    other = tmp_path / "other.sqlite"
    finish(import_folder(other, folder, labels_from_folders=False))
    with LabelStore(other) as store:
        (sample,) = [s for s in store.samples() if s.path.name == "c.png"]
        store.exclude([sample.sample_id], "obscured", "Dr. Later")
    finish(import_csv(other, folder / "labels.csv"))
    with LabelStore(other) as store:
        assert store.sample(sample.sample_id).exclusion == "obscured"
        assert store.sample(sample.sample_id).note.startswith("Ask Ada")
        assert store.undo("Dr. Later") == [sample.sample_id]
        assert store.sample(sample.sample_id).exclusion is None
        assert not store.can_undo()
        store.audit.verify()


def test_frames_of_one_file_keep_each_its_own_label(
    store_path: Path, folder: Path, tmp_path: Path
) -> None:
    stack = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
    tifffile.imwrite(folder / "stack.tif", stack, photometric="minisblack")
    finish(import_folder(store_path, folder, labels_from_folders=False))
    with LabelStore(store_path) as store:
        classes = [store.add_class(name).class_id for name in ("nevus", "melanoma")]
        frames = [s for s in store.samples() if s.path.name == "stack.tif"]
        store.label([frames[0].sample_id], classes[0], "Ada")
        store.label([frames[2].sample_id], classes[1], "Ada")
        chosen = frozenset(s.sample_id for s in (frames[0], frames[2]))
    written(export_labels(store_path, LabelExport(folder / "labels.csv", sample_ids=chosen)))
    other = tmp_path / "other.sqlite"
    finish(import_csv(other, folder / "labels.csv"))
    told = facts(other)
    assert {i: told[i] for i in chosen} == {i: facts(store_path)[i] for i in chosen}
    assert len(told) == 3  # the frame between them was opened with its file
    assert len({fact[2] for fact in told.values()}) == 1


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("sample", "nonsense", "does not identify an image"),
        ("pseudonym", "Ada Canary", "none that SiteBlind wrote"),
        ("time", "yesterday", "its time 'yesterday' is none like 2026"),
        ("time", "2026-03-31T14:05:00", "does not say in which zone"),
    ],
)
def test_a_row_that_was_spoilt_by_hand_is_refused_and_the_rest_goes_on(
    filled: Path, folder: Path, tmp_path: Path, column: str, cell: str, reason: str
) -> None:
    path = folder / "labels.csv"
    written(export_labels(filled, LabelExport(path, is_for_excel=False)))
    rows = table_of(path)
    rows[0][column] = cell
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    events = list(import_csv(tmp_path / "other.sqlite", path))
    assert reason in refusals(events)["a.png"]
    assert finish(events).imported_count == 2


def test_two_rows_about_one_image_are_refused_the_second_time(
    filled: Path, folder: Path, tmp_path: Path
) -> None:
    path = folder / "labels.csv"
    written(export_labels(filled, LabelExport(path)))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    told = refusals(import_csv(tmp_path / "other.sqlite", path))
    assert told == {"a.png": "row 5: it is about the same image as row 2"}


def test_an_unknown_column_of_an_export_is_refused_by_name(filled: Path, folder: Path) -> None:
    path = folder / "labels.csv"
    path.write_text("file,sample,patient\n")
    with pytest.raises(ImportTableError, match="unknown column: 'patient'"):
        finish(import_csv(filled, path))


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=12
) | st.sampled_from(["=1", "-", "a,b", 'say "x"', "a;b;c", "'@", "Nävus", "Leberfleck 2"])
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC) | st.just(timezone(timedelta(hours=2))),
)
SAID = st.tuples(
    st.none() | st.integers(0, 3),  # which class
    st.none() | st.integers(0, 2),  # which scanner
    st.none() | WORDS,  # the patient
    WORDS,  # the reader
    MOMENTS,
    st.none() | WORDS,  # why it is excluded
    st.just("") | WORDS,  # a note
)


@settings(max_examples=40, deadline=None)
@given(
    said=st.lists(SAID, min_size=1, max_size=6),
    classes=st.lists(WORDS, min_size=4, max_size=4, unique_by=lambda w: w.casefold()),
    domains=st.lists(WORDS, min_size=3, max_size=3, unique_by=lambda w: w.casefold()),
    delimiter=st.sampled_from([",", ";"]),
    is_for_excel=st.booleans(),
    paths=st.sampled_from(["relative", "absolute"]),
)
def test_whatever_was_said_comes_back_the_same(
    said: list[tuple[int | None, int | None, str | None, str, datetime, str | None, str]],
    classes: list[str],
    domains: list[str],
    delimiter: Literal[",", ";"],
    is_for_excel: bool,
    paths: Literal["relative", "absolute"],
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        with LabelStore(folder / "one.sqlite") as store:
            for value, (which, domain, patient, reader, at, why, note) in enumerate(said):
                path = write_image(folder / f"={value}, odd.png", value)
                domain_id = None
                if domain is not None:
                    domain_id = store.domain_named(domains[domain]).domain_id
                sample = store.add_image(
                    path,
                    digest_file(path),
                    DecodedImage(np.full((4, 5), value, dtype=np.uint8)),
                    domain_id=domain_id,
                    patient_identifier=patient,
                )
                store.exclude([sample.sample_id], why, reader)
                store.note([sample.sample_id], note, reader)
                if which is not None:
                    lesion = store.class_named(classes[which]) or store.add_class(classes[which])
                    store.import_labels({sample.sample_id: lesion.class_id}, reader, at)
        export = LabelExport(
            folder / "labels.csv",
            paths=paths,
            is_for_excel=is_for_excel,
            delimiter=delimiter,
        )
        written(export_labels(folder / "one.sqlite", export))
        finish(import_csv(folder / "two.sqlite", folder / "labels.csv"))
        assert facts(folder / "two.sqlite") == facts(folder / "one.sqlite")


def test_a_row_is_the_same_after_its_cells() -> None:
    said = ("-a.png", "=x", "Room; 3", "f" * 64, "@ada", AT, "+1", "two\nlines")
    row = LabelRow("0" * 64 + ":3", *said, 7)
    assert from_cells(7, dict(zip(EXPORT_COLUMNS, to_cells(row), strict=True))) == row
