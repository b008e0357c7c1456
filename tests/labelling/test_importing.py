"""Images and labels from folders and tables: what comes in, what is refused, what is kept."""

import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import tifffile
from PIL import Image

from desktop_client.errors import ImageUnreadableError, ImportTableError
from desktop_client.labelling import files
from desktop_client.labelling.importing import (
    FilesFound,
    ImageImported,
    ImageRefused,
    ImportEvent,
    ImportFinished,
    import_folder,
    import_table,
)
from desktop_client.labelling.store import LabelStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    return tmp_path / "images"


def write_image(path: Path, value: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 5), value, dtype=np.uint8)).save(path)
    return path


def write_table(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def finish(events: Iterable[ImportEvent]) -> ImportFinished:
    *_, last = events
    assert isinstance(last, ImportFinished)
    return last


def refusals(events: Iterable[ImportEvent]) -> dict[str, str]:
    return {e.path.name: e.reason for e in events if isinstance(e, ImageRefused)}


def labels(store_path: Path) -> dict[str, str | None]:
    with LabelStore(store_path) as store:
        names = {c.class_id: c.name for c in store.classes()}
        return {s.path.name: names[s.class_id] if s.class_id else None for s in store.samples()}


# Folders


def test_a_folder_is_imported_with_its_subfolders_in_counting_order(
    store_path: Path, folder: Path
) -> None:
    for value, name in enumerate(["10.png", "2.png", "a/1.jpg", "a/b/c.tif"]):
        write_image(folder / name, value)
    events = list(import_folder(store_path, folder, labels_from_folders=False))
    assert events[0] == FilesFound(4)
    imported = [event for event in events if isinstance(event, ImageImported)]
    assert [event.sample.path.name for event in imported] == ["2.png", "10.png", "1.jpg", "c.tif"]
    assert [(event.done_count, event.total_count) for event in imported] == [
        (1, 4),
        (2, 4),
        (3, 4),
        (4, 4),
    ]
    assert events[-1] == ImportFinished(4, 0, 0, 0)
    with LabelStore(store_path) as store:
        assert store.samples() == [event.sample for event in imported]
        assert {s.domain_id for s in store.samples()} == {store.default_domain().domain_id}


def test_hidden_files_hidden_folders_and_other_documents_are_passed_over(
    store_path: Path, folder: Path
) -> None:
    write_image(folder / "a.png", 1)
    write_image(folder / ".hidden.png", 2)
    write_image(folder / ".trash" / "b.png", 3)
    (folder / "notes.txt").write_text("no image", encoding="utf-8")
    finished = finish(import_folder(store_path, folder, labels_from_folders=False))
    assert finished == ImportFinished(1, 0, 0, 0)


def test_an_image_without_a_suffix_is_found_by_its_content(store_path: Path, folder: Path) -> None:
    write_image(folder / "IM0001.png", 1).rename(folder / "IM0001")
    assert finish(import_folder(store_path, folder, labels_from_folders=False)).imported_count == 1


def test_unreadable_images_are_listed_and_the_rest_goes_on(store_path: Path, folder: Path) -> None:
    write_image(folder / "good.png", 1)
    whole = write_image(folder / "cut.png", 2).read_bytes()
    (folder / "cut.png").write_bytes(whole[:50])
    (folder / "text.jpg").write_text("hello", encoding="utf-8")
    (folder / "moving.gif").write_bytes(b"GIF89a")
    events = list(import_folder(store_path, folder, labels_from_folders=False))
    assert refusals(events) == {
        "cut.png": "it is damaged or cut off",
        "text.jpg": "it is not an image that can be opened; "
        "DICOM, PNG, JPEG and TIFF can be opened",
        "moving.gif": "it is a GIF; DICOM, PNG, JPEG and TIFF can be opened",
    }
    assert events[-1] == ImportFinished(1, 3, 0, 0)


def test_a_folder_without_images_is_no_error(store_path: Path, folder: Path) -> None:
    events = list(import_folder(store_path, folder, labels_from_folders=True))
    assert events == [FilesFound(0), ImportFinished(0, 0, 0, 0)]


def test_a_folder_that_does_not_exist_or_is_a_file_is_refused(
    store_path: Path, folder: Path
) -> None:
    with pytest.raises(ImageUnreadableError, match="missing cannot be read: there is no such fol"):
        list(import_folder(store_path, folder / "missing", labels_from_folders=False))
    file = write_image(folder / "a.png", 1)
    with pytest.raises(ImageUnreadableError, match="it is not a folder"):
        list(import_folder(store_path, file, labels_from_folders=False))


def test_folders_give_the_class_and_make_it_if_needed(store_path: Path, folder: Path) -> None:
    with LabelStore(store_path) as store:
        nevus = store.add_class("Nevus")
    for value, name in enumerate(["nevus/1.png", "melanoma/2.png", "deep/melanoma/3.png"]):
        write_image(folder / name, value)
    assert finish(import_folder(store_path, folder, labels_from_folders=True)).labelled_count == 3
    assert labels(store_path) == {"1.png": "Nevus", "2.png": "melanoma", "3.png": "melanoma"}
    with LabelStore(store_path) as store:
        assert [c.name for c in store.classes()] == ["Nevus", "melanoma"]
        assert store.classes()[0] == nevus


def test_labels_of_people_outlive_a_second_import(store_path: Path, folder: Path) -> None:
    write_image(folder / "nevus" / "1.png", 1)
    write_image(folder / "nevus" / "2.png", 2)
    finish(import_folder(store_path, folder, labels_from_folders=True))
    with LabelStore(store_path) as store:
        melanoma = store.add_class("melanoma")
        store.label([store.samples()[0].sample_id], melanoma.class_id, "Ada")
    assert finish(import_folder(store_path, folder, labels_from_folders=True)).labelled_count == 0
    assert labels(store_path) == {"1.png": "melanoma", "2.png": "nevus"}


def test_the_same_image_in_two_classes_is_refused_the_second_time(
    store_path: Path, folder: Path
) -> None:
    write_image(folder / "melanoma" / "a.png", 1)
    write_image(folder / "nevus" / "b.png", 1)
    events = list(import_folder(store_path, folder, labels_from_folders=True))
    assert refusals(events) == {"b.png": "it is the same image as a.png, which is 'melanoma'"}
    assert events[-1] == ImportFinished(1, 1, 0, 1)
    assert list(labels(store_path).values()) == ["melanoma"]


def test_a_named_scanner_is_the_domain_of_the_whole_folder(store_path: Path, folder: Path) -> None:
    write_image(folder / "a.png", 1)
    finish(import_folder(store_path, folder, labels_from_folders=False, domain_name="Room 3"))
    finish(import_folder(store_path, folder, labels_from_folders=False))
    with LabelStore(store_path) as store:
        assert store.samples()[0].domain_id == store.domain_named("room 3").domain_id


def test_a_second_import_changes_nothing_and_reads_nothing(
    store_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in range(5):
        write_image(folder / f"{value}.png", value)
    assert finish(import_folder(store_path, folder, labels_from_folders=False)) == ImportFinished(
        5, 0, 0, 0
    )
    with LabelStore(store_path) as store:
        before = store.samples()

    def refuse_to_decode(path: Path) -> NoReturn:
        raise AssertionError(f"decoded {path}")

    monkeypatch.setattr(files, "decode_frames", refuse_to_decode)
    monkeypatch.setattr(files, "digest_file", refuse_to_decode)
    assert finish(import_folder(store_path, folder, labels_from_folders=False)) == ImportFinished(
        0, 0, 5, 0
    )
    with LabelStore(store_path) as store:
        assert store.samples() == before


def test_a_moved_folder_keeps_its_labels(store_path: Path, folder: Path) -> None:
    write_image(folder / "nevus" / "a.png", 1)
    finish(import_folder(store_path, folder, labels_from_folders=True))
    moved = folder.rename(folder.with_name("moved"))
    assert finish(import_folder(store_path, moved, labels_from_folders=False)) == ImportFinished(
        0, 0, 1, 0
    )
    with LabelStore(store_path) as store:
        (sample,) = store.samples_in(moved)
        assert sample.class_id is not None


def test_frames_of_one_file_are_samples_of_one_patient_group(
    store_path: Path, folder: Path
) -> None:
    stack = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
    tifffile.imwrite(folder / "nevus.tif", stack, photometric="minisblack")
    write_image(folder / "other.png", 7)
    assert finish(import_folder(store_path, folder, labels_from_folders=False)).imported_count == 4
    with LabelStore(store_path) as store:
        by_patient = Counter(sample.patient for sample in store.samples())
        assert sorted(by_patient.values()) == [1, 3]
        assert [s.frame for s in store.samples()] == [0, 1, 2, 0]


def test_what_was_imported_stays_when_the_import_is_cancelled(
    store_path: Path, folder: Path
) -> None:
    for value in range(200):
        write_image(folder / f"{value}.png", value)
    with closing(import_folder(store_path, folder, labels_from_folders=False)) as events:
        for event in events:
            if isinstance(event, ImageImported) and event.done_count == 10:
                break
    with LabelStore(store_path) as store:
        kept_count = len(store.samples())
    assert 10 <= kept_count < 200
    finished = finish(import_folder(store_path, folder, labels_from_folders=False))
    assert finished == ImportFinished(200 - kept_count, 0, kept_count, 0)


def test_the_store_can_be_written_by_others_between_two_events(
    store_path: Path, folder: Path
) -> None:
    write_image(folder / "a.png", 1)
    for _ in import_folder(store_path, folder, labels_from_folders=False):
        with LabelStore(store_path) as store:
            store.domain_named("Room 3")


def test_a_file_whose_name_is_no_text_is_refused(store_path: Path, folder: Path) -> None:
    source = write_image(folder / "a.png", 1)
    try:
        shutil.move(source, folder / "a\udce4.png")
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system has no such names")
    events = list(import_folder(store_path, folder, labels_from_folders=False))
    assert refusals(events) == {"a?.png": "its name is not valid text; rename it"}


# Tables


def test_a_table_gives_lesion_scanner_and_patient(store_path: Path, folder: Path) -> None:
    for value, name in enumerate(["a.png", "sub/b.png", "c.png"]):
        write_image(folder / name, value)
    table = write_table(
        folder,
        "patient,file,domain,lesion",
        "P1,a.png,Room 3,nevus",
        "P1,sub/b.png,Room 4,melanoma",
        ",c.png,,",
    )
    finished = finish(import_table(store_path, table, reader="Ada"))
    assert finished == ImportFinished(3, 0, 0, 2)
    assert labels(store_path) == {"a.png": "nevus", "b.png": "melanoma", "c.png": None}
    with LabelStore(store_path) as store:
        domains = {d.domain_id: d.name for d in store.domains()}
        a, b, c = store.samples()
        assert [domains[s.domain_id] for s in (a, b, c)] == ["Room 3", "Room 4", "Unnamed scanner"]
        assert a.patient == b.patient != c.patient
        assert store.history(a.sample_id)[0].reader == "Ada"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("file;lesion", "a.png;nevus"),
        ("\ufeffFile,LESION ", "a.png, nevus"),
        ('file\t"lesion"\t', "a.png\tnevus\t"),
    ],
    ids=["semicolons", "byte order mark and capitals", "tabs and an empty last column"],
)
def test_tables_as_spreadsheets_write_them_are_understood(
    store_path: Path, folder: Path, header: str, row: str
) -> None:
    write_image(folder / "a.png", 1)
    finish(import_table(store_path, write_table(folder, header, "", row)))
    assert labels(store_path) == {"a.png": "nevus"}


