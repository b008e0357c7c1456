"""Read from a DICOM header which scanner, patient and series its image belongs to."""

from pydicom.dataset import Dataset

from desktop_client.imaging.dicom.header import words
from desktop_client.imaging.origin import Origin, Scanner


def origin_of(header: Dataset) -> Origin:
    """Return what the header says; empty where it is silent."""
    scanner = Scanner(
        words(header, "Manufacturer"),
        words(header, "ManufacturerModelName"),
        words(header, "StationName"),
        words(header, "DeviceSerialNumber"),
    )
    return Origin(
        None if scanner == Scanner() else scanner,
        words(header, "PatientID"),
        words(header, "StudyInstanceUID"),
        words(header, "SeriesInstanceUID"),
        words(header, "SOPInstanceUID"),
    )
