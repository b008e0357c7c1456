"""Copies of DICOM files: nothing of the patient is in them, the picture is the same."""

import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.imaging.deidentify.dicom import dicom_copy
from desktop_client.imaging.deidentify.jpeg2000 import CodestreamError, bare_codestream
from desktop_client.imaging.deidentify.policy import Disguise, Policy
from desktop_client.imaging.deidentify.pseudonyms import Pseudonyms
from tests.imaging.deidentify.conftest import CANARIES, a_dataset, as_bytes, read_back

HERE = Path("a.dcm")
KANJI = "カナリア".encode("iso2022_jp")


def copied(disguise: Disguise, dataset: pydicom.FileDataset | None = None) -> pydicom.FileDataset:
    return read_back(dicom_copy(HERE, as_bytes(dataset or a_dataset()), disguise))


def whole_text(dataset: pydicom.FileDataset) -> str:
    return f"{dataset.file_meta}\n{dataset}"


@pytest.mark.parametrize("dates", ["shift", "remove"])
def test_no_canary_is_left_anywhere(disguise: Disguise, dates: Literal["shift", "remove"]) -> None:
    original = as_bytes(a_dataset())
    assert all(c.encode() in original or c == "カナリア" for c in CANARIES)  # they were planted
    assert KANJI in original
    made = dicom_copy(HERE, original, replace(disguise, policy=Policy(dates=dates)))
    left = [c for c in CANARIES if c.lower().encode() in made.lower()]
    assert left == []
    assert KANJI not in made
    assert "カナリア" not in whole_text(read_back(made))


def test_pixels_are_the_same_bytes_and_look_the_same(disguise: Disguise) -> None:
    before, after = a_dataset(), copied(disguise)
    assert after.PixelData == before.PixelData
    assert (after.WindowCenter, after.RescaleIntercept) == (300, -1024)
    assert np.array_equal(after.pixel_array, before.pixel_array)


def test_the_patient_is_a_pseudonym_and_the_rest_of_them_is_empty(disguise: Disguise) -> None:
    copy = copied(disguise)
    assert copy.PatientID == str(copy.PatientName) == disguise.patient
    assert copy.PatientID.startswith("P-")
    assert copy.PatientBirthDate == copy.PatientSex == copy.AccessionNumber == ""
    assert "OtherPatientNames" not in copy
    assert "ImageComments" not in copy


def test_it_says_what_was_done(disguise: Disguise) -> None:
    copy = copied(disguise)
    assert copy.PatientIdentityRemoved == "YES"
    assert copy.DeidentificationMethod[0] == "DICOM PS3.15 2026c Annex E Basic Profile"
    assert all(len(value) <= 64 for value in copy.DeidentificationMethod)
    codes = copy.DeidentificationMethodCodeSequence
    assert [code.CodeValue for code in codes] == ["113100", "113107"]
    assert {code.CodingSchemeDesignator for code in codes} == {"DCM"}
    assert copy.LongitudinalTemporalInformationModified == "MODIFIED"


def test_the_file_meta_group_is_ours(disguise: Disguise) -> None:
    copy = copied(disguise)
    assert copy.preamble == b"\0" * 128
    assert "SourceApplicationEntityTitle" not in copy.file_meta
    assert copy.file_meta.ImplementationVersionName == "SITEBLIND"
    assert copy.file_meta.MediaStorageSOPInstanceUID == copy.SOPInstanceUID


def test_identifiers_are_replaced_everywhere_by_the_same(disguise: Disguise) -> None:
    copy = copied(disguise)
    assert copy.SOPInstanceUID.startswith("2.25.")
    assert len(copy.SOPInstanceUID) <= 64
    reference = copy.ReferencedImageSequence[0]
    assert reference.ReferencedSOPInstanceUID == copy.SOPInstanceUID
    assert reference.ReferencedSOPClassUID == copy.SOPClassUID == a_dataset().SOPClassUID
    assert copy.StudyInstanceUID == copied(disguise).StudyInstanceUID
    other_key = replace(disguise, pseudonyms=Pseudonyms(b"x" * 32))
    assert copy.StudyInstanceUID != copied(other_key).StudyInstanceUID


