"""Read PNG and JPEG; hand TIFF on to its own reader.

Errors of the decoding libraries pass through here; ``decode.py`` puts them into words.
"""

import struct
from pathlib import Path
from typing import Final

import imagecodecs
import numpy as np
from PIL import ExifTags, Image

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.image import DecodedImage, Pixels
from desktop_client.imaging.kinds import JPEG_SIGNATURE, PNG_SIGNATURE, TIFF_SIGNATURES
from desktop_client.imaging.pixels import UPRIGHT, drop_alpha, turn_upright
from desktop_client.imaging.tiff import read_tiff

MAX_PIXEL_COUNT: Final = 89_478_485
"""Pixels of one image; Pillow's own limit against files that unpack to fill the memory."""

# Bit depth and colour type in the first chunk of every PNG; PNG specification, section 11.2.1.
_PNG_DEPTH_OFFSET: Final = 24
_PNG_COLOUR_OFFSET: Final = 25
_PNG_GREY: Final = 0


def read_raster(path: Path, at_least_px: int | None = None) -> list[DecodedImage]:
    """Read all frames of a PNG, JPEG or TIFF file, recognised by its first bytes.

    Of an animated PNG only the still image that every viewer shows is read.

    Args:
        path: The file.
        at_least_px: Allows a JPEG to be decoded to fewer pixels, several times as quick, with
            both sides still that long; for looking at only.

    Raises:
        ImageUnreadableError: if it is no such file, or of a kind that is not supported.
        Exception: whatever the decoding libraries raise at damaged data.
    """
    with path.open("rb") as file:
        header = file.read(_PNG_COLOUR_OFFSET + 1)
    if header.startswith(TIFF_SIGNATURES):
        return read_tiff(path, MAX_PIXEL_COUNT)
    if not header.startswith((PNG_SIGNATURE, JPEG_SIGNATURE)):
        raise ImageUnreadableError(path, "it is neither PNG nor JPEG nor TIFF")
    return [DecodedImage(_read_with_pillow(path, _is_deep_colour_png(header), at_least_px))]


def _is_deep_colour_png(header: bytes) -> bool:
    """Tell the one kind of PNG that Pillow would silently cut from 16 to 8 bits."""
    return (
        header.startswith(PNG_SIGNATURE)
        and len(header) > _PNG_COLOUR_OFFSET
        and header[_PNG_DEPTH_OFFSET] == 16
        and header[_PNG_COLOUR_OFFSET] != _PNG_GREY
    )


def _read_with_pillow(path: Path, is_deep_colour_png: bool, at_least_px: int | None) -> Pixels:
    with Image.open(path, formats=("PNG", "JPEG")) as image:
        if image.width * image.height > MAX_PIXEL_COUNT:
            raise ImageUnreadableError(path, "it has more pixels than any camera we know gives")
        if image.mode in ("CMYK", "YCCK"):
            raise ImageUnreadableError(path, "it is stored in printing colours; save it as RGB")
        if at_least_px is not None:
            image.draft(None, (at_least_px, at_least_px))
        # Loads the whole image, and with it an orientation that comes after the pixels.
        pixels = _deep_png_pixels(path) if is_deep_colour_png else _pillow_pixels(image)
        return turn_upright(pixels, _orientation(image))


def _pillow_pixels(image: Image.Image) -> Pixels:
    """Load ``[H, W]`` or ``[H, W, 3]`` pixels of what Pillow opened."""
    image.load()
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        return drop_alpha(np.asarray(image.convert("RGBA")))
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _deep_png_pixels(path: Path) -> Pixels:
    pixels: Pixels = imagecodecs.png_decode(path.read_bytes())
    return drop_alpha(pixels) if pixels.shape[2] in (2, 4) else pixels


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, UPRIGHT))
    except (SyntaxError, ValueError, TypeError, struct.error):
        # Many cameras and archives write broken EXIF beside sound pixels.
        return UPRIGHT
