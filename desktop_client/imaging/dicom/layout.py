"""How a DICOM file lays out its pixels, checked before any of them is touched."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom.datadict import dictionary_description
from pydicom.dataset import FileDataset

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.dicom.header import number, value_of, words

FLOAT_KEYWORDS: Final = ("FloatPixelData", "DoubleFloatPixelData")
_PIXEL_KEYWORDS: Final = ("PixelData", *FLOAT_KEYWORDS)
_ALLOCATED: Final = {"PixelData": (1, 8, 16, 32), "FloatPixelData": (32,)}
GREY: Final = ("MONOCHROME1", "MONOCHROME2")
PALETTE: Final = "PALETTE COLOR"
_COLOURS: Final = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT")
_MOST_FRAMES: Final = 100_000


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """The numbers without which pixels are only bytes; names as in DICOM PS3.3, C.7.6.3."""

    keyword: str
    """Which element holds the pixels."""
    rows: int
    columns: int
    frame_count: int
    samples: int
    """1 for grey and palette, 3 for colour."""
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    is_planar: bool

    @property
    def is_float(self) -> bool:
        """Whether the pixels are floating point numbers."""
        return self.keyword in FLOAT_KEYWORDS

    @property
    def sample_count(self) -> int:
        """Numbers in one frame."""
        return self.rows * self.columns * self.samples


def layout_of(header: FileDataset, path: Path, max_pixel_count: int) -> PixelLayout:
    """Read and check the layout.

    Args:
        header: With its pixel data.
        path: For the refusal.
        max_pixel_count: Most pixels that one frame may have.

    Raises:
        ImageUnreadableError: if there are no pixels, or some that cannot be understood.
    """
    try:
        return _layout(header, max_pixel_count)
    except _NotUnderstoodError as error:
        raise ImageUnreadableError(path, str(error)) from error


class _NotUnderstoodError(Exception):
    """Why a layout is refused."""


def _layout(header: FileDataset, max_pixel_count: int) -> PixelLayout:
    keyword = next((name for name in _PIXEL_KEYWORDS if name in header), None)
    if keyword is None:
        raise _NotUnderstoodError(_why_no_pixels(header))
    rows, columns = _whole(header, "Rows"), _whole(header, "Columns")
    samples = _whole(header, "SamplesPerPixel", 1)
    photometric = words(header, "PhotometricInterpretation") or ("RGB" if samples == 3 else GREY[1])
    _check_colours(photometric, samples)
    if rows * columns > max_pixel_count:
        raise _NotUnderstoodError("it has more pixels than any camera we know gives")
    allocated = _whole(header, "BitsAllocated")
    if allocated not in _ALLOCATED.get(keyword, (64,)):
        raise _NotUnderstoodError(f"its pixels have {allocated} bits; 1, 8, 16 and 32 can be read")
    stored = _whole(header, "BitsStored", allocated)
    if stored > allocated:
        raise _NotUnderstoodError(f"it claims {stored} bits in the room of {allocated}")
    high_bit = _whole(header, "HighBit", stored - 1)
    return PixelLayout(
        keyword,
        rows,
        columns,
        _frame_count(header),
        samples,
        photometric,
        allocated,
        stored,
        high_bit if stored - 1 <= high_bit < allocated else stored - 1,
        number(header, "PixelRepresentation") == 1,
        number(header, "PlanarConfiguration") == 1 and samples > 1,
    )


def _whole(header: FileDataset, keyword: str, default: int | None = None) -> int:
    found = number(header, keyword)
    if found is None and default is not None:
        return default
    lowest = 0 if keyword == "HighBit" else 1
    if found is None or found < lowest or found != int(found):
        name = dictionary_description(keyword).lower()
        said = words(header, keyword)
        raise _NotUnderstoodError(f"its {name} is {said!r}" if said else f"its {name} is missing")
    return int(found)


def _frame_count(header: FileDataset) -> int:
    if not words(header, "NumberOfFrames"):
        return 1
    count = _whole(header, "NumberOfFrames")
    if count > _MOST_FRAMES:
        raise _NotUnderstoodError(f"it claims to have {count:,} frames")
    return count


def _check_colours(photometric: str, samples: int) -> None:
    is_one = photometric in GREY or photometric == PALETTE
    if is_one and samples == 1:
        return
    if photometric in _COLOURS and samples == 3:
        return
    raise _NotUnderstoodError(
        f"its colours are stored as {photometric} in {samples} samples, which cannot be read"
    )


def _why_no_pixels(header: FileDataset) -> str:
    sop_class = value_of(header, "SOPClassUID")
    kind = getattr(sop_class, "name", "")
    named = f" ({kind})" if kind and not kind[0].isdigit() else ""
    return f"it is a DICOM file without an image{named}"