def test_dates_move_together_and_times_of_day_stay(disguise: Disguise) -> None:
    copy = copied(disguise)
    study, series = (datetime.strptime(d, "%Y%m%d") for d in (copy.StudyDate, copy.SeriesDate))  # noqa: DTZ007
    assert series - study == timedelta(days=2)
    assert datetime(2026, 3, 10) - study > timedelta(days=399)  # noqa: DTZ001
    assert copy.StudyTime == "101112"
    assert copy.AcquisitionDateTime == copy.StudyDate + "101112.500000+0100"
    assert copied(replace(disguise, patient_group="another")).StudyDate != copy.StudyDate


def test_dates_that_name_no_day_become_empty(disguise: Disguise) -> None:
    dataset = a_dataset()
    dataset.StudyDate = "20260231"
    dataset["AcquisitionDateTime"].value = "2026"
    copy = copied(disguise, dataset)
    assert copy.StudyDate == ""
    assert not copy.get("AcquisitionDateTime")


def test_dates_are_removed_if_wanted(disguise: Disguise) -> None:
    copy = copied(replace(disguise, policy=Policy(dates="remove")))
    assert copy.StudyDate == copy.StudyTime == ""
    assert "SeriesDate" not in copy
    assert "20260310" not in whole_text(copy)
    assert copy.LongitudinalTemporalInformationModified == "REMOVED"
    assert [c.CodeValue for c in copy.DeidentificationMethodCodeSequence] == ["113100"]


def test_private_elements_overlays_and_curves_are_dropped(disguise: Disguise) -> None:
    copy = copied(disguise)
    assert [e.tag for e in copy.iterall() if e.tag.is_private] == []
    assert [e.tag for e in copy if e.tag.group in range(0x5000, 0x6100)] == []
    assert copy.ViewCodeSequence[0].CodeMeaning == "lateral"


def test_the_scanners_model_stays_only_if_wanted(disguise: Disguise) -> None:
    assert copied(disguise).ManufacturerModelName == "Model 5"
    copy = copied(replace(disguise, policy=Policy(keeps_scanner_model=False)))
    assert not copy.ManufacturerModelName
    assert not copy.Manufacturer
    assert not copy.SoftwareVersions
    assert not copied(disguise).DeviceSerialNumber


def test_free_text_that_names_the_patient_in_passing_is_taken_out(disguise: Disguise) -> None:
    assert "FilterType" in a_dataset()
    assert "FilterType" not in copied(disguise)


@pytest.mark.parametrize("name", ["Wu^Li", "WU^LI^^^=呉^利"])
def test_a_name_of_short_words_is_found_in_free_text_by_all_of_them(
    disguise: Disguise, name: str
) -> None:
    dataset = a_dataset()
    dataset.PatientName, dataset.FilterType = name, "left hand, Li Wu"
    assert "FilterType" not in copied(disguise, dataset)
    dataset.FilterType = "li 50"
    assert copied(disguise, dataset).FilterType == "li 50"


def test_a_series_counted_by_the_patients_number_loses_its_count(disguise: Disguise) -> None:
    dataset = a_dataset()
    dataset.PatientID = dataset.SeriesNumber = "123456"
    assert copied(disguise, dataset).SeriesNumber is None


def test_a_name_that_cannot_be_taken_out_holds_the_file_back(disguise: Disguise) -> None:
    dataset = a_dataset()
    dataset.BodyPartExamined = "CANARYNAME^ADACANARY"  # a term of the standard's in no way
    with pytest.raises(ImageUnreadableError, match="would still hold a person's name") as held:
        copied(disguise, dataset)
    assert "CANARY" not in str(held.value)  # the reason names nobody


