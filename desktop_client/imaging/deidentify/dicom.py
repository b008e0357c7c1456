"""Copy a DICOM file without what tells whom it shows; checked before anything is written."""

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

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
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.imaging.deidentify.headers import disguise_header, sign_header
from desktop_client.imaging.deidentify.painting import (
    are_same_outside,
    paint_areas,
    stored_values,
)
from desktop_client.imaging.deidentify.pixel_data import HiddenOverlayError, clean_pixel_data
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
        paint_areas(path, copy, disguise.areas)
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
    except HiddenOverlayError as error:
        raise ImageUnreadableError(
            path, "an overlay is hidden among its compressed pixels and cannot be taken out"
        ) from error


def _syntax_found(dataset: Dataset) -> UID:
    """Return how a file is written that does not say so itself."""
    is_implicit, is_little = dataset.original_encoding
    if not is_little:
        return ExplicitVRBigEndian
    return ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian


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


def _check(path: Path, original: FileDataset, made: bytes, areas: tuple[Area, ...]) -> None:
    """Read the copy again and compare what is seen."""
    copy = dcmread(io.BytesIO(made))
    if areas:
        is_same = are_same_outside(areas, stored_values(path, original), stored_values(path, copy))
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
