"""Writes DICOM files as scanners do, by pydicom and encoders that the reader does not use."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)

WriteDicom = Callable[..., Path]

_NATIVE = {ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian}


def dataset_of(pixels: npt.NDArray[np.generic], **elements: object) -> FileDataset:
    """Describe pixels ``[H, W]``, ``[H, W, 3]`` or, with NumberOfFrames, ``[F, ...]``."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = UID(str(elements.get("SOPInstanceUID", "1.2.3.4")))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    header.SOPClassUID = SecondaryCaptureImageStorage
    header.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    frame = pixels[0] if "NumberOfFrames" in elements else pixels
    header.Rows, header.Columns = frame.shape[:2]
    header.SamplesPerPixel = 3 if frame.ndim == 3 else 1
    header.PhotometricInterpretation = "RGB" if frame.ndim == 3 else "MONOCHROME2"
    if frame.ndim == 3:
        header.PlanarConfiguration = 0
    header.BitsAllocated = header.BitsStored = pixels.dtype.itemsize * 8
    header.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in elements.items():
        setattr(header, keyword, value)
    header.HighBit = elements.get("HighBit", header.BitsStored - 1)
    data = pixels.tobytes()
    header.PixelData = data + b"\0" * (len(data) % 2)
    header["PixelData"].VR = "OB" if header.BitsAllocated <= 8 else "OW"
    return header


def write_to(
    folder: Path,
    pixels: npt.NDArray[np.generic],
    *,
    name: str = "image",
    syntax: UID = ExplicitVRLittleEndian,
    encoded: list[bytes] | None = None,
    **elements: object,
) -> Path:
    """Write a file into a folder.

    ``syntax`` is a transfer syntax that pydicom compresses to; ``encoded`` gives the frames
    already compressed; every other argument is an element.
    """
    header = dataset_of(pixels, **elements)
    path = folder / name
    if encoded is not None:
        header.PixelData = encapsulate(encoded)
        header["PixelData"].is_undefined_length = True
    elif syntax == ExplicitVRBigEndian:
        big = pixels.astype(pixels.dtype.newbyteorder(">"))
        header.PixelData = big.tobytes()
    elif syntax not in _NATIVE and not syntax.is_deflated:
        header.compress(syntax, generate_instance_uid=False)
    header.file_meta.TransferSyntaxUID = syntax
    pydicom.dcmwrite(
        path,
        header,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
    )
    return path


@pytest.fixture
def write_dicom(tmp_path: Path) -> WriteDicom:
    """Return ``write_to`` for the test's own folder."""
    return partial(write_to, tmp_path)
