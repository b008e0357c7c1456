"""Open a file that is to be copied, make sure that it is the one, and compare its copy with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_image, why_not_opened
from desktop_client.imaging.deidentify.areas import Area, paint_black
from desktop_client.imaging.deidentify.burned_in import Suspicion, suspicion_of
from desktop_client.imaging.image import DecodedImage, Pixels
from desktop_client.labelling.identity import record_of
from desktop_client.labelling.sample import Sample


@dataclass(frozen=True, slots=True)
class Original:
    """A file that is what the store says, with all of its frames."""

    content: bytes
    images: Sequence[DecodedImage]
    suspicion: Suspicion | None
    """Why a name may be written into it; None if nothing speaks for that."""


def open_original(path: Path, samples: Sequence[Sample]) -> Original:
    """Read a file and make sure that it still is what was labelled.

    Raises:
        ImageUnreadableError: if it is not, or cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImageUnreadableError(path, why_not_opened(error)) from error
    images = decode_image(path)
    found = {record_of(image).sample_id for image in images}
    if not found.issuperset(sample.sample_id for sample in samples):
        raise ImageUnreadableError(path, "it is another image now than the one that was labelled")
    return Original(content, images, suspicion_of(images, content))


def shows_the_same(
    before: Sequence[DecodedImage], after: Sequence[DecodedImage], areas: tuple[Area, ...]
) -> bool:
    """Compare pixel by pixel; inside of painted areas there must be one value and no other."""
    return len(before) == len(after) and all(
        _is_same(one.pixels, other.pixels, areas) for one, other in zip(before, after, strict=True)
    )


def _is_same(before: Pixels, after: Pixels, areas: tuple[Area, ...]) -> bool:
    if before.shape != after.shape or not all(_is_flat(after, area) for area in areas):
        return False
    expected, found = np.array(before), np.array(after)
    paint_black(expected, areas)
    paint_black(found, areas)
    return np.array_equal(expected, found)


def _is_flat(pixels: Pixels, area: Area) -> bool:
    inside = area.within(pixels.shape[1], pixels.shape[0])
    if inside is None:
        return True
    part = pixels[inside.top_px :, inside.left_px :][: inside.height_px, : inside.width_px]
    return bool(np.all(part == part[0, 0]))
