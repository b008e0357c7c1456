"""Copy a DICOM file without what tells whom it shows; checked before anything is written."""

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydicom import config, dcmread
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import refusing_in_words
from desktop_client.imaging.deidentify.areas import Area, paint_black
from desktop_client.imaging.deidentify.headers import disguise_header, sign_header
from desktop_client.imaging.deidentify.pixel_data import clean_pixel_data
from desktop_client.imaging.deidentify.policy import Disguise
from desktop_client.imaging.deidentify.traces import Traces

_IMPLEMENTATION: Final = UID("2.25.188421730251104871930154733480241587316")
"""Ours alone: a random UUID."""
_IMPLEMENTATION_NAME: Final = "SITEBLIND"

_PIXELS: Final = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_OF_THE_PIXELS: Final = (
    *_PIXELS,
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "RescaleSlope",
    "RescaleIntercept",
    "WindowCenter",
    "WindowWidth",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
)
"""What decides what is seen; a copy has the same, unless areas were painted black."""


def dicom_copy(path: Path, content: bytes, disguise: Disguise) -> bytes:
    """Return a de-identified copy of a DICOM file.

    Pixels stay encoded as they are. Only where areas are painted black they are decompressed.

    Args:
        path: Where the original is; only named in refusals.
        content: The original.
        disguise: What takes the place of what it says.

    Raises:
        ImageUnreadableError: if the copy cannot be made, or would still tell whom it shows.
    """
    with refusing_in_words(path), _tolerant_pydicom():
        return _copy(path, content, disguise)


def _copy(path: Path, content: bytes, disguise: Disguise) -> bytes:
    original = _read(path, content)
    traces = Traces(original)
    copy = _read(path, content)
    for dataset in (original, copy):
        _clean_pixels(path, dataset)
    disguise_header(copy, disguise)
    traces.wipe_words(copy)
    sign_header(copy, disguise)  # last: it uses words that may be somebody's name
    if disguise.areas:
        _paint(copy, disguise.areas)
    made = _encoded(copy)
    left = traces.found_in(made)
    if left is not None:
        raise ImageUnreadableError(path, f"its copy would still hold {left}; it was not exported")
    _check(path, original, made, disguise.areas)
    return made


def _read(path: Path, content: bytes) -> FileDataset:
    dataset = dcmread(io.BytesIO(content), force=True)
    if not any(keyword in dataset for keyword in _PIXELS):
        raise ImageUnreadableError(path, "there is no image in it")
    syntax = dataset.file_meta.get("TransferSyntaxUID") or _syntax_found(dataset)
    if not (syntax.is_private or syntax.is_transfer_syntax):
        raise ImageUnreadableError(path, f"its pixels are stored in a way ({syntax}) not known yet")
    dataset.file_meta.TransferSyntaxUID = syntax
    # Files from before there was a file meta group may leave out both.
    if not dataset.get("SOPClassUID"):
        dataset.SOPClassUID = SecondaryCaptureImageStorage
    if not dataset.get("SOPInstanceUID"):
        dataset.SOPInstanceUID = hashlib.sha256(content).hexdigest()  # only its pseudonym is kept
    return dataset


def _clean_pixels(path: Path, dataset: Dataset) -> None:
    try:
        clean_pixel_data(dataset)
    except ValueError as error:
        raise ImageUnreadableError(
            path, "an overlay is hidden among its compressed pixels and cannot be taken out"
        ) from error


def _syntax_found(dataset: Dataset) -> UID:
    """Return how a file is written that does not say so itself."""
    is_implicit, is_little = dataset.original_encoding
    if not is_little:
        return ExplicitVRBigEndian
    return ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian


def _paint(copy: Dataset, areas: tuple[Area, ...]) -> None:
    """Paint areas black in every frame; the pixels are stored uncompressed afterwards."""
    if copy.file_meta.TransferSyntaxUID.is_encapsulated:
        copy.decompress(generate_instance_uid=False)
    pixels = np.array(copy.pixel_array)
    # pixel_array makes RGB of whatever colours there are.
    photometric = "RGB" if copy.SamplesPerPixel == 3 else copy.PhotometricInterpretation
    for frame in _frames(copy, pixels):
        paint_black(frame, areas, _black_of(photometric, frame))
    copy.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    copy.set_pixel_data(pixels, photometric, copy.BitsStored, generate_instance_uid=False)


def _frames(dataset: Dataset, pixels: np.ndarray[Any, np.dtype[Any]]) -> Any:  # noqa: ANN401
    return pixels if int(dataset.get("NumberOfFrames") or 1) > 1 else pixels[None]


def _black_of(photometric: str, frame: np.ndarray[Any, np.dtype[Any]]) -> int:
    """Return the stored value that is shown as black, of those that the image has.

    One of its own values, since some viewers stretch what is there over all grey levels.
    """
    if photometric == "MONOCHROME1":
        return int(frame.max())
    return 0 if photometric in {"RGB", "PALETTE COLOR"} else int(frame.min())


def _encoded(copy: Dataset) -> bytes:
    """Write with a file meta group of our own: no application's title, no preamble."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = copy.SOPClassUID
    meta.MediaStorageSOPInstanceUID = copy.SOPInstanceUID
    meta.TransferSyntaxUID = copy.file_meta.TransferSyntaxUID
    meta.ImplementationClassUID = _IMPLEMENTATION
    meta.ImplementationVersionName = _IMPLEMENTATION_NAME
    copy.file_meta = meta
    copy.preamble = b"\0" * 128
    buffer = io.BytesIO()
    copy.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _check(path: Path, original: Dataset, made: bytes, areas: tuple[Area, ...]) -> None:
    """Read the copy again and compare what is seen."""
    copy = dcmread(io.BytesIO(made))
    if areas:
        before, after = np.array(original.pixel_array), np.array(copy.pixel_array)
        for frame in (*_frames(original, before), *_frames(copy, after)):
            paint_black(frame, areas)
        is_same = np.array_equal(before, after)
    else:
        is_same = all(original.get(name) == copy.get(name) for name in _OF_THE_PIXELS)
    if not is_same:
        raise ImageUnreadableError(path, "the copy's pixels are not the original's; it was let go")


@contextmanager
def _tolerant_pydicom() -> Iterator[None]:
    """Take values as they are: many scanners write some that the standard does not allow."""
    with warnings.catch_warnings(), config.disable_value_validation():
        warnings.simplefilter("ignore")
        yield
