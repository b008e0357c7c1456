"""What can be opened, and what the headers of DICOM files add to it."""

import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.uid import JPEGBaseline8Bit, MediaStorageDirectoryStorage, generate_uid

from desktop_client.labelling import gathering
from desktop_client.labelling.gathering import FilesSeen
from desktop_client.labelling.importing import (
    ImageImported,
    ImageRefused,
    ImportEvent,
    ImportFinished,
    import_folder,
    import_paths,
    import_table,
)
from desktop_client.labelling.store import LabelStore
from tests.imaging.dicom.conftest import dataset_of
from tests.imaging.test_fingerprint import scene

SERIES = generate_uid(entropy_srcs=["series"])


def write_dicom(path: Path, value: int = 1, **elements: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    uid = generate_uid(entropy_srcs=[str(path)])
    header = dataset_of(np.full((4, 5), value, np.uint16), **{"SOPInstanceUID": uid} | elements)
    pydicom.dcmwrite(path, header)
    return path


def write_photo(path: Path, value: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 5), value, np.uint8)).save(path)
    return path


def finish(events: Iterable[ImportEvent]) -> ImportFinished:
    *_, last = events
    assert isinstance(last, ImportFinished)
    return last


def domains(store_path: Path) -> dict[str, str]:
    """Return the name of each file's scanner."""
    with LabelStore(store_path) as store:
        names = {domain.domain_id: domain.name for domain in store.domains()}
        return {sample.path.name: names[sample.domain_id] for sample in store.samples()}


# What can be opened


def test_folders_and_files_are_opened_together_each_file_once(
    store_path: Path, tmp_path: Path
) -> None:
    write_photo(tmp_path / "one" / "10.png", 1)
    second = write_photo(tmp_path / "one" / "2.png", 2)
    other = write_photo(tmp_path / "two" / "a.png", 3)
    events = list(import_paths(store_path, [other, tmp_path / "one", second]))
    names = [event.sample.path.name for event in events if isinstance(event, ImageImported)]
    assert names == ["a.png", "2.png", "10.png"]


