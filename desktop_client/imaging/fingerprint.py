"""What an image looks like in a few bytes, so that near copies can be found among thousands."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from desktop_client.imaging.image import DecodedImage, Pixels

HASH_BYTES: Final = 16
MOST_DIFFERENT_BITS: Final = 16
"""Of 128; dermoscopic images of 128 px that were shrunk to 70, compressed at quality 60 and
brightened differ by 7 in the median; 96 % of them are found."""
LEAST_CORRELATION: Final = 0.985
"""Of 2,586 dermoscopic images, ten pairs are as alike; all are one lesion filed twice."""

_HASH_SIDE: Final = 9
_PICTURE_SIDE: Final = 16
_SAMPLED_PX: Final = 288
"""Pixels per side that are looked at before averaging; more would not change the outcome."""
_LEAST_CONTRAST: Final = 0.01
"""Share of the range below which there is only noise to compare."""
_LEAST_STEP: Final = 0.02
"""Share of the contrast by which neighbours must differ, else noise in flat skin would decide."""
_ROWS_AT_ONCE: Final = 256

_Grid = npt.NDArray[np.float32]


def fingerprint_of(image: DecodedImage) -> bytes:
    """Return a 128-bit hash and a picture of 16 x 16 pixels; scaling and contrast spare both.

    The hash says where, on a coarse grid, it gets clearly brighter to the right and downwards:
    quick to compare, but two moles in the middle of skin may have the same. The picture then
    decides. Empty for an image without contrast, which would resemble everything.

    Source:
        The difference hash of N. Krawetz, 2013, here in both directions.
    """
    plane = image.pixels[..., 1] if image.is_colour else image.pixels  # green is near brightness
    picture = _shrink(plane, _PICTURE_SIDE)
    low, high = float(picture.min()), float(picture.max())
    if high - low < _LEAST_CONTRAST * image.maximum:
        return b""
    grid = _shrink(plane, _HASH_SIDE)
    step = _LEAST_STEP * (high - low)
    rightwards = grid[:-1, 1:] > grid[:-1, :-1] + step
    downwards = grid[1:, :-1] > grid[:-1, :-1] + step
    stretched = np.rint((picture - low) * (255 / (high - low))).astype(np.uint8)
    return bytes(np.packbits(np.stack([rightwards, downwards]))) + bytes(stretched)


def looks_alike(first: bytes, second: bytes) -> bool:
    """Tell whether two fingerprints are those of one picture, saved in two ways."""
    return any(pair is not None for pair in alike_pairs([first, second]))


def alike_pairs(fingerprints: Sequence[bytes]) -> Iterator[tuple[int, int] | None]:
    """Yield the places of any two that look alike; in between None, to show that it goes on.

    Empty fingerprints are like none. 10,000 take a third of a second of one core.
    """
    places = np.array([place for place, known in enumerate(fingerprints) if known], dtype=np.intp)
    if len(places) == 0:
        return
    joined = b"".join(fingerprints[place] for place in places)
    table = np.frombuffer(joined, dtype=np.uint8).reshape(len(places), -1)
    hashes = np.ascontiguousarray(table[:, :HASH_BYTES]).view(np.uint64)
    pictures = _standardised(table[:, HASH_BYTES:])
    for start in range(0, len(places), _ROWS_AT_ONCE):
        rows, others = hashes[start : start + _ROWS_AT_ONCE], hashes[start:]
        bits = np.bitwise_count(rows[:, None, 0] ^ others[None, :, 0])
        bits += np.bitwise_count(rows[:, None, 1] ^ others[None, :, 1])
        for row, column in np.argwhere(bits <= MOST_DIFFERENT_BITS):
            first, second = start + row, start + column
            if first < second and pictures[first] @ pictures[second] >= LEAST_CORRELATION:
                yield int(places[first]), int(places[second])
        yield None


def _standardised(pictures: npt.NDArray[np.uint8]) -> _Grid:
    """Bring pictures ``[N, 256]`` to mean 0 and length 1: their products are correlations."""
    centred = pictures.astype(np.float32) - pictures.mean(axis=1, keepdims=True, dtype=np.float32)
    scaled: _Grid = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return scaled


def _shrink(plane: Pixels, side: int) -> _Grid:
    """Average ``[H, W]`` to ``[side, side]``."""
    stride = max(1, min(plane.shape) // _SAMPLED_PX)
    sampled = Image.fromarray(np.ascontiguousarray(plane[::stride, ::stride], dtype=np.float32))
    return np.asarray(sampled.resize((side, side), Image.Resampling.BOX))
