"""Drop from a JPEG or JPEG-LS all but what its pixels are made of; not one coefficient changes.

Source:
    ITU-T T.81, annex B.1: markers and segments; ITU-T T.87, annex C: those of JPEG-LS; EXIF 2.32,
    section 4.5, for the orientation.
"""

import struct
from typing import Final

from desktop_client.imaging.pixels import UPRIGHT

_START: Final = b"\xff\xd8"
_SCAN: Final = 0xDA
_END: Final = 0xD9
_JFIF: Final = b"JFIF\0"
_ADOBE: Final = b"Adobe"
_COLOUR_TRANSFORM: Final = b"mrfx"
"""As HP's coder of JPEG-LS writes it and decoders follow it; a number is next."""
_JFIF_SIZE: Final = 12
"""Version, unit and density; a thumbnail may follow, with the whole picture in it."""
_ADOBE_SIZE: Final = 12
"""Version, flags and how colours are to be understood; some programs write less."""

_DECODING: Final = frozenset(
    {
        *range(0xC0, 0xD0),  # frame headers, Huffman and arithmetic tables
        0xDB,  # quantisation tables
        0xDC,  # number of lines
        0xDD,  # restart interval
        _SCAN,
        0xF7,  # frame header of JPEG-LS
        0xF8,  # its parameters
    }
)


class JpegError(ValueError):
    """These bytes are no sound JPEG."""


def bare_jpeg(content: bytes, orientation: int) -> bytes:
    """Return a JPEG without EXIF, XMP, colour profile, comments, thumbnails and what follows it.

    Args:
        content: The original.
        orientation: How the reader turns it; other than 1, it is all that is said again.

    Raises:
        JpegError: if its segments do not follow each other as they must.
    """
    if not content.startswith(_START):
        raise JpegError("no start of image")
    kept = [_START, _orientation_segment(orientation)]
    position, has_scan = 2, False
    while True:
        marker, position = _next_marker(content, position)
        if marker == _END:
            if not has_scan:
                raise JpegError("no scan before the end")
            return b"".join([*kept, b"\xff\xd9"])
        end = position + _segment_size(content, position)
        segment = content[position:end]
        if marker in _DECODING:
            kept.append(bytes((0xFF, marker)) + segment)
        elif marker == 0xE0 and segment[2:].startswith(_JFIF):
            kept.append(_jfif(segment))
        elif marker == 0xEE and segment[2:].startswith(_ADOBE):
            kept.append(_segment(marker, segment[2 : 2 + _ADOBE_SIZE]))
        elif marker == 0xE8 and segment[2:].startswith(_COLOUR_TRANSFORM):
            kept.append(_segment(marker, segment[2 : 2 + len(_COLOUR_TRANSFORM) + 1]))
        position = end
        if marker == _SCAN:
            has_scan = True
            position = _end_of_scan(content, end)
            kept.append(content[end:position])


def _next_marker(content: bytes, position: int) -> tuple[int, int]:
    """Return the marker at a position and where its segment begins; fill bytes are passed over."""
    if content[position : position + 1] != b"\xff":
        raise JpegError("no marker where one must be")
    while content[position : position + 1] == b"\xff":
        position += 1
    if position >= len(content):
        raise JpegError("cut off")
    return content[position], position + 1


def _segment_size(content: bytes, position: int) -> int:
    size = int.from_bytes(content[position : position + 2])
    if size < 2 or position + size > len(content):
        raise JpegError("cut off")
    return size


def _end_of_scan(content: bytes, position: int) -> int:
    """Return where the next marker is that is no part of the coded data."""
    while True:
        position = content.find(b"\xff", position)
        if position < 0 or position + 1 >= len(content):
            raise JpegError("cut off")
        following = content[position + 1]
        # In JPEG-LS a byte below 0x80 goes on with the coded data, in JPEG only 0x00 does.
        if following >= 0x80 and following != 0xFF and not 0xD0 <= following <= 0xD7:
            return position
        position += 1 if following == 0xFF else 2


def _jfif(segment: bytes) -> bytes:
    return _segment(0xE0, segment[2 : 2 + _JFIF_SIZE] + b"\0\0")  # a thumbnail of no pixels


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _orientation_segment(orientation: int) -> bytes:
    if orientation == UPRIGHT:
        return b""
    return _segment(0xE1, b"Exif\0\0" + orientation_exif(orientation))


def orientation_exif(orientation: int) -> bytes:
    """Return EXIF that says nothing but how to turn the image."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
