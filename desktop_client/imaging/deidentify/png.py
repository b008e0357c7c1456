"""Drop from a PNG every chunk that its pixels do not need; the compressed data stay as they are.

Source:
    PNG specification, third edition, sections 5 (chunks) and 11 (what each is for).
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from desktop_client.imaging.deidentify.jpeg import orientation_exif
from desktop_client.imaging.kinds import PNG_SIGNATURE
from desktop_client.imaging.pixels import UPRIGHT

_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"gAMA", b"cHRM", b"sRGB", b"IDAT", b"IEND"})
"""Numbers that decide what is seen. Text, times, profiles, animation and the rest are dropped."""

_COLOUR_TYPE: Final = 17
"""Where in its chunk the header says how colours are stored; one bit of that is for alpha."""
_WITH_ALPHA: Final = 4


class PngError(ValueError):
    """These bytes are no sound PNG."""


def has_transparency(content: bytes) -> bool:
    """Tell whether parts of a PNG are hidden by transparency; they still are in its data.

    Raises:
        PngError: if its chunks do not follow each other as they must.
    """
    return any(
        kind == b"tRNS" or (kind == b"IHDR" and chunk[_COLOUR_TYPE] & _WITH_ALPHA)
        for kind, chunk in _chunks(content)
    )


def bare_png(content: bytes, orientation: int) -> bytes:
    """Return a PNG without text, EXIF, profile, times, animation and what follows it.

    Args:
        content: The original; it has no transparency.
        orientation: How the reader turns it; other than 1, it is all that is said again.

    Raises:
        PngError: if its chunks do not follow each other as they must.
    """
    kept = [PNG_SIGNATURE]
    for kind, chunk in _chunks(content):
        if kind in _KEPT:
            kept.append(chunk)
        if kind == b"IHDR" and orientation != UPRIGHT:
            kept.append(_chunk(b"eXIf", orientation_exif(orientation)))
    return b"".join(kept)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and bytes of each chunk, up to the one that ends the picture."""
    if not content.startswith(PNG_SIGNATURE):
        raise PngError("no signature")
    kind, position = b"", len(PNG_SIGNATURE)
    while kind != b"IEND":
        size = int.from_bytes(content[position : position + 4])
        end = position + 12 + size
        if end > len(content):
            raise PngError("cut off")
        kind = content[position + 4 : position + 8]
        yield kind, content[position:end]
        position = end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
