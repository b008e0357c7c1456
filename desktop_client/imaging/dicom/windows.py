"""How a DICOM file wants to be looked at: its windows, or what comes nearest to its curve."""

from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from desktop_client.imaging.dicom.header import items, numbers, value_of
from desktop_client.imaging.dicom.values import lookup_table
from desktop_client.imaging.image import DecodedImage, Window
from desktop_client.imaging.shown_range import used_range

WHOLE_RANGE: Final = "Range of values"
_CURVE_ENDS: Final = (0.05, 0.95)
_AIR_HU: Final = -1000.0


def windows_of(
    header: Dataset, voi: Dataset, image: DecodedImage, bits_stored: int
) -> tuple[Window, ...]:
    """Return the windows of a grey frame, as yet without any; the default first.

    A SIGMOID window is as steep in its middle as the linear one of the same numbers, and a VOI LUT
    is shown as the window that follows its middle nine tenths. Where the file says nothing, and
    its pixels do not simply fill 8 bits, the window is the range that they use.

    Source:
        DICOM PS3.3, C.11.2.
    """
    found = [*_written(voi), *_from_tables(header)]
    if found:
        return tuple(found)
    return () if bits_stored in (1, 8) else (_used_range(image),)


def _written(voi: Dataset) -> list[Window]:
    centres, widths = numbers(voi, "WindowCenter"), numbers(voi, "WindowWidth")
    said = value_of(voi, "WindowCenterWidthExplanation")
    names = [said] if isinstance(said, str) else list(said or ())
    names += [""] * len(centres)
    found: list[Window] = []
    for centre, width, name in zip(centres, widths, names, strict=False):
        is_new = all((window.centre, window.width) != (centre, width) for window in found)
        if width > 0 and is_new:
            found.append(Window(centre, width, str(name).strip()))
    return found


def _from_tables(header: Dataset) -> list[Window]:
    found: list[Window] = []
    for item in items(header, "VOILUTSequence"):
        table = lookup_table(item)
        if table is None:
            continue
        entries, first, _ = table
        low, high = int(entries.min()), int(entries.max())
        if high == low or entries[-1] < entries[0]:
            continue
        levels = (entries - low) / (high - low)
        start, end = (int(np.argmax(levels >= share)) for share in _CURVE_ENDS)
        width = max(1.0, (end - start) / (_CURVE_ENDS[1] - _CURVE_ENDS[0]))
        name = str(value_of(item, "LUTExplanation") or "").strip()
        found.append(Window(first + (start + end) / 2, width, name))
    return found


def _used_range(image: DecodedImage) -> Window:
    """Return the range of nearly all pixels, without the few that are far off."""
    scale = image.scale
    low, high = sorted(share * scale.slope + scale.intercept for share in used_range(image))
    if scale.unit == "HU" and high > _AIR_HU:
        low = max(low, _AIR_HU)  # what lies below fills the corners outside of the scan
    return Window((low + high) / 2, (high - low) or abs(scale.slope), WHOLE_RANGE)
