"""Drop from a PNG every chunk that its pixels do not need; the compressed data stay as they are.

Source:
    PNG specification, third edition, sections 5 (chunks) and 11 (what each is for).
"""

import struct
import zlib
from typing import Final

from desktop_client.imaging.deidentify.jpeg import orientation_exif
from desktop_client.imaging.kinds import PNG_SIGNATURE
from desktop_client.imaging.pixels import UPRIGHT

_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"IDAT", b"IEND"})
"""Numbers that decide what is seen. Text, times, profiles, animation and the rest are dropped."""


class PngError(ValueError):
    """These bytes are no sound PNG."""


def bare_png(content: bytes, orientation: int) -> bytes:
    """Return a PNG without text, EXIF, profile, times, animation and what follows it.

    Args:
        content: The original.
        orientation: How the reader turns it; other than 1, it is all that is said again.

    Raises:
        PngError: if its chunks do not follow each other as they must.
    """
    if not content.startswith(PNG_SIGNATURE):
        raise PngError("no signature")
    kept, position = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while True:
        size = int.from_bytes(content[position : position + 4])
        end = position + 12 + size
        if end > len(content):
            raise PngError("cut off")
        kind = content[position + 4 : position + 8]
        if kind in _KEPT:
            kept.append(content[position:end])
        if kind == b"IHDR" and orientation != UPRIGHT:
            kept.append(_chunk(b"eXIf", orientation_exif(orientation)))
        if kind == b"IEND":
            return b"".join(kept)
        position = end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
