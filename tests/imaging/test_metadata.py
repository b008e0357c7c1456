"""What a file says about its image, with what tells of the patient marked."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import ExifTags, Image

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.metadata import MetadataField, read_metadata
from tests.imaging.dicom.conftest import dataset_of


def write_ct(path: Path) -> Path:
    header = dataset_of(
        np.zeros((4, 6), np.int16),
        Modality="CT",
        Manufacturer="ACME",
        DeviceSerialNumber="SN-4711",
        SliceThickness="1.250000",
        PixelSpacing=[0.5, 0.25],
        PatientName="Doe^Jane^^Dr.",
        PatientID="P-17",
        PatientAge="042Y",
        ContentDate="20240131",
        ContentTime="142530.5",
    )
    pydicom.dcmwrite(path, header)
    return path


def test_a_dicom_header_is_put_into_words(tmp_path: Path) -> None:
    said = {field.name: field.value for field in read_metadata(write_ct(tmp_path / "ct"))}
    assert said == {
        "Size": "6 × 4 px",
        "Depth": "16 bits, grey",
        "Compression": "none",
        "Pixel spacing": "0.25 × 0.5 mm",
        "Modality": "CT (computed tomography)",
        "Date": "2024-01-31",
        "Time": "14:25",
        "Manufacturer": "ACME",
        "Slice thickness": "1.25 mm",
        "Patient": "Doe, Jane Dr.",
        "Patient ID": "P-17",
        "Age": "42 years",
    }


def test_what_tells_of_the_patient_is_marked(tmp_path: Path) -> None:
    fields = read_metadata(write_ct(tmp_path / "ct"))
    assert [field.name for field in fields if field.is_about_patient] == [
        "Patient",
        "Patient ID",
        "Age",
    ]


def test_the_serial_number_of_a_scanner_is_not_told(tmp_path: Path) -> None:
    assert "4711" not in str(read_metadata(write_ct(tmp_path / "ct")))


def test_a_photo_says_its_size_and_camera(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Dermatoscope 3"
    exif[ExifTags.Base.Artist] = "Dr. Huber"
    Image.new("RGB", (3, 2)).save(tmp_path / "a.jpg", exif=exif)
    assert read_metadata(tmp_path / "a.jpg") == [
        MetadataField("Size", "3 × 2 px"),
        MetadataField("Depth", "8 bits, colour"),
        MetadataField("Format", "JPEG"),
        MetadataField("Camera", "Dermatoscope 3"),
        MetadataField("Taken by", "Dr. Huber", is_about_patient=True),
    ]


def test_what_cannot_be_read_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(ImageUnreadableError, match="there is no such file"):
        read_metadata(tmp_path / "missing")
    (tmp_path / "table.csv").write_text("file\n", encoding="utf-8")
    with pytest.raises(ImageUnreadableError):
        read_metadata(tmp_path / "table.csv")