def test_a_surname_that_is_a_part_of_the_body_holds_nothing_back(disguise: Disguise) -> None:
    dataset = a_dataset()
    dataset.PatientName = "Head^Ada"
    assert copied(disguise, dataset).BodyPartExamined == "HEAD"


def test_an_overlay_in_spare_bits_of_the_pixels_is_cleared(disguise: Disguise) -> None:
    dataset = a_dataset()
    values = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32)
    dataset.set_pixel_data(values, "MONOCHROME2", 12, generate_instance_uid=False)
    dataset.PixelData = (values | 0x8000).tobytes()  # a name could be drawn with this bit
    dataset.add_new((0x6004, 0x0100), "US", 16)
    dataset.add_new((0x6004, 0x0102), "US", 15)
    copy = copied(disguise, dataset)
    assert copy.PixelData == values.tobytes()


def test_nothing_is_left_behind_the_last_pixel(disguise: Disguise) -> None:
    dataset = a_dataset()
    pixels = dataset.PixelData
    dataset.PixelData = pixels + b"somebody else's name"
    assert copied(disguise, dataset).PixelData == pixels


def test_words_between_the_scans_of_a_jpeg_are_dropped(disguise: Disguise) -> None:
    dataset = a_dataset()
    noise = np.random.default_rng(1).integers(0, 256, (24, 32), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", comment=b"somebody else's name")
    dataset.set_pixel_data(noise, "MONOCHROME2", 8, generate_instance_uid=False)
    dataset.PixelData = encapsulate([buffer.getvalue()])
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    seen = dataset.pixel_array
    dataset.ExtendedOffsetTable = dataset.ExtendedOffsetTableLengths = b"\0" * 8
    made = dicom_copy(HERE, as_bytes(dataset), disguise)
    assert b"somebody" not in made
    assert "ExtendedOffsetTable" not in read_back(made)
    assert np.array_equal(read_back(made).pixel_array, seen)


JPEG_2000_COMMENT = b"\xff\x64\x00\x18\x00\x01somebody else's name"


def in_header(content: bytes, segment: bytes, marker: bytes) -> bytes:
    """Put a segment before the first of a kind."""
    place = content.index(marker)
    return content[:place] + segment + content[place:]


def in_tile_part(content: bytes) -> bytes:
    """Put a comment into the header of the only tile-part, which grows by that."""
    begin = content.index(b"\xff\x90")
    size = int.from_bytes(content[begin + 6 : begin + 10]) + len(JPEG_2000_COMMENT)
    grown = content[: begin + 6] + size.to_bytes(4) + content[begin + 10 :]
    return in_header(grown, JPEG_2000_COMMENT, b"\xff\x93")


@pytest.mark.parametrize("place", ["header", "tile-part", "box", "behind"])
def test_words_in_a_jpeg_2000_are_blanked(disguise: Disguise, place: str) -> None:
    dataset = a_dataset()
    coded = bytes(imagecodecs.jpeg2k_encode(dataset.pixel_array, codecformat="J2K"))
    told = {
        "header": in_header(coded, JPEG_2000_COMMENT, b"\xff\x5c"),
        "tile-part": in_tile_part(coded),
        "box": b"\0\0\0\x1cxml somebody else's name" + coded,
        "behind": coded + b"somebody else's name",
    }
    made = dicom_copy(HERE, compressed(dataset, JPEG2000Lossless, told[place]), disguise)
    assert b"somebody" not in made
    assert np.array_equal(read_back(made).pixel_array, a_dataset().pixel_array)


def compressed(dataset: pydicom.FileDataset, syntax: pydicom.uid.UID, frame: bytes) -> bytes:
    """Return the file with its only frame in another form."""
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = syntax
    return as_bytes(dataset)


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.9])
def test_a_torn_jpeg_2000_is_told_from_a_whole_one(cut: float) -> None:
    coded = bytes(imagecodecs.jpeg2k_encode(a_dataset().pixel_array, codecformat="J2K"))
    with pytest.raises(CodestreamError):
        bare_codestream(coded[: int(cut * len(coded))])


