"""Which of an image's pixel values are shown black and white, as long as nobody chose others."""

from typing import Final

import numpy as np
import numpy.typing as npt

from desktop_client.imaging.image import DecodedImage, ValueScale, Window

_SHARES: Final = (0.5, 99.5)
_ROWS_LOOKED_AT: Final = 512
"""Some 500 rows tell the range well enough."""


def shown_range(image: DecodedImage) -> tuple[float, float]:
    """Return the pixel values that become black and white; the first is the lower one.

    The file's own window comes first. Without one, 8 bits are shown as they are, and of 16 the
    range that the image uses; few use all of it.
    """
    if image.windows:
        return window_range(image.windows[0], image.scale)
    if image.pixels.dtype == np.uint8:
        return 0.0, 255.0
    low, high = used_range(image)
    return (low, high) if high > low else (0.0, float(image.maximum))


def as_shown(image: DecodedImage) -> npt.NDArray[np.uint8]:
    """Make 8 bits by stretching what is to be shown; the pixels themselves stay as they are."""
    low, high = shown_range(image)
    if image.pixels.dtype == np.uint8 and (low, high) == (0.0, 255.0):
        return image.pixels.astype(np.uint8, copy=False)
    stretched = (image.pixels.astype(np.float32) - np.float32(low)) * np.float32(255 / (high - low))
    shown: npt.NDArray[np.uint8] = np.clip(stretched, 0, 255).astype(np.uint8)
    return shown


def used_range(image: DecodedImage) -> tuple[float, float]:
    """Return the range of all pixel values but a few outliers at either end."""
    stride = max(1, max(image.pixels.shape[:2]) // _ROWS_LOOKED_AT)
    low, high = np.percentile(image.pixels[::stride, ::stride], _SHARES)
    return float(low), float(high)


def window_range(window: Window, scale: ValueScale) -> tuple[float, float]:
    """Return the pixel values at a window's ends.

    Source:
        DICOM PS3.3, C.11.2.1.3.2 (LINEAR_EXACT); LINEAR differs by half a value.
    """
    ends = (window.centre - window.width / 2, window.centre + window.width / 2)
    low, high = sorted((end - scale.intercept) / scale.slope for end in ends)
    return low, high