def test_windows_and_absolute_and_outside_paths_are_followed(
    store_path: Path, folder: Path, tmp_path: Path
) -> None:
    write_image(folder / "sub" / "a.png", 1)
    write_image(tmp_path / "outside.png", 2)
    absolute = write_image(tmp_path / "elsewhere" / "b.png", 3)
    table = write_table(folder, "file", "sub\\a.png", "../outside.png", str(absolute))
    assert finish(import_table(store_path, table)) == ImportFinished(3, 0, 0, 0)


def test_a_table_that_leads_nowhere_is_refused_with_where_it_leads(
    store_path: Path, folder: Path
) -> None:
    table = write_table(folder, "file", "sub/a.png", "sub/b.png")
    with pytest.raises(ImportTableError, match="begin at the folder the table is in") as refused:
        finish(import_table(store_path, table))
    assert str(folder / "sub" / "a.png") in str(refused.value)


def test_rows_that_cannot_be_used_are_listed_by_their_number(
    store_path: Path, folder: Path
) -> None:
    write_image(folder / "a.png", 1)
    (folder / "text.png").write_text("hello", encoding="utf-8")
    table = write_table(
        folder,
        "file,lesion",
        "missing.png,nevus",
        "a.png,nevus",
        "text.png,",
        ",nevus",
        "a.png,nevus,x",
    )
    events = list(import_table(store_path, table))
    assert sorted(e.reason for e in events if isinstance(e, ImageRefused)) == [
        "row 2: there is no such file",
        "row 4: it is not an image that can be opened; DICOM, PNG, JPEG and TIFF can be opened",
        "row 5: it names no file",
        "row 6: it has more cells than the header",
    ]
    assert events[0] == FilesFound(5)
    assert events[-1] == ImportFinished(1, 4, 0, 1)
    done = [e.done_count for e in events if isinstance(e, ImageImported | ImageRefused)]
    assert done == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [("lesion", "nevus", "melanoma"), ("patient", "P1", "P2"), ("domain", "Room 3", "Room 4")],
)
def test_rows_that_contradict_each_other_are_refused_both(
    store_path: Path, folder: Path, column: str, first: str, second: str
) -> None:
    write_image(folder / "a.png", 1)
    write_image(folder / "b.png", 2)
    table = write_table(
        folder, f"file,{column}", f"a.png,{first}", f"b.png,{first}", f"./a.png,{second}"
    )
    events = list(import_table(store_path, table))
    reason = f"rows 2 and 4 say different things about its {column}"
    assert [e.reason for e in events if isinstance(e, ImageRefused)] == [
        f"row 2: {reason}",
        f"row 4: {reason}",
    ]
    assert list(labels(store_path)) == ["b.png"]


