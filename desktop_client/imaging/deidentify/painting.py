"""Paint areas of a DICOM copy black; pixels are read by the decoders that also show them."""

from pathlib import Path
from typing import Final

import numpy as np
from pydicom.dataset import FileDataset
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.deidentify.areas import Area, paint_black
from desktop_client.imaging.dicom.codecs import LOSSY, Stored
from desktop_client.imaging.dicom.frames import UNCOMPRESSED, stored_frames, syntax_of
from desktop_client.imaging.dicom.layout import PixelLayout, layout_of
from desktop_client.imaging.dicom.values import whole_numbers
from desktop_client.imaging.raster import MAX_PIXEL_COUNT

_MOST_BITS: Final = 16
"""pydicom writes no more."""


def paint_areas(path: Path, copy: FileDataset, areas: tuple[Area, ...]) -> None:
    """Paint areas black in every frame; the pixels are stored uncompressed afterwards.

    Raises:
        ImageUnreadableError: if the pixels cannot be read, or not be written.
        Exception: whatever decoders raise at damaged data.
    """
    values = stored_values(path, copy)
    is_colour = copy.SamplesPerPixel == 3
    photometric = "RGB" if is_colour else str(copy.PhotometricInterpretation)
    for frame in values:
        paint_black(frame, areas, _black_of(photometric, frame))
    has_frames = int(copy.get("NumberOfFrames") or 1) > 1
    pixels = values if has_frames else values[0]
    is_big = copy.file_meta.TransferSyntaxUID == ExplicitVRBigEndian
    copy.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    copy.set_pixel_data(pixels, photometric, copy.BitsStored, generate_instance_uid=False)
    if is_big:  # so is all else in it, and pydicom only writes little endian pixels
        copy.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        if pixels.itemsize == 2:
            copy.PixelData = pixels.byteswap().tobytes()


def are_same_outside(areas: tuple[Area, ...], before: Stored, after: Stored) -> bool:
    """Tell whether two images differ nowhere but in the areas, which are painted over here."""
    for frame in (*before, *after):
        paint_black(frame, areas)
    return np.array_equal(before, after)


def stored_values(path: Path, dataset: FileDataset) -> Stored:
    """Read what is stored of all frames, ``[F, H, W]`` or RGB ``[F, H, W, 3]``, signed if it is.

    Raises:
        ImageUnreadableError: if the pixels cannot be read, or have more than 16 bits.
        Exception: whatever decoders raise at damaged data.
    """
    layout = layout_of(dataset, path, MAX_PIXEL_COUNT)
    if layout.is_float or layout.bits_stored > _MOST_BITS:
        raise ImageUnreadableError(path, "areas can only be painted in pixels of up to 16 bits")
    syntax = syntax_of(dataset)
    is_exact, is_lossy = syntax in UNCOMPRESSED, syntax in LOSSY
    frames = []
    for _, stored, photometric in stored_frames(dataset, layout, path, None):
        values = whole_numbers(stored, layout, is_exact=is_exact, is_lossy=is_lossy)
        if photometric.startswith("YBR_FULL"):
            values = convert_color_space(values, "YBR_FULL", "RGB")
        frames.append(_lowered(values, layout) if layout.is_signed else values)
    return np.stack(frames)


def _lowered(values: Stored, layout: PixelLayout) -> Stored:
    """Undo the raising of signed numbers, by half their range, that makes pixels of them."""
    signed = values.astype(np.int32) - (1 << (layout.bits_stored - 1))
    return signed.astype(f"i{values.dtype.itemsize}")


def _black_of(photometric: str, frame: Stored) -> int:
    """Return the stored value that is shown as black, of those that the image has.

    One of its own values, since some viewers stretch what is there over all grey levels.
    """
    if photometric == "MONOCHROME1":
        return int(frame.max())
    return 0 if photometric in {"RGB", "PALETTE COLOR"} else int(frame.min())
