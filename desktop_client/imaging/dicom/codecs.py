"""Decode one compressed frame of a DICOM file; quick, and without holding up other threads."""

from typing import Any, Final

import imagecodecs
import numpy as np
import numpy.typing as npt
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder

from desktop_client.imaging.dicom.codestream import END_OF_JPEG, is_rgb_jpeg, size_in
from desktop_client.imaging.dicom.layout import PixelLayout

Stored = npt.NDArray[Any]

_JPEG: Final = frozenset(
    {
        uid.JPEGBaseline8Bit,
        uid.JPEGExtended12Bit,
        "1.2.840.10008.1.2.4.53",  # spectral selection, retired
        "1.2.840.10008.1.2.4.55",  # full progression, retired
    }
)
_LOSSLESS_JPEG: Final = frozenset({uid.JPEGLossless, uid.JPEGLosslessSV1})
_JPEG_LS: Final = frozenset(uid.JPEGLSTransferSyntaxes)
_JPEG_2000: Final = frozenset(
    {*uid.JPEG2000TransferSyntaxes, uid.HTJ2K, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL}
)
LOSSY: Final = frozenset({*_JPEG, uid.JPEGLSNearLossless, uid.JPEG2000, uid.HTJ2K})
"""Where a decoded value may lie a little outside of what the file stores."""

DECODABLE: Final = frozenset({*_JPEG, *_LOSSLESS_JPEG, *_JPEG_LS, *_JPEG_2000, uid.RLELossless})


class CutOffError(Exception):
    """Part of the pixels is missing."""


class OtherSizeError(Exception):
    """What is compressed has another size than the header says."""


def decode_frame(
    encoded: bytes, syntax: str, layout: PixelLayout, header: Dataset, frame: int
) -> tuple[Stored, str]:
    """Decode a frame to ``[H, W]`` or ``[H, W, 3]``, and say in which colours it now is.

    imagecodecs does nearly all of it; run lengths that it refuses, pydicom's own decoder may still
    read, which is written in Python. Never ask pydicom for a decoder without naming it: of those
    that it finds installed, GDCM ends the whole program at some damaged frames.

    Raises:
        CutOffError: if the end is missing.
        OtherSizeError: before room is made for something of another size.
        Exception: whatever the last decoder that was tried raises.
    """
    if syntax != uid.RLELossless and size_in(encoded) != (layout.rows, layout.columns):
        raise OtherSizeError
    try:
        decoded, photometric = _decode(encoded, syntax, layout)
        return decoded.reshape(_shape(layout)), photometric
    except (imagecodecs.DicomrleError, ValueError):  # what is damaged; the latter also by numpy
        if syntax != uid.RLELossless:
            raise
        return _decode_rle_leniently(header, frame)


def _shape(layout: PixelLayout) -> tuple[int, ...]:
    shape = (layout.rows, layout.columns)
    return shape if layout.samples == 1 else (*shape, layout.samples)


def _decode(encoded: bytes, syntax: str, layout: PixelLayout) -> tuple[Stored, str]:
    after_wavelets = "RGB" if layout.photometric in ("YBR_RCT", "YBR_ICT") else layout.photometric
    if syntax in _JPEG:
        return _decode_jpeg(encoded, layout)
    if syntax in _LOSSLESS_JPEG:
        _check_end(encoded)
        return imagecodecs.jpeg8_decode(encoded), layout.photometric
    if syntax in _JPEG_LS:
        _check_end(encoded)
        return imagecodecs.jpegls_decode(encoded), layout.photometric
    if syntax in _JPEG_2000:
        return imagecodecs.jpeg2k_decode(encoded, numthreads=1), after_wavelets
    return _decode_rle(encoded, layout), layout.photometric


def _check_end(encoded: bytes) -> None:
    # The decoders would fill what is missing with grey, or look for it for seconds.
    if END_OF_JPEG not in encoded[-64:]:
        raise CutOffError


def _decode_jpeg(encoded: bytes, layout: PixelLayout) -> tuple[Stored, str]:
    """Decode JPEG to grey or RGB; its own markers know its colours better than the header."""
    _check_end(encoded)
    if layout.samples == 1:
        return imagecodecs.jpeg8_decode(encoded), layout.photometric
    stored_as = "RGB" if is_rgb_jpeg(encoded, layout.photometric) else "YCBCR"
    decoded = imagecodecs.jpeg8_decode(encoded, colorspace=stored_as, outcolorspace="RGB")
    return decoded, "RGB"


def _decode_rle(encoded: bytes, layout: PixelLayout) -> Stored:
    """Decode run lengths: one plane for each byte of each sample, the highest byte first.

    Source:
        DICOM PS3.5, annex G.
    """
    if layout.bits_allocated == 1:
        packed = np.frombuffer(imagecodecs.dicomrle_decode(encoded, "u1"), dtype=np.uint8)
        return np.unpackbits(packed, bitorder="little")[: layout.sample_count]
    dtype = np.dtype(f"<u{layout.bits_allocated // 8}")
    planes = np.frombuffer(imagecodecs.dicomrle_decode(encoded, dtype.str), dtype=dtype)
    by_sample = planes.reshape(layout.samples, layout.rows, layout.columns)
    return np.moveaxis(by_sample, 0, -1)


def _decode_rle_leniently(header: Dataset, frame: int) -> tuple[Stored, str]:
    decoded, properties = get_decoder(uid.RLELossless).as_array(
        header, raw=True, index=frame, decoding_plugin="pydicom"
    )
    return decoded, str(properties["photometric_interpretation"])
