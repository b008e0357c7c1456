"""De-identified copies of what is in the store: complete, checked, listed by pseudonyms only."""

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from desktop_client.errors import ExportError, ImportTableError
from desktop_client.imaging.decode import decode_image
from desktop_client.imaging.deidentify import photo
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.labelling.area_table import read_areas
from desktop_client.labelling.copying import (
    CopiesFinished,
    CopyEvent,
    CopyExport,
    FileCopied,
    FileLookedAt,
    FileWithheld,
    export_copies,
    look_for_text,
)
from desktop_client.labelling.identity import record_of
from desktop_client.labelling.importing import import_folder
from desktop_client.labelling.restoring import import_csv
from desktop_client.labelling.sample import SHOWS_THE_PATIENT
from desktop_client.labelling.store import LabelStore
from tests.imaging.deidentify.conftest import CANARIES, a_dataset, as_bytes


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A store of two photos and a CT of one patient, and a photo with a name written into it."""
    images = tmp_path / "images"
    images.mkdir()
    for value in (1, 2):
        noise = np.random.default_rng(value).integers(0, 256, (40, 60, 3), dtype=np.uint8)
        Image.fromarray(noise).save(images / f"canary {value}.jpg", comment=b"canarycomment")
    (images / "canary.dcm").write_bytes(as_bytes(a_dataset()))
    page = Image.new("L", (600, 400))
    font = ImageFont.load_default(16)
    ImageDraw.Draw(page).text((20, 10), "Canary, Ada 3.2.1951", fill=255, font=font)
    page.save(images / "screen.png")
    store_path = tmp_path / "project" / "labels.sqlite"
    store_path.parent.mkdir()
    table = images / "said.csv"
    table.write_text(
        "file,lesion,domain,patient\n"
        "canary 1.jpg,nevus,canary room,4711canary\n"
        "canary 2.jpg,,canary room,4711canary\n"
        "canary.dcm,=melanoma,,4711canary\n"
        "screen.png,nevus,,\n"
    )
    finish(import_csv(store_path, table))
    return store_path


def finish(events: Iterable[object]) -> object:
    *_, last = events
    return last


def withheld(events: Iterable[CopyEvent]) -> dict[str, str]:
    return {e.path.name: e.reason for e in events if isinstance(e, FileWithheld)}


def manifest(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "manifest.csv").read_text())))


def images_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix not in {".csv", ".txt"})


def everything_in(folder: Path) -> bytes:
    return b"".join(p.name.encode() + p.read_bytes() for p in folder.iterdir()).lower()


def test_copies_hold_the_same_pixels_and_nothing_of_the_patient(
    project: Path, tmp_path: Path
) -> None:
    done = finish(export_copies(project, CopyExport(tmp_path / "out")))
    assert done == CopiesFinished(tmp_path / "out", 3, 1)
    content = everything_in(tmp_path / "out")
    assert [c for c in (*CANARIES, "canary") if c.lower().encode() in content] == []
    with LabelStore(project) as store:
        known = {sample.sample_id for sample in store.samples()}
    for path in images_in(tmp_path / "out"):
        assert {record_of(image).sample_id for image in decode_image(path)} < known


def test_the_manifest_lists_copies_by_pseudonyms(project: Path, tmp_path: Path) -> None:
    finish(export_copies(project, CopyExport(tmp_path / "out")))
    rows = manifest(tmp_path / "out")
    assert [row["file"] for row in rows] == [p.name for p in images_in(tmp_path / "out")]
    assert {row["label"] for row in rows} == {"nevus", "", "'=melanoma"}
    (patient,) = {row["patient"] for row in rows}
    assert all(row["file"].startswith(patient) for row in rows)
    assert len({row["scanner"] for row in rows}) == 2
    readme = (tmp_path / "out" / "README.txt").read_text()
    assert "Research use only" in readme
    assert "3 de-identified files" in readme


def test_a_label_whose_class_was_archived_is_still_told(project: Path, tmp_path: Path) -> None:
    with LabelStore(project) as store:
        nevus = store.class_named("nevus")
        assert nevus is not None
        store.class_book.change(replace(nevus, is_archived=True), "Ada")
    assert finish(export_copies(project, CopyExport(tmp_path / "out"))) == CopiesFinished(
        tmp_path / "out", 3, 1
    )
    assert {row["label"] for row in manifest(tmp_path / "out")} == {"nevus", "", "'=melanoma"}


def test_a_second_export_gives_the_same_names(project: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        finish(export_copies(project, CopyExport(tmp_path / name)))
    assert everything_in(tmp_path / "one") == everything_in(tmp_path / "two")


def test_what_may_hold_a_name_is_withheld_until_a_person_looked(
    project: Path, tmp_path: Path
) -> None:
    assert withheld(export_copies(project, CopyExport(tmp_path / "out"))) == {
        "screen.png": "nobody looked whether a name is written into it; "
        "there seems to be writing at its edge"
    }
    path = tmp_path / "images" / "screen.png"
    (looked_at,) = [
        e for e in look_for_text(project, None) if isinstance(e, FileLookedAt) and e.suspicion
    ]
    assert looked_at.path == path
    assert looked_at.suspicion is not None
    reviews = {path: looked_at.suspicion.areas}
    assert withheld(export_copies(project, CopyExport(tmp_path / "two", reviews=reviews))) == {}
    (copy,) = [p for p in images_in(tmp_path / "two") if p.suffix == ".png"]
    assert decode_image(copy)[0].pixels.max() == 0


def test_a_person_may_find_that_nothing_is_written_or_vouch_for_all(
    project: Path, tmp_path: Path
) -> None:
    reviews: dict[Path, tuple[Area, ...]] = {tmp_path / "images" / "screen.png": ()}
    assert withheld(export_copies(project, CopyExport(tmp_path / "one", reviews=reviews))) == {}
    trusting = CopyExport(tmp_path / "two", trusts_pixels=True)
    assert withheld(export_copies(project, trusting)) == {}


def test_a_selection_is_copied_alone(project: Path, tmp_path: Path) -> None:
    with LabelStore(project) as store:
        chosen = frozenset({store.samples()[0].sample_id})
    finish(export_copies(project, CopyExport(tmp_path / "out", sample_ids=chosen)))
    assert len(images_in(tmp_path / "out")) == 1


def test_files_that_are_gone_or_another_now_are_listed_and_the_rest_goes_on(
    project: Path, tmp_path: Path
) -> None:
    (tmp_path / "images" / "canary 1.jpg").unlink()
    Image.new("L", (30, 20), 9).save(tmp_path / "images" / "canary 2.jpg")
    told = withheld(export_copies(project, CopyExport(tmp_path / "out")))
    assert told["canary 1.jpg"] == "there is no such file"
    assert told["canary 2.jpg"] == "it is another image now than the one that was labelled"
    assert len(images_in(tmp_path / "out")) == 1


def test_excluded_images_are_not_exported(project: Path, tmp_path: Path) -> None:
    with LabelStore(project) as store:
        ids = {s.path.name: s.sample_id for s in store.samples()}
        store.exclude([ids["canary 1.jpg"]], "blurred", "Dr. Grace")
        store.exclude([ids["canary.dcm"]], SHOWS_THE_PATIENT, "Dr. Grace")
    trusting = CopyExport(tmp_path / "out", trusts_pixels=True)
    assert withheld(export_copies(project, trusting)) == {
        "canary 1.jpg": "it is excluded: blurred",
        "canary.dcm": "it is excluded: shows who the patient is",
    }


def test_a_copy_that_shows_something_else_is_not_left_behind(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = io.BytesIO()
    Image.new("RGB", (60, 40)).save(other, "PNG")
    monkeypatch.setattr(photo, "photo_copy", lambda *_: (other.getvalue(), ".png"))
    told = withheld(export_copies(project, CopyExport(tmp_path / "out", trusts_pixels=True)))
    assert set(told.values()) == {"its copy did not show the same image"}
    assert [p.suffix for p in images_in(tmp_path / "out")] == [".dcm"]


def test_a_cancelled_export_keeps_and_lists_what_it_made(project: Path, tmp_path: Path) -> None:
    events = export_copies(project, CopyExport(tmp_path / "out"))
    assert isinstance(next(events), FileCopied)
    events.close()
    assert len(manifest(tmp_path / "out")) == len(images_in(tmp_path / "out")) == 1


def test_the_export_is_an_act_in_the_audit_trail(project: Path, tmp_path: Path) -> None:
    finish(export_copies(project, CopyExport(tmp_path / "out", reader="Dr. Grace")))
    with LabelStore(project) as store:
        *_, entry = store.audit.entries()
        store.audit.verify()
    assert (entry.kind, entry.reader) == ("images_exported", "Dr. Grace")
    assert '"copied":3' in entry.details
    assert "canary" not in entry.details.lower()


def test_a_folder_in_use_inside_the_project_or_locked_is_refused(
    project: Path, tmp_path: Path
) -> None:
    for folder, told in (
        (tmp_path / "images", "is not empty"),
        (project.parent / "out", "lies inside the project"),
        (project.parent, "lies inside the project"),
        (project / "out", "Choose a"),
    ):
        with pytest.raises(ExportError, match=told):
            finish(export_copies(project, CopyExport(folder)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_refused(project: Path, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(ExportError, match="cannot be written to"):
        finish(export_copies(project, CopyExport(tmp_path / "locked")))


def test_areas_are_read_by_file_and_nothing_is_guessed(tmp_path: Path) -> None:
    table = tmp_path / "areas.csv"
    table.write_text("file,left,top,width,height\na.png,0,1,20,3\na.png,5,5,1,1\nb.png,,,,\n")
    assert read_areas(table) == {
        tmp_path / "a.png": (Area(0, 1, 20, 3), Area(5, 5, 1, 1)),
        tmp_path / "b.png": (),
    }
    for row, told in (
        ("a.png,0,1,20,", "whole numbers"),
        ("a.png,0,1,20,0", "be empty"),
        (",0,1,2,3", "names no file"),
        ("a.png,1,2,3,4,5", "more cells"),
    ):
        table.write_text(f"file,left,top,width,height\n{row}\n")
        with pytest.raises(ImportTableError, match=told):
            read_areas(table)


@pytest.mark.realdata
@pytest.mark.filterwarnings("ignore")  # codecs warn about what they meet
def test_every_real_dicom_file_is_exported_or_withheld_with_a_reason(
    shared_data: Path, tmp_path: Path
) -> None:
    store_path = tmp_path / "project" / "labels.sqlite"
    store_path.parent.mkdir()
    finish(import_folder(store_path, shared_data / "dicom", labels_from_folders=False))
    with LabelStore(store_path) as store:
        paths = {sample.path for sample in store.samples()}
    events = list(export_copies(store_path, CopyExport(tmp_path / "out", trusts_pixels=True)))
    copied = {event.path for event in events if isinstance(event, FileCopied)}
    assert copied | {e.path for e in events if isinstance(e, FileWithheld)} == paths
    assert len(images_in(tmp_path / "out")) == len(copied)
    assert len(copied) >= 0.95 * len(paths), withheld(events)
