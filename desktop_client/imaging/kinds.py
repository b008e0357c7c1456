"""Tell files by their first bytes. Loads no decoder: the window knows kinds before it is shown."""

import re
from pathlib import Path
from typing import Final, Literal

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE: Final = b"\xff\xd8\xff"
TIFF_SIGNATURES: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Little and big endian, classic and BigTIFF."""
RASTER_SIGNATURES: Final = (PNG_SIGNATURE, JPEG_SIGNATURE, *TIFF_SIGNATURES)

PREAMBLE_SIZE: Final = 128
_MAGIC: Final = b"DICM"
_FIRST_GROUPS: Final = (b"\x02\x00", b"\x08\x00", b"\x00\x08")
"""File meta and identification, and the latter in big endian: what old files begin with."""
_LONGEST_FIRST_VALUE: Final = 4096


def is_dicom(beginning: bytes) -> bool:
    """Tell a DICOM file by its first 132 bytes, also one of before there was a preamble."""
    if beginning[PREAMBLE_SIZE : PREAMBLE_SIZE + 4] == _MAGIC:
        return True
    if len(beginning) < 12 or beginning[:2] not in _FIRST_GROUPS:
        return False
    if re.fullmatch(rb"[A-Z]{2}", beginning[4:6]):
        return True
    order: Literal["big", "little"] = "big" if beginning[:1] == b"\0" else "little"
    element = int.from_bytes(beginning[2:4], order)
    length = int.from_bytes(beginning[4:8], order)
    return element <= 0x1155 and 0 < length <= _LONGEST_FIRST_VALUE


def is_dicom_file(path: Path) -> bool:
    """Tell a DICOM file by its content.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        return is_dicom(file.read(PREAMBLE_SIZE + len(_MAGIC)))
