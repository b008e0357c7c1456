"""From pixels to grey levels of the screen: windows, their presets and what a pixel measures.

Pure; only for looking at. What identifies an image and what a model sees are other matters.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from desktop_client.imaging.image import DecodedImage, ValueScale, Window
from desktop_client.imaging.shown_range import used_range

HOUNSFIELD: Final = "HU"
CT_WINDOWS: Final = (
    Window(40, 400, "CT soft tissue"),
    Window(-600, 1500, "CT lung"),
    Window(480, 2500, "CT bone"),
    Window(40, 80, "CT brain"),
)
"""Usual windows for computed tomography, offered where values are in Hounsfield units."""

FULL_RANGE: Final = "Full range"
AUTOMATIC: Final = "Automatic"

Grey = npt.NDArray[np.uint8]


def default_window(image: DecodedImage) -> Window:
    """Return how an image is first shown: as its file asks, else by its depth.

    8 bits are shown as stored, as every program does; 16 bits rarely use their whole range and
    are shown automatically.
    """
    return presets(image)[0]


def presets(image: DecodedImage) -> list[Window]:
    """Return the windows to offer for an image, the default first; all have names."""
    own = [
        window if window.name else replace(window, name=f"From the file {number}")
        for number, window in enumerate(image.windows, 1)
    ]
    usual = CT_WINDOWS if image.scale.unit == HOUNSFIELD else ()
    both = [automatic_window(image), full_range(image)]
    by_depth = both[::-1] if image.pixels.dtype == np.uint8 else both
    return [*own, *usual, *by_depth] if own else [by_depth[0], *usual, by_depth[1]]


def full_range(image: DecodedImage) -> Window:
    """Return the window from black to white: of 8 bits all, of 16 what the image uses."""
    if image.pixels.dtype == np.uint8:
        return _between(image.scale, 0, 255, FULL_RANGE)
    return _between(image.scale, int(image.pixels.min()), int(image.pixels.max()), FULL_RANGE)


def automatic_window(image: DecodedImage) -> Window:
    """Return the window of all pixels but a few outliers at either end."""
    low, high = used_range(image)
    if high <= low:
        return replace(full_range(image), name=AUTOMATIC)
    return _between(image.scale, low, high, AUTOMATIC)


def lookup_table(
    scale: ValueScale, window: Window, maximum: int, *, is_inverted: bool = False
) -> Grey:
    """Return the grey level, 0 to 255, of every pixel value from 0 to ``maximum``.

    The window's linear function, on values of the scale. A negative slope says that the largest
    values are black (MONOCHROME1): as the standard asks, levels are turned round after the
    window, so that a file's windows mean the same.

    Source:
        DICOM PS3.3, C.11.2.1.2.1 (LINEAR) and C.7.6.3.1.2 (MONOCHROME1).
    """
    values = scale.slope * np.arange(maximum + 1, dtype=np.float64) + scale.intercept
    if window.width < 1:  # allowed where the function is LINEAR_EXACT, and only there
        middle, span = window.centre, window.width
    else:  # from black at centre - 0.5 - span / 2 to white at centre - 0.5 + span / 2
        middle, span = window.centre - 0.5, window.width - 1
    if span > 0:
        share = np.clip((values - middle) / span + 0.5, 0, 1)
    else:
        share = (values > middle).astype(np.float64)
    levels = np.rint(255 * share).astype(np.uint8)
    is_turned = (scale.slope < 0) != is_inverted
    return 255 - levels if is_turned else levels


def to_screen(pixels: npt.NDArray[np.uint8 | np.intp], table: Grey) -> Grey:
    """Return the grey levels, or for RGB the levels of each channel, of pixels ``[H, W, ...]``."""
    return np.take(table, pixels)


def value_at(image: DecodedImage, x: int, y: int) -> str:
    """Return in words what one pixel measures, or its red, green and blue."""
    pixel = image.pixels[y, x]
    if image.is_colour:
        return "R {} G {} B {}".format(*(int(channel) for channel in pixel))
    value = image.scale.slope * float(pixel) + image.scale.intercept
    number = f"{value:.0f}" if value == round(value) else f"{value:.4g}"
    return f"{number} {image.scale.unit}".rstrip()


def _between(scale: ValueScale, low: float, high: float, name: str) -> Window:
    """Return the window with pixel ``low`` at one end of the greys and ``high`` at the other."""
    ends = sorted(scale.slope * pixel + scale.intercept for pixel in (low, high))
    span = ends[1] - ends[0]
    return Window(ends[0] + (span + 1) / 2, span + 1, name)
