"""Copy a photo or drawing (PNG, JPEG, TIFF and all else but DICOM) as nothing but its pixels."""

import io
from pathlib import Path
from typing import Final

import imagecodecs
import numpy as np
from PIL import ExifTags, Image
from tifffile import TiffWriter

from desktop_client.imaging.decode import decode_image, refusing_in_words
from desktop_client.imaging.deidentify.areas import Area, paint_black
from desktop_client.imaging.deidentify.jpeg import bare_jpeg
from desktop_client.imaging.deidentify.png import bare_png, has_transparency
from desktop_client.imaging.image import DecodedImage, Pixels
from desktop_client.imaging.kinds import JPEG_SIGNATURE, PNG_SIGNATURE
from desktop_client.imaging.pixels import UPRIGHT

_BARE: Final = {PNG_SIGNATURE: (bare_png, ".png"), JPEG_SIGNATURE: (bare_jpeg, ".jpg")}


def photo_copy(path: Path, content: bytes, areas: tuple[Area, ...] = ()) -> tuple[bytes, str]:
    """Return a copy that holds nothing but pixels, and the suffix that its name needs.

    PNG and JPEG keep their compressed data; others, and whatever areas are painted black in or
    transparency hides parts of, are stored anew without loss.

    Args:
        path: The original.
        content: What is in it.
        areas: What is painted black.

    Raises:
        ImageUnreadableError: if the copy cannot be made.
    """
    with refusing_in_words(path):
        is_hiding = content.startswith(PNG_SIGNATURE) and has_transparency(content)
        if not (areas or is_hiding):
            for signature, (bare, suffix) in _BARE.items():
                if content.startswith(signature):
                    return bare(content, _orientation(content)), suffix
        return _stored_anew(decode_image(path), areas)


def _stored_anew(images: list[DecodedImage], areas: tuple[Area, ...]) -> tuple[bytes, str]:
    frames = [np.array(image.pixels) for image in images]
    for frame in frames:
        paint_black(frame, areas)
    if len(frames) == 1:
        return bytes(imagecodecs.png_encode(frames[0])), ".png"
    return _tiff(frames), ".tif"


def _tiff(frames: list[Pixels]) -> bytes:
    buffer = io.BytesIO()
    with TiffWriter(buffer) as tiff:
        for frame in frames:
            tiff.write(
                frame,
                photometric="rgb" if frame.ndim == 3 else "minisblack",
                compression="adobe_deflate",
                metadata=None,
                software=False,
            )
    return buffer.getvalue()


def _orientation(content: bytes) -> int:
    """Return how the reader turns an image, wherever in the file that is said."""
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
        image.load()
        try:
            found = int(image.getexif().get(ExifTags.Base.Orientation, UPRIGHT))
        except (SyntaxError, ValueError, TypeError, ArithmeticError):
            return UPRIGHT
    return found if 1 <= found <= 8 else UPRIGHT
