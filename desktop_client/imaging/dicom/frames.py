"""The stored frames of a DICOM file, one after the other, as whole or floating point numbers."""

import math
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from pydicom import uid
from pydicom.dataset import FileDataset
from pydicom.encaps import generate_frames

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.dicom.codecs import (
    DECODABLE,
    CutOffError,
    OtherSizeError,
    Stored,
    decode_frame,
)
from desktop_client.imaging.dicom.layout import PixelLayout
from desktop_client.imaging.tiff import CUT_OFF

_NATIVE: Final = frozenset(
    {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
        "",
    }
)
DEFLATED_FRAMES: Final = "1.2.840.10008.1.2.8.1"
UNCOMPRESSED: Final = _NATIVE | {DEFLATED_FRAMES, uid.RLELossless}
"""Where stored values come with whatever else is in their unused bits."""


def syntax_of(header: FileDataset) -> str:
    """Return the transfer syntax; empty where an old file says nothing, which is uncompressed."""
    return str(getattr(header, "file_meta", {}).get("TransferSyntaxUID", ""))


def stored_frames(
    header: FileDataset, layout: PixelLayout, path: Path, wanted: Collection[int] | None
) -> Iterator[tuple[int, Stored, str]]:
    """Yield number, pixels ``[H, W]`` or ``[H, W, 3]`` and colours of each frame.

    Args:
        header: With its pixel data.
        layout: Of its pixels.
        path: For the refusal.
        wanted: Numbers of frames, from 0; None for all.

    Raises:
        ImageUnreadableError: if the compression is unknown or pixels are missing.
        Exception: whatever decoders raise at damaged data.
    """
    syntax = syntax_of(header)
    try:
        if syntax in _NATIVE:
            yield from _native_frames(header, layout, wanted)
        elif syntax in DECODABLE or syntax == DEFLATED_FRAMES:
            yield from _encapsulated_frames(header, layout, syntax, wanted)
        else:
            raise ImageUnreadableError(path, _why_not(syntax))
    except CutOffError as error:
        raise ImageUnreadableError(path, CUT_OFF) from error
    except OtherSizeError as error:
        reason = "the picture in it has another size than its header says"
        raise ImageUnreadableError(path, reason) from error


def _why_not(syntax: str) -> str:
    name = uid.UID(syntax).name
    if "MPEG" in name or "HEVC" in name:
        return "it holds a video; save its pictures as single frames"
    return f"its pixels are compressed in a way that cannot be read ({name})"


def _encapsulated_frames(
    header: FileDataset, layout: PixelLayout, syntax: str, wanted: Collection[int] | None
) -> Iterator[tuple[int, Stored, str]]:
    encoded_frames = generate_frames(header.PixelData, number_of_frames=layout.frame_count)
    count = 0
    for frame, encoded in enumerate(encoded_frames):
        if frame >= layout.frame_count or (wanted is not None and frame > max(wanted, default=-1)):
            break
        count += 1
        if wanted is not None and frame not in wanted:
            continue
        if syntax == DEFLATED_FRAMES:
            inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(encoded)
            yield frame, *_arrange(_native_samples(inflated, layout, "<", 0), layout)
        else:
            yield frame, *decode_frame(encoded, syntax, layout, header, frame)
    if wanted is None and count < layout.frame_count:
        raise CutOffError


def _native_frames(
    header: FileDataset, layout: PixelLayout, wanted: Collection[int] | None
) -> Iterator[tuple[int, Stored, str]]:
    element = header[layout.keyword]
    data: bytes = element.value or b""
    order = "<" if header.original_encoding[1] is not False else ">"
    if len(data) < math.ceil(_frame_bits(layout) * layout.frame_count / 8):
        raise CutOffError
    if order == ">" and layout.bits_allocated <= 8 and element.VR == "OW":
        data = np.frombuffer(data[: len(data) // 2 * 2], dtype="u2").byteswap().tobytes()
    for frame in range(layout.frame_count):
        if wanted is None or frame in wanted:
            yield frame, *_arrange(_native_samples(data, layout, order, frame), layout)


def _frame_bits(layout: PixelLayout) -> int:
    """Return the size of a frame; two pixels of YBR_FULL_422 share their colour."""
    samples = 2 if layout.photometric == "YBR_FULL_422" else layout.samples
    return layout.rows * layout.columns * samples * layout.bits_allocated


def _native_samples(data: bytes, layout: PixelLayout, order: str, frame: int) -> Stored:
    """Return one frame's numbers as they follow each other."""
    frame_bits = _frame_bits(layout)
    if layout.bits_allocated == 1:
        # Frames of single bits do not begin at whole bytes.
        first_byte, skipped = divmod(frame * frame_bits, 8)
        last_byte = math.ceil((frame + 1) * frame_bits / 8)
        packed = np.frombuffer(data[first_byte:last_byte], dtype=np.uint8)
        bits = np.unpackbits(packed, bitorder="little")
        samples: Stored = bits[skipped : skipped + frame_bits]
    else:
        kind = "f" if layout.is_float else "u"
        dtype = np.dtype(f"{order}{kind}{layout.bits_allocated // 8}")
        count = frame_bits // layout.bits_allocated
        offset = frame * frame_bits // 8
        if len(data) < offset + count * dtype.itemsize:
            raise CutOffError
        samples = np.frombuffer(data, dtype, count, offset)
    if samples.size * layout.bits_allocated < frame_bits:
        raise CutOffError
    return samples


def _arrange(samples: Stored, layout: PixelLayout) -> tuple[Stored, str]:
    """Bring numbers into rows and columns."""
    size = (layout.rows, layout.columns)
    if layout.samples == 1:
        return samples.reshape(size), layout.photometric
    if layout.photometric == "YBR_FULL_422":
        return _share_out_colour(samples).reshape(*size, 3), "YBR_FULL"
    if layout.is_planar:
        return np.moveaxis(samples.reshape(3, *size), 0, -1), layout.photometric
    return samples.reshape(*size, 3), layout.photometric


def _share_out_colour(samples: Stored) -> Stored:
    """Give both of two pixels the colour that they share: Y1 Y2 Cb Cr.

    Source:
        DICOM PS3.3, C.7.6.3.1.2.
    """
    pairs = samples.reshape(-1, 4)
    return pairs[:, [0, 2, 3, 1, 2, 3]]