def test_words_in_a_jpeg_ls_are_dropped(disguise: Disguise) -> None:
    dataset = a_dataset()
    coded = bytes(imagecodecs.jpegls_encode(dataset.pixel_array))
    comment = b"\xff\xfe\x00\x16somebody else's name"
    told = in_header(coded, comment, b"\xff\xda")
    made = dicom_copy(HERE, compressed(dataset, JPEGLSLossless, told), disguise)
    assert b"somebody" not in made
    assert np.array_equal(read_back(made).pixel_array, a_dataset().pixel_array)


@pytest.mark.parametrize("name", ["Patient^Basic", "PATIENT", "DCM^Clean"])
def test_what_was_done_is_said_whatever_the_patient_is_called(
    disguise: Disguise, name: str
) -> None:
    dataset = a_dataset()
    dataset.PatientName = name
    copy = copied(disguise, dataset)
    assert len(copy.DeidentificationMethod) == 3
    assert copy.DeidentificationMethodCodeSequence[0].CodingSchemeDesignator == "DCM"
    assert copy.PatientID == disguise.patient


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_a_file_stays_stored_as_it_was(disguise: Disguise, syntax: pydicom.uid.UID) -> None:
    dataset = a_dataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = dataset.pixel_array.astype(">u2").tobytes()
    copy = copied(disguise, dataset)
    assert copy.file_meta.TransferSyntaxUID == syntax
    assert copy.PixelData == dataset.PixelData


def test_confirmed_areas_are_painted_black_and_nothing_else(disguise: Disguise) -> None:
    copy = copied(replace(disguise, areas=(Area(4, 2, 10, 5),), is_reviewed=True))
    before, after = a_dataset().pixel_array, copy.pixel_array
    assert (after[2:7, 4:14] == 0).all()
    outside = np.ones(before.shape, dtype=bool)
    outside[2:7, 4:14] = False
    assert np.array_equal(after[outside], before[outside])
    assert copy.BurnedInAnnotation == "NO"
    assert "113101" in [c.CodeValue for c in copy.DeidentificationMethodCodeSequence]


def test_compressed_pixels_are_unpacked_where_areas_are_painted(disguise: Disguise) -> None:
    dataset = a_dataset()
    dataset.compress(RLELossless, generate_instance_uid=False)
    assert copied(disguise, dataset).file_meta.TransferSyntaxUID == RLELossless
    copy = copied(replace(disguise, areas=(Area(0, 0, 32, 4),)), dataset)
    assert not copy.file_meta.TransferSyntaxUID.is_encapsulated
    assert (copy.pixel_array[:4] == 0).all()
    assert np.array_equal(copy.pixel_array[4:], a_dataset().pixel_array[4:])


def test_lossless_jpeg_is_unpacked_by_the_decoder_that_shows_it(disguise: Disguise) -> None:
    dataset = a_dataset()
    dataset.PixelData = encapsulate([bytes(imagecodecs.ljpeg_encode(dataset.pixel_array))])
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    copy = copied(replace(disguise, areas=(Area(0, 0, 32, 4),)), dataset)
    assert (copy.pixel_array[:4] == 0).all()
    assert np.array_equal(copy.pixel_array[4:], a_dataset().pixel_array[4:])


@pytest.mark.parametrize("kind", ["u1", "u2", "i2"])
def test_big_endian_pixels_stay_so_where_areas_are_painted(disguise: Disguise, kind: str) -> None:
    dataset = a_dataset()
    values = dataset.pixel_array.astype(kind) - np.dtype(kind).type(7)
    dataset.set_pixel_data(values, "MONOCHROME2", values.itemsize * 8, generate_instance_uid=False)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    dataset.PixelData = values.astype(f">{kind}").tobytes()
    copy = copied(replace(disguise, areas=(Area(0, 0, 32, 4),)), dataset)
    assert copy.file_meta.TransferSyntaxUID == ExplicitVRBigEndian
    assert (copy.pixel_array[:4] == values.min()).all()
    assert np.array_equal(copy.pixel_array[4:], values[4:])


