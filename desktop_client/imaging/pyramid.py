"""An image at the resolution of the screen, quickly, wherever and however large it is seen."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from desktop_client.imaging.image import Pixels
from desktop_client.imaging.viewport import PIXELS_SEEN_FROM, SeenPart, Size, Viewport

_SMALLEST_PX: Final = 256
"""Below this an image is not halved again; it is small enough to be resampled at once."""

Seen = npt.NDArray[np.uint8 | np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class SeenPixels:
    """The pixels on the screen, at its resolution, and where on it and on the image they are."""

    pixels: Seen
    """16-bit values as intp: what numpy looks up fastest."""
    part: SeenPart


class Pyramid:
    """Pixels ``[H, W]`` or ``[H, W, 3]``, and the same halved and halved again when needed.

    Pixels are averaged as values, before any window, so that dragging a window only looks grey
    levels up anew.
    """

    def __init__(self, pixels: Pixels) -> None:
        self._levels = [pixels]

    @property
    def size(self) -> Size:
        """Width and height of the image."""
        height_px, width_px = self._levels[0].shape[:2]
        return float(width_px), float(height_px)

    def seen(self, viewport: Viewport, screen: tuple[int, int]) -> SeenPixels | None:
        """Return what is seen on a screen of this width and height; None if nothing is."""
        part = viewport.seen_part(self.size, screen)
        if part is None:
            return None
        level = self._level_for(viewport.zoom)
        pixels, share = self._levels[level], 0.5**level
        limits = (pixels.shape[1], pixels.shape[0]) * 2
        box = [min(edge * share, limit) for edge, limit in zip(part.box, limits, strict=True)]
        if box[2] <= box[0] or box[3] <= box[1]:
            return None
        return SeenPixels(_resampled(pixels, box, (part.width, part.height)), part)

    def build(self) -> None:
        """Halve as often as it can be needed; else that is done when first seen so small."""
        self._level_for(0.0)

    def _level_for(self, zoom: float) -> int:
        """Return the smallest level that still has a pixel for each of the screen."""
        level = 0
        while zoom * 2 ** (level + 1) <= 1 and min(self._levels[level].shape[:2]) > _SMALLEST_PX:
            level += 1
            if level == len(self._levels):
                self._levels.append(_halved(self._levels[-1]))
        return level


def _halved(pixels: Pixels) -> Pixels:
    """Return the rounded mean of each four pixels, without an odd last row or column."""
    height_px, width_px = (side // 2 * 2 for side in pixels.shape[:2])
    sums = pixels[0:height_px:2, 0:width_px:2].astype(np.uint32)
    for top, left in ((0, 1), (1, 0), (1, 1)):
        sums += pixels[top:height_px:2, left:width_px:2]
    return ((sums + 2) >> 2).astype(pixels.dtype)


def _resampled(pixels: Pixels, box: list[float], size: tuple[int, int]) -> Seen:
    """Resample the part of an image inside ``box`` (left, top, right, bottom) to a size."""
    if pixels.dtype == np.uint16 and pixels.ndim == 3:
        planes: list[Seen] = [_resampled(plane, box, size) for plane in np.moveaxis(pixels, 2, 0)]
        return np.stack(planes, axis=-1)
    left, top = int(box[0]), int(box[1])
    part = pixels[top : int(np.ceil(box[3])), left : int(np.ceil(box[2]))]
    inner = (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
    are_squares = size[0] > PIXELS_SEEN_FROM * (box[2] - box[0])
    method = Image.Resampling.NEAREST if are_squares else Image.Resampling.BILINEAR
    if pixels.dtype == np.uint8:
        source = Image.fromarray(np.ascontiguousarray(part))
        return np.asarray(source.resize(size, method, inner))
    # Pillow resamples 16 bits well only as float32.
    deep = Image.fromarray(part.astype(np.float32))
    rounded: Seen = np.rint(np.asarray(deep.resize(size, method, inner))).astype(np.intp)
    return rounded
