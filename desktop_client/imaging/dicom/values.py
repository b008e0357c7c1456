"""From stored numbers to pixels with 0 as black, and what these pixels then measure."""

from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, convert_color_space

from desktop_client.imaging.dicom.codecs import Stored
from desktop_client.imaging.dicom.header import items, number, numbers, value_of, words
from desktop_client.imaging.dicom.layout import GREY, PALETTE, PixelLayout
from desktop_client.imaging.image import Pixels, ValueScale

_UNITS: Final = {"HU": "HU", "HU_MOD": "HU", "OD": "OD", "MGML": "mg/ml", "PCT": "%"}
"""What rescaled values are in. Source: DICOM PS3.3, C.11.1.1.2."""


def whole_numbers(stored: Stored, layout: PixelLayout, *, is_exact: bool, is_lossy: bool) -> Stored:
    """Make numbers from 0 of what is stored; signed ones are raised by half their range.

    Args:
        stored: As they come from the file or a decoder.
        layout: Says which bits count.
        is_exact: Whether unused bits may hold something else, such as an old overlay.
        is_lossy: Whether values may have left the range; they are brought back to its ends.

    Returns:
        Unsigned, below ``2 ** bits_stored``.
    """
    bits, half = layout.bits_stored, 1 << (layout.bits_stored - 1)
    top = (1 << bits) - 1
    if stored.dtype.kind == "i":
        wide = stored.astype(np.int64)
        if layout.is_signed:
            return _shrink(np.clip(wide, -half, half - 1) + half, bits)
        return _shrink(wide & top, bits)
    native = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    if is_exact and layout.high_bit + 1 != bits:
        native = native >> native.dtype.type(layout.high_bit + 1 - bits)
    if layout.is_signed:
        native = native + native.dtype.type(half)  # wraps round, as two's complement wants it
    if is_lossy and not layout.is_signed:
        native = np.minimum(native, native.dtype.type(top))
    elif bits < native.dtype.itemsize * 8:
        native = native & native.dtype.type(top)
    return _shrink(native, bits)


def _shrink(values: Stored, bits: int) -> Stored:
    dtype = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    return values.astype(dtype, copy=False)


def grey_pixels(
    values: Stored, layout: PixelLayout, header: Dataset, rescale: Dataset
) -> tuple[Pixels, ValueScale]:
    """Make pixels of one grey frame ``[H, W]``.

    Args:
        values: Whole numbers from 0, or floating point numbers.
        layout: Of the stored pixels.
        header: Of the file.
        rescale: What holds the frame's RescaleSlope and RescaleIntercept.
    """
    slope = number(rescale, "RescaleSlope") or 1.0
    intercept = number(rescale, "RescaleIntercept") or 0.0
    unit = _unit_of(header, rescale)
    if layout.is_signed and not layout.is_float:
        intercept -= slope * (1 << (layout.bits_stored - 1))
    bits = layout.bits_stored
    if layout.is_float or bits > 16:
        values, low, step = _fit_16_bits(values)
        slope, intercept, bits = slope * step, intercept + slope * low, 16
    elif bits == 1:
        values, slope, bits = values * np.uint8(255), slope / 255, 8
    table = None if layout.is_float else _modality_table(header)
    if table is not None:
        values, bits, slope, intercept, unit = *_look_up(values, *table), 1.0, 0.0, ""
    if layout.photometric == GREY[0]:
        top = (1 << bits) - 1
        values = values.dtype.type(top) - values
        slope, intercept = -slope, intercept + slope * top
    return np.ascontiguousarray(values), ValueScale(slope, intercept, unit)


def colour_pixels(values: Stored, photometric: str, bits: int, header: Dataset) -> Pixels:
    """Make RGB pixels ``[H, W, 3]`` of one frame in colour or of palette entries."""
    if photometric == PALETTE:
        return _through_palette(values, header)
    if photometric.startswith("YBR_FULL"):
        values = convert_color_space(_fill_range(values, bits), "YBR_FULL", "RGB")
        return np.ascontiguousarray(values)
    return np.ascontiguousarray(_fill_range(values, bits))


def _fill_range(values: Stored, bits: int) -> Pixels:
    """Use the whole range of 8 or 16 bits: in colours the largest number is white."""
    if bits > 16:
        return (values >> np.uint32(bits - 16)).astype(np.uint16)
    room = values.dtype.itemsize * 8 - bits
    return values << values.dtype.type(room) if room else values


def _through_palette(values: Stored, header: Dataset) -> npt.NDArray[np.uint8]:
    """Look colours up; of 16 bits, screens ever showed the upper 8."""
    colours = apply_color_lut(values, header)
    if colours.dtype == np.uint8:
        return np.ascontiguousarray(colours[..., :3])
    is_really_8_bit = int(colours.max(initial=0)) <= 255
    eight = colours if is_really_8_bit else colours >> 8
    return np.ascontiguousarray(eight[..., :3].astype(np.uint8))


def _fit_16_bits(values: Stored) -> tuple[npt.NDArray[np.uint16], float, float]:
    """Spread numbers of more bits over 16; return pixels, lowest number and step."""
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    step = (high - low) / 65535 or 1.0
    return np.rint((numbers - low) / step).astype(np.uint16), low, step


def _unit_of(header: Dataset, rescale: Dataset) -> str:
    said = words(rescale, "RescaleType").upper()
    if said in _UNITS:
        return _UNITS[said]
    has_rescale = value_of(rescale, "RescaleIntercept") is not None
    if words(header, "Modality") == "CT" and has_rescale and not said:
        return "HU"
    return "Bq/ml" if words(header, "Units").upper() == "BQML" else ""


def _modality_table(header: Dataset) -> tuple[npt.NDArray[np.int64], int, int] | None:
    """Return entries, first number and bits of a modality LUT, or None."""
    for item in items(header, "ModalityLUTSequence"):
        table = lookup_table(item)
        if table is not None:
            return table
    return None


def _look_up(
    values: Stored, entries: npt.NDArray[np.int64], first: int, bits: int
) -> tuple[Stored, int]:
    places = np.clip(values.astype(np.int64) - first, 0, len(entries) - 1)
    return _shrink(entries[places], bits), 8 if bits <= 8 else 16


def lookup_table(item: Dataset) -> tuple[npt.NDArray[np.int64], int, int] | None:
    """Return entries, first number mapped and bits of a LUT item; None if it makes no sense.

    Source:
        DICOM PS3.3, C.11.1.1.1: 0 entries mean 65536.
    """
    described = numbers(item, "LUTDescriptor")
    if len(described) != 3:
        return None
    count, first, bits = int(described[0]) or 65536, int(described[1]), int(described[2])
    data = value_of(item, "LUTData")
    if isinstance(data, bytes):
        entries = np.frombuffer(data, "<u2" if len(data) >= 2 * count else "u1").astype(np.int64)
    else:
        entries = np.array(numbers(item, "LUTData"), dtype=np.int64) & 0xFFFF
    if len(entries) < count or not 1 <= bits <= 16:
        return None
    return entries[:count], first, bits
