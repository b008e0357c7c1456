"""What else DICOM files keep among pixels: overlays in spare bits, words beside coded data."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.utils import get_expected_length
from pydicom.uid import (
    HTJ2K,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000TransferSyntaxes,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
)

from desktop_client.imaging.deidentify.jpeg import JpegError, bare_jpeg
from desktop_client.imaging.deidentify.jpeg2000 import CodestreamError, bare_codestream
from desktop_client.imaging.pixels import UPRIGHT

_OFFSETS: Final = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")
_OVERLAY_GROUPS: Final = range(0x6000, 0x6020, 2)
_OVERLAY_POSITION: Final = 0x0102
_OVERLAY_DATA: Final = 0x3000


class HiddenOverlayError(ValueError):
    """An overlay is hidden among compressed pixels, where no bit can be cleared."""


def clean_pixel_data(dataset: Dataset) -> None:
    """Take out of the pixel data, in place, what is no part of the picture.

    Call it while the overlays' descriptions are still there.

    Raises:
        HiddenOverlayError: if there is an overlay that cannot be taken out.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    if any(_hidden_overlays(dataset)):
        if syntax.is_encapsulated:
            raise HiddenOverlayError(f"an overlay in {syntax.name}")
        _clear_spare_bits(dataset)
    if bare := _BARE.get(syntax):
        frames = generate_frames(dataset.PixelData, number_of_frames=_frame_count(dataset))
        dataset.PixelData = encapsulate([bare(frame) for frame in frames])
        for keyword in _OFFSETS:  # of the frames as they were
            if keyword in dataset:
                delattr(dataset, keyword)
    elif not syntax.is_encapsulated and "PixelData" in dataset:
        size = get_expected_length(dataset)
        dataset.PixelData = dataset.PixelData[: size + size % 2]  # nothing behind the last pixel


def _hidden_overlays(dataset: Dataset) -> Iterator[int]:
    """Yield the groups of overlays that have no data of their own but a bit of each pixel.

    Source:
        DICOM PS3.3-2004, C.9.2: retired, and still found in archives.
    """
    for group in _OVERLAY_GROUPS:
        position = dataset.get((group, _OVERLAY_POSITION))
        if position is not None and position.value and (group, _OVERLAY_DATA) not in dataset:
            yield group


def _clear_spare_bits(dataset: Dataset) -> None:
    """Set every bit to 0 that no pixel value uses."""
    order = "<" if dataset.file_meta.TransferSyntaxUID.is_little_endian else ">"
    kind = np.dtype(f"{order}u{dataset.BitsAllocated // 8}")
    lowest = dataset.HighBit + 1 - dataset.BitsStored
    used = ((1 << dataset.BitsStored) - 1) << lowest
    dataset.PixelData = (np.frombuffer(dataset.PixelData, kind) & kind.type(used)).tobytes()


def _frame_count(dataset: Dataset) -> int:
    return int(dataset.get("NumberOfFrames") or 1)


def _bare_jpeg(frame: bytes) -> bytes:
    """Drop comments and application segments; a frame that is no sound JPEG stays as it is."""
    try:
        return bare_jpeg(frame, UPRIGHT)
    except JpegError:
        return frame


def _bare_jpeg_2000(frame: bytes) -> bytes:
    """Blank comments and drop boxes; a frame that is no sound codestream stays as it is."""
    try:
        return bare_codestream(frame)
    except CodestreamError:
        return frame


_BARE: Final[Mapping[UID, Callable[[bytes], bytes]]] = {
    **dict.fromkeys((*JPEGTransferSyntaxes, *JPEGLSTransferSyntaxes), _bare_jpeg),
    **dict.fromkeys(
        (*JPEG2000TransferSyntaxes, HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL), _bare_jpeg_2000
    ),
}