def test_a_file_opened_by_itself_is_refused_with_the_reason(
    store_path: Path, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague", encoding="utf-8")
    events = list(import_paths(store_path, [tmp_path / "letter.txt", tmp_path / "missing.png"]))
    reasons = {e.path.name: e.reason for e in events if isinstance(e, ImageRefused)}
    assert reasons["missing.png"] == "there is no such file"
    assert reasons["letter.txt"].startswith("it is not an image that can be opened")


def test_looking_for_files_tells_how_far_it_is(
    store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_TELL_S", 0.0)
    for value in range(3):
        write_photo(tmp_path / "images" / f"{value}.png", value)
    events = list(import_paths(store_path, [tmp_path / "images"]))
    assert [e.count for e in events if isinstance(e, FilesSeen)] == [1, 2, 3]


def write_dicomdir(path: Path, *names: list[str]) -> Path:
    records = []
    for name in names:
        record = pydicom.Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = name
        records.append(record)
    header = dataset_of(np.zeros((1, 1), np.uint8), DirectoryRecordSequence=records)
    header.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    del header.SOPClassUID
    pydicom.dcmwrite(path, header)
    return path


def test_the_files_that_a_dicomdir_lists_are_opened(store_path: Path, tmp_path: Path) -> None:
    for name in ("IM1", "IM2", "LEFTOUT"):
        write_dicom(tmp_path / "disc" / "IMAGES" / name, len(name) + ord(name[-1]))
    listed = [["IMAGES", "IM1"], ["IMAGES", "IM2"], ["IMAGES", "GONE"]]
    path = write_dicomdir(tmp_path / "disc" / "DICOMDIR", *listed)
    events = list(import_paths(store_path, [path]))
    assert finish(events) == ImportFinished(2, 1, 0, 0)
    assert [e.path.name for e in events if isinstance(e, ImageRefused)] == ["GONE"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders")
@pytest.mark.timeout(20)
def test_a_pipe_in_an_opened_folder_is_not_waited_for(store_path: Path, tmp_path: Path) -> None:
    write_photo(tmp_path / "images" / "1.png")
    os.mkfifo(tmp_path / "images" / "pipe")
    done = finish(import_paths(store_path, [tmp_path / "images"]))
    assert done == ImportFinished(1, 0, 0, 0)


@pytest.mark.parametrize("name", [["..", "private"], ["..\\private"], ["C:", "private"]])
def test_a_dicomdir_that_leads_out_of_its_disc_is_refused(
    store_path: Path, tmp_path: Path, name: list[str]
) -> None:
    write_dicom(tmp_path / "private")
    (tmp_path / "disc").mkdir()
    path = write_dicomdir(tmp_path / "disc" / "DICOMDIR", name)
    events = list(import_paths(store_path, [path]))
    assert finish(events).imported_count == 0
    (refused,) = [e for e in events if isinstance(e, ImageRefused)]
    assert refused.reason == "it lists files outside of its disc"


def test_a_dicomdir_in_an_opened_folder_is_no_refused_image(
    store_path: Path, tmp_path: Path
) -> None:
    write_dicom(tmp_path / "disc" / "IM1")
    write_dicomdir(tmp_path / "disc" / "DICOMDIR", ["IM1"])
    assert finish(import_paths(store_path, [tmp_path / "disc"])) == ImportFinished(1, 0, 0, 0)


def test_names_of_a_dicomdir_are_found_whatever_their_capitals(
    store_path: Path, tmp_path: Path
) -> None:
    path = write_dicomdir(tmp_path / "dicomdir", ["IMAGES", "IM1"])
    write_dicom(tmp_path / "images" / "im1")
    assert finish(import_paths(store_path, [path])).imported_count == 1


# Scanners


def test_the_header_says_which_scanner_it_was(store_path: Path, tmp_path: Path) -> None:
    write_dicom(tmp_path / "a", 1, Manufacturer="ACME", ManufacturerModelName="Scan 3000")
    write_dicom(tmp_path / "b", 2, Manufacturer="ACME", ManufacturerModelName="ACME Mobile")
    write_photo(tmp_path / "c.png")
    finish(import_folder(store_path, tmp_path, labels_from_folders=False, domain_name="Room 3"))
    assert domains(store_path) == {"a": "ACME Scan 3000", "b": "ACME Mobile", "c.png": "Room 3"}


def test_two_devices_of_one_model_are_two_scanners_and_no_serial_number_shows(
    store_path: Path, tmp_path: Path
) -> None:
    for number, (station, serial) in enumerate(
        [("CT1", "S-111"), ("CT2", "S-222"), ("CT2", "S-333"), ("CT1", "S-111")]
    ):
        write_dicom(
            tmp_path / f"{number}", number, Manufacturer="ACME", ManufacturerModelName="X",
            StationName=station, DeviceSerialNumber=serial,
        )  # fmt: skip
    finish(import_folder(store_path, tmp_path, labels_from_folders=False))
    assert domains(store_path) == {
        "0": "ACME X",
        "1": "ACME X (CT2)",
        "2": "ACME X (CT2) 2",
        "3": "ACME X",
    }
    assert b"S-111" not in store_path.read_bytes()


def test_a_table_knows_better_than_the_header(store_path: Path, tmp_path: Path) -> None:
    write_dicom(tmp_path / "a", 1, Manufacturer="ACME")
    write_dicom(tmp_path / "b", 2, Manufacturer="ACME")
    table = tmp_path / "t.csv"
    table.write_text("file,domain\na,Research scanner\nb,\n", encoding="utf-8")
    finish(import_table(store_path, table))
    assert domains(store_path) == {"a": "Research scanner", "b": "ACME"}


def test_a_known_file_keeps_its_scanner(store_path: Path, tmp_path: Path) -> None:
    write_dicom(tmp_path / "a", 1, Manufacturer="ACME")
    finish(import_folder(store_path, tmp_path, labels_from_folders=False))
    finish(import_folder(store_path, tmp_path, labels_from_folders=False, domain_name="Room 3"))
    assert domains(store_path) == {"a": "ACME"}


# Patients and series


def test_images_of_one_patient_id_are_one_group_and_it_is_not_stored(
    store_path: Path, tmp_path: Path
) -> None:
    for value, patient in enumerate(["Patient-4711", "Patient-4711", "Patient-4712"]):
        write_dicom(tmp_path / str(value), value, PatientID=patient)
    finish(import_folder(store_path, tmp_path, labels_from_folders=False))
    with LabelStore(store_path) as store:
        first, second, third = (sample.patient for sample in store.samples())
    assert first == second != third
    assert b"Patient-471" not in store_path.read_bytes()


def test_without_a_patient_id_one_examination_is_one_group(
    store_path: Path, tmp_path: Path
) -> None:
    for value, dicom_study in enumerate(["1.2.1", "1.2.1", "1.2.2"]):
        write_dicom(tmp_path / str(value), value, StudyInstanceUID=dicom_study)
    finish(import_folder(store_path, tmp_path, labels_from_folders=False))
    with LabelStore(store_path) as store:
        first, second, third = (sample.patient for sample in store.samples())
    assert first == second != third


def test_the_images_of_a_series_and_the_frames_of_a_file_can_be_listed(
    store_path: Path, tmp_path: Path
) -> None:
    for value in range(3):
        write_dicom(tmp_path / f"{value}", value, SeriesInstanceUID=SERIES)
    frames = np.arange(2, dtype=np.uint16).repeat(20).reshape(2, 4, 5) + 50
    header = dataset_of(frames, NumberOfFrames=2, SeriesInstanceUID="1.9", SOPInstanceUID="1.9.1")
    pydicom.dcmwrite(tmp_path / "frames", header)
    write_photo(tmp_path / "photo.png")
    finish(import_folder(store_path, tmp_path, labels_from_folders=False))
    with LabelStore(store_path) as store:
        by_name = {(s.path.name, s.frame): s.sample_id for s in store.samples()}
        series = [by_name[str(value), 0] for value in range(3)]
        both = [by_name["frames", 0], by_name["frames", 1]]
        alone = by_name["photo.png", 0]
        assert store.provenance.same_series(series[1]) == series
        assert store.provenance.same_file(series[1]) == [series[1]]
        assert store.provenance.same_file(both[1]) == both
        assert store.provenance.same_series(both[0]) == both
        assert store.provenance.same_series(alone) == [alone]


# Exported again


def write_jpeg(path: Path, lossless: Path) -> Path:
    """Write what an archive gives out when it compresses a file for the way."""

    header = pydicom.dcmread(lossless)
    buffer = io.BytesIO()
    Image.fromarray(header.pixel_array).save(buffer, "JPEG", quality=80)
    header.PixelData = pydicom.encaps.encapsulate([buffer.getvalue()])
    header["PixelData"].is_undefined_length = True
    header.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    header.save_as(path)
    return path


def test_a_file_given_out_in_another_compression_is_the_same_sample(
    store_path: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    pydicom.dcmwrite(first, dataset_of(scene(1), SOPInstanceUID="1.2.77"))
    again = write_jpeg(tmp_path / "again", first)
    finish(import_paths(store_path, [first]))
    assert finish(import_paths(store_path, [again])) == ImportFinished(0, 0, 1, 0)
    with LabelStore(store_path) as store:
        assert [sample.path for sample in store.samples()] == [first]


def test_once_the_first_file_is_gone_the_other_is_the_one_to_look_at(
    store_path: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    pydicom.dcmwrite(first, dataset_of(scene(1), SOPInstanceUID="1.2.77"))
    again = write_jpeg(tmp_path / "again", first)
    finish(import_paths(store_path, [first]))
    first.unlink()
    finish(import_paths(store_path, [again]))
    with LabelStore(store_path) as store:
        assert [sample.path for sample in store.samples()] == [again]


def test_files_that_wrongly_share_their_uid_stay_two_samples(
    store_path: Path, tmp_path: Path
) -> None:
    for seed in (1, 2):
        header = dataset_of(scene(seed), SOPInstanceUID="1.2.77")
        pydicom.dcmwrite(tmp_path / str(seed), header)
    assert finish(import_paths(store_path, [tmp_path])).imported_count == 2


def test_a_changed_file_is_read_again_although_its_name_is_known(
    store_path: Path, tmp_path: Path
) -> None:
    write_photo(tmp_path / "a.png", 1)
    finish(import_paths(store_path, [tmp_path]))
    write_photo(tmp_path / "a.png", 2)
    assert finish(import_paths(store_path, [tmp_path])).imported_count == 1
