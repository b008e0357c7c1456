"""Blank the comments of a JPEG 2000 or HTJ2K image; nothing in it moves, so no length changes.

Source:
    ITU-T T.800, annex A: markers, their segments, and how tile-parts follow each other.
"""

from typing import Final

_START: Final = b"\xff\x4f\xff\x51"
"""Start of a codestream, and of its size: every one begins like this."""
_TILE_PART: Final = 0xFF90
_DATA: Final = 0xFF93
_END: Final = 0xFFD9
_COMMENT: Final = 0xFF64
_COMMENT_BEGINS: Final = 6
"""Bytes from the marker: marker, length, and whether the comment is text."""


class CodestreamError(ValueError):
    """These bytes are no sound JPEG 2000 codestream."""


def bare_codestream(content: bytes) -> bytes:
    """Return the codestream alone, its comments blank; boxes and what follows it are dropped.

    Raises:
        CodestreamError: if its segments do not follow each other as they must.
    """
    start = content.find(_START)
    if start < 0:
        raise CodestreamError("no start of a codestream")
    blank = bytearray(content[start:])
    position, tile_part_end = 2, 0
    while True:
        marker = _number(blank, position, 2)
        if marker == _END:
            return bytes(blank[: position + 2])
        if marker == _DATA:
            end = tile_part_end or _end_of_data(blank, position)
        else:
            end = position + 2 + _number(blank, position + 2, 2)
        if not position + 2 <= end <= len(blank):
            raise CodestreamError("cut off")
        if marker == _TILE_PART:
            size = _number(blank, position + 6, 4)
            tile_part_end = position + size if size else 0  # 0: up to the end
        elif marker == _COMMENT:
            words = slice(position + _COMMENT_BEGINS, end)
            blank[words] = b" " * len(blank[words])
        position = end


def _end_of_data(content: bytearray, position: int) -> int:
    """Return where the end is marked; no coded data look like that."""
    return content.find(_END.to_bytes(2), position)


def _number(content: bytearray, position: int, size: int) -> int:
    if not 0 <= position <= len(content) - size:
        raise CodestreamError("cut off")
    return int.from_bytes(content[position : position + size])
