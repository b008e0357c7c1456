"""What a compressed frame says of itself before it is decoded: its size and its colours."""

import struct
from collections.abc import Iterator
from typing import Final

END_OF_JPEG: Final = b"\xff\xd9"
_START_OF_JPEG: Final = b"\xff\xd8"
_FRAME_MARKERS: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""Start of frame, 0xF7 that of JPEG-LS; the others define tables."""
_JFIF_MARKER: Final = 0xE0
_ADOBE_MARKER: Final = 0xEE
_RGB_COMPONENTS: Final = ({*b"RGB"}, {*b"rgb"})
_JPEG_2000_SIZE: Final = b"\xff\x4f\xff\x51"


def size_in(encoded: bytes) -> tuple[int, int] | None:
    """Return rows and columns as a JPEG, JPEG-LS or JPEG 2000 stream has them, or None.

    Decoders make room for what the stream says, whatever the header says.
    """
    if encoded.startswith(_START_OF_JPEG):
        for marker, content in _segments(encoded):
            if marker in _FRAME_MARKERS and len(content) >= 5:
                rows, columns = struct.unpack_from(">HH", content, 1)
                return rows, columns
        return None
    start = encoded.find(_JPEG_2000_SIZE, 0, 4096)
    if start < 0 or len(encoded) < start + 24:
        return None
    right, bottom, left, top = struct.unpack_from(">4L", encoded, start + 8)
    return bottom - top, right - left


def is_rgb_jpeg(encoded: bytes, photometric: str) -> bool:
    """Tell whether a JPEG's three components are red, green and blue.

    Source:
        JFIF 1.02 (always YCbCr), Adobe technical note 5116, section 18 (transform flag), and
        component names as libjpeg reads them; without any of these the header decides.
    """
    for marker, content in _segments(encoded):
        if marker == _JFIF_MARKER and content.startswith(b"JFIF\0"):
            return False
        if marker == _ADOBE_MARKER and content.startswith(b"Adobe") and len(content) >= 12:
            return content[11] == 0
        if marker in _FRAME_MARKERS:
            return {*content[6::3]} in _RGB_COMPONENTS or photometric == "RGB"
    return photometric == "RGB"


def _segments(encoded: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield markers with their content, up to where the picture itself begins."""
    position = len(_START_OF_JPEG)
    while position + 4 <= len(encoded) and encoded[position] == 0xFF:
        if encoded[position + 1] == 0xFF:  # any number of these may stand before a marker
            position += 1
            continue
        (length,) = struct.unpack_from(">H", encoded, position + 2)
        yield encoded[position + 1], encoded[position + 4 : position + 2 + length]
        position += 2 + length
