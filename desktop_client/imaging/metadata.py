"""What a file says about its image, in words for a person; nothing is kept of it here."""

from dataclasses import dataclass
from pathlib import Path

from desktop_client.imaging.decode import refusing_in_words
from desktop_client.imaging.kinds import is_dicom_file


@dataclass(frozen=True, slots=True)
class MetadataField:
    """One line of what a file says."""

    name: str
    """In words, for example ``"Manufacturer"``."""
    value: str
    is_about_patient: bool = False
    """Whether it tells who the patient is; hidden until somebody asks to see it."""


def read_metadata(path: Path) -> list[MetadataField]:
    """Read what a file says about its image: of DICOM the header, of others size and camera.

    Called from worker threads; touches nothing but the file.

    Raises:
        ImageUnreadableError: whatever is wrong, in plain words; nothing else is ever raised.
    """
    # Only now: they load the decoding libraries, which the window need not wait for.
    from desktop_client.imaging.dicom.fields import header_lines
    from desktop_client.imaging.dicom.header import read_header
    from desktop_client.imaging.photo_fields import photo_lines

    with refusing_in_words(path):
        if is_dicom_file(path):
            return [MetadataField(*line) for line in header_lines(read_header(path))]
        return [MetadataField(*line) for line in photo_lines(path)]