def test_rows_that_repeat_each_other_are_duplicates(store_path: Path, folder: Path) -> None:
    write_image(folder / "a.png", 1)
    table = write_table(folder, "file,lesion", "a.png,nevus", "a.png,Nevus")
    assert finish(import_table(store_path, table)) == ImportFinished(1, 0, 1, 1)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            ["file,diagnosis"],
            r"unknown column: 'diagnosis'\. Allowed are file, lesion, domain, pat",
        ),
        (["lesion"], "no column 'file'"),
        (["file,file"], "has the column 'file' twice"),
        ([""], "has no first row that names its columns: file, lesion, domain, patient"),
        (["file", '"a.png'], "is not a sound CSV; line"),
        (["file", "a\0.png"], "is not a text table"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused_as_a_whole(
    store_path: Path, folder: Path, lines: list[str], sentence: str
) -> None:
    with pytest.raises(ImportTableError, match=sentence):
        list(import_table(store_path, write_table(folder, *lines)))
    assert not store_path.exists()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings_are_refused_with_the_remedy(
    store_path: Path, folder: Path, encoding: str
) -> None:
    table = write_table(folder, "file,lesion", "a.png,Nävus", encoding=encoding)
    with pytest.raises(ImportTableError, match=r'not written in UTF-8\. Save it as "CSV UTF-8"'):
        list(import_table(store_path, table))


def test_a_table_that_does_not_exist_is_refused(store_path: Path, folder: Path) -> None:
    with pytest.raises(ImportTableError, match=r"labels\.csv cannot be read: No such file"):
        list(import_table(store_path, folder / "labels.csv"))


# Real images


@pytest.mark.realdata
def test_every_image_of_a_real_hospital_is_imported(store_path: Path, shared_data: Path) -> None:
    site = shared_data / "skin" / "rosendahl"
    finished = finish(import_folder(store_path, site, labels_from_folders=True))
    # The counts that the data's own table gives: 235 melanomas and 81 nevi.
    # Two of them are one lesion, filed twice.
    assert finished == ImportFinished(316, 0, 0, 316, look_alike_count=2)
    with LabelStore(store_path) as store:
        names = {c.class_id: c.name for c in store.classes()}
        counts = {names[class_id]: n for class_id, n in store.progress().by_class.items()}
    assert counts == {"melanoma": 235, "nevus": 81}


@pytest.mark.realdata
def test_a_real_table_gives_patients(store_path: Path, shared_data: Path, tmp_path: Path) -> None:
    import csv

    with (shared_data / "skin" / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["site"] == "rosendahl"]
    lines = [f"{shared_data}/skin/{r['file']},{r['lesion']},{r['patient']}" for r in rows]
    table = write_table(tmp_path, "file,lesion,patient", *lines)
    assert finish(import_table(store_path, table)).refused_count == 0
    with LabelStore(store_path) as store:
        groups = {sample.patient for sample in store.samples()}
    assert len(groups) == len({row["patient"] for row in rows})
