"""Which images may have a name written into their pixels, and where; a person decides."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_client.imaging.deidentify.areas import Area
from desktop_client.imaging.deidentify.text_areas import find_text_areas
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.kinds import is_dicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_BANNER_SHARE: Final = 0.1
"""Ultrasound machines write name, date and hospital into the upper tenth."""
_SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
_ULTRASOUND: Final = frozenset({"US", "IVUS"})
_SCREENS: Final = frozenset({"OT", "SC", "DOC"})


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why an image may hold writing, in words, and where it seems to be."""

    reason: str
    areas: tuple[Area, ...] = ()


def suspicion_of(images: Sequence[DecodedImage], content: bytes) -> Suspicion | None:
    """Say why a person should look at an image before it leaves; None if nothing speaks for it.

    Args:
        images: All frames of the file.
        content: The file.
    """
    found = _areas_of(images)
    if is_dicom(content):
        return _of_header(_header(content), images[0], found)
    return _of_pixels(found)


def _of_header(header: "Dataset", image: DecodedImage, found: tuple[Area, ...]) -> Suspicion | None:
    said = str(header.get("BurnedInAnnotation") or "").upper()
    modality = str(header.get("Modality") or "").upper()
    if said == "YES":
        return Suspicion("its header says that something is written into it", found)
    if modality in _ULTRASOUND:  # many of these machines say NO whatever they write
        banner = _banner(header, image)
        return Suspicion("ultrasound machines write the name into the image", (banner, *found))
    if said != "NO" and (modality in _SCREENS or _is_secondary_capture(header)):
        return Suspicion("it is a picture of a screen or a document", found)
    return _of_pixels(found)


def _of_pixels(found: tuple[Area, ...]) -> Suspicion | None:
    return Suspicion("there seems to be writing at its edge", found) if found else None


def _is_secondary_capture(header: "Dataset") -> bool:
    sop_class = str(header.get("SOPClassUID") or "")
    return sop_class == _SECONDARY_CAPTURE or sop_class.startswith(_SECONDARY_CAPTURE + ".")


def _banner(header: "Dataset", image: DecodedImage) -> Area:
    """Return what lies above the picture proper, where the header tells where that begins."""
    regions = header.get("SequenceOfUltrasoundRegions") or ()
    tops = [int(region.get("RegionLocationMinY0") or 0) for region in regions]
    height_px = min(tops, default=0) or round(_BANNER_SHARE * image.height_px)
    return Area(0, 0, image.width_px, max(1, min(height_px, image.height_px)))


def _areas_of(images: Sequence[DecodedImage]) -> tuple[Area, ...]:
    """Look at the first, middle and last frame; machines write the same on all."""
    chosen = {0, len(images) // 2, len(images) - 1}
    areas: dict[Area, None] = {}
    for number in sorted(chosen):
        areas |= dict.fromkeys(find_text_areas(images[number].pixels))
    return tuple(areas)


def _header(content: bytes) -> "Dataset":
    from pydicom import config, dcmread  # only now: the window need not wait for it

    with warnings.catch_warnings(), config.disable_value_validation():
        warnings.simplefilter("ignore")
        return dcmread(io.BytesIO(content), stop_before_pixels=True, force=True)