def test_areas_in_pixels_of_more_than_16_bits_are_refused_in_words(disguise: Disguise) -> None:
    dataset = a_dataset()
    dataset.PixelData = dataset.pixel_array.astype(np.uint32).tobytes()
    dataset.BitsAllocated = dataset.BitsStored = 32
    dataset.HighBit = 31
    with pytest.raises(ImageUnreadableError, match="only be painted in pixels of up to 16 bits"):
        copied(replace(disguise, areas=(Area(0, 0, 32, 4),)), dataset)


def test_black_is_the_largest_value_where_the_file_says_so(disguise: Disguise) -> None:
    dataset = a_dataset()
    dataset.PhotometricInterpretation = "MONOCHROME1"
    copy = copied(replace(disguise, areas=(Area(0, 0, 32, 4),)), dataset)
    assert (copy.pixel_array[:4] == dataset.pixel_array.max()).all()


def test_all_frames_are_painted(disguise: Disguise) -> None:
    dataset = a_dataset()
    frames = np.arange(3 * 24 * 32, dtype=np.uint16).reshape(3, 24, 32) + 7
    dataset.set_pixel_data(frames, "MONOCHROME2", 16, generate_instance_uid=False)
    after = copied(replace(disguise, areas=(Area(0, 0, 32, 4),)), dataset).pixel_array
    assert all(len(np.unique(frame[:4])) == 1 for frame in after)
    assert np.array_equal(after[:, 4:], frames[:, 4:])


def test_what_holds_no_image_or_is_torn_is_refused(disguise: Disguise) -> None:
    dataset = a_dataset()
    del dataset.PixelData
    with pytest.raises(ImageUnreadableError, match="there is no image in it"):
        copied(disguise, dataset)
    with pytest.raises(ImageUnreadableError):
        dicom_copy(HERE, as_bytes(a_dataset())[:700], disguise)


@pytest.mark.realdata
@pytest.mark.filterwarnings("ignore")  # codecs warn about what they meet
@pytest.mark.parametrize("dates", ["shift", "remove"])
def test_every_real_file_is_copied_without_a_word_of_its_patient_or_refused(
    shared_data: Path, disguise: Disguise, dates: Literal["shift", "remove"]
) -> None:
    refused: dict[str, str] = {}
    paths = sorted((shared_data / "dicom").rglob("*.dcm"))
    for path in paths:
        content = path.read_bytes()
        try:
            made = dicom_copy(path, content, replace(disguise, policy=Policy(dates=dates)))
        except ImageUnreadableError as refusal:
            refused[path.name] = refusal.reason
            continue
        assert _own_words(content) & _words_of(made) == set(), path.name
        assert read_back(made).get("PatientIdentityRemoved") == "YES"
    too_new = "its pixels are stored in a way (1.2.840.10008.1.2.8.1) not known yet"
    assert refused == {
        "badVR.dcm": "it is damaged or cut off",  # it has 1A frames
        "liver_deflate.dcm": too_new,
        "liver_nonbyte_aligned_deflate.dcm": too_new,
    }


def _own_words(content: bytes) -> set[str]:
    """Return what names the patient, the hospital or the file, as pydicom reads it."""
    dataset = pydicom.dcmread(_open(content), force=True, stop_before_pixels=True)
    names = ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "InstitutionName")
    uids = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")
    words = {str(dataset.get(name) or "").strip("\0 ^") for name in (*names, *uids)}
    return {word for word in words if len(word) > 3}


def _words_of(made: bytes) -> set[str]:
    dataset = read_back(made)
    return {str(e.value).strip("\0 ^") for e in dataset.iterall() if e.VR != "SQ"}


def _open(content: bytes) -> "pydicom.filebase.DicomBytesIO":
    return pydicom.filebase.DicomBytesIO(content)
