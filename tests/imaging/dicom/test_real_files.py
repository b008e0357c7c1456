"""Every real DICOM file decodes as independent decoders do, or is refused in plain words."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from pydicom.pixels.decoders.base import get_decoder

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_image
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.metadata import read_metadata
from desktop_client.labelling.identity import record_of

pytestmark = [pytest.mark.realdata, pytest.mark.filterwarnings("ignore:::pydicom")]

REFUSED = {"badVR.dcm": "its number of frames is '1A'"}
LOSSY_JPEG = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
ONE_CT = ("CT1_UNC.dcm", "CT1_RLE.dcm", "CT1_JPLL.dcm", "CT1_JLSL.dcm", "CT1_J2KR.dcm")


@pytest.fixture(scope="module")
def real_files(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "dicom").rglob("*.dcm"))


def readings_by_others(path: Path) -> Iterator[npt.NDArray[np.generic]]:
    """Yield the pixels as each of pydicom's decoders reads them; some read few kinds."""
    header = pydicom.dcmread(path, force=True)
    syntax = header.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        return
    names = decoder.available_plugins if syntax.is_encapsulated else ("",)
    for name in names:
        # Each refuses what it does not know by an error of its own.
        with contextlib.suppress(Exception):
            yield decoder.as_array(header, decoding_plugin=name)[0]


def stored_numbers(image: DecodedImage, header: pydicom.Dataset) -> npt.NDArray[np.int64]:
    """Undo what makes pixels of stored numbers, which is tested by itself."""
    half = 1 << (header.BitsStored - 1) if header.PixelRepresentation else 0
    top = (1 << header.BitsStored) - 1
    pixels = image.pixels.astype(np.int64)
    return (top - pixels if header.PhotometricInterpretation == "MONOCHROME1" else pixels) - half


def is_comparable(path: Path) -> bool:
    """Leave out what is changed on purpose: more than 16 bits, single bits, palettes, tables."""
    header = pydicom.dcmread(path, force=True)
    return (
        header.get("BitsStored") in range(2, 17)
        and header.PhotometricInterpretation != "PALETTE COLOR"
        and "ModalityLUTSequence" not in header
    )


def test_every_file_decodes_or_is_refused_with_its_reason(real_files: list[Path]) -> None:
    refused: dict[str, str] = {}
    for path in real_files:
        try:
            assert decode_image(path), path
        except ImageUnreadableError as refusal:
            refused[path.name] = refusal.reason
    assert len(real_files) == 137
    assert refused == REFUSED


def test_pixels_agree_with_every_other_decoder(real_files: list[Path]) -> None:
    compared_count = 0
    for path in real_files:
        if path.name in REFUSED or not is_comparable(path):
            continue
        header = pydicom.dcmread(path, force=True)
        ours = np.stack([stored_numbers(image, header) for image in decode_image(path)])
        for theirs in readings_by_others(path):
            allowed = 1 if path.parent.name in LOSSY_JPEG else 0  # rounding of the inverse DCT
            assert np.abs(ours - theirs.reshape(ours.shape).astype(np.int64)).max() <= allowed, path
            compared_count += 1
    assert compared_count > 120


def test_one_slice_in_five_compressions_is_one_sample(real_files: list[Path]) -> None:
    slices = [path for path in real_files if path.name in ONE_CT]
    assert len(slices) == len(ONE_CT)
    assert len({record_of(decode_image(path)[0]).sample_id for path in slices}) == 1


def test_every_header_is_put_into_words(real_files: list[Path]) -> None:
    assert all(read_metadata(path) for path in real_files)


def test_a_file_cut_off_anywhere_is_refused_or_read(real_files: list[Path], tmp_path: Path) -> None:
    small = [path for path in real_files if path.stat().st_size < 60_000]
    for path in small:
        content = path.read_bytes()
        for share in (0.1, 0.5, 0.9, 0.98):
            cut = tmp_path / "cut"
            cut.write_bytes(content[: int(len(content) * share)])
            with contextlib.suppress(ImageUnreadableError):
                assert decode_image(cut), path
