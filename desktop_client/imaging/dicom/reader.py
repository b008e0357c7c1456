"""Read the frames of a DICOM file as upright grey or RGB pixels.

Errors of the decoding libraries pass through here; ``decode.py`` puts them into words.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from pydicom.dataset import Dataset, FileDataset

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.dicom.codecs import LOSSY, Stored
from desktop_client.imaging.dicom.frames import UNCOMPRESSED, stored_frames, syntax_of
from desktop_client.imaging.dicom.header import is_directory, items, read_header
from desktop_client.imaging.dicom.layout import GREY, PixelLayout, layout_of
from desktop_client.imaging.dicom.origin import origin_of
from desktop_client.imaging.dicom.values import colour_pixels, grey_pixels, whole_numbers
from desktop_client.imaging.dicom.windows import windows_of
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.origin import Origin


def read_dicom(
    path: Path, max_pixel_count: int, wanted: Collection[int] | None = None
) -> Iterator[DecodedImage]:
    """Yield the frames of a DICOM file, one at a time.

    Args:
        path: The file.
        max_pixel_count: Most pixels that one frame may have.
        wanted: Numbers of frames, from 0; None for all.

    Raises:
        ImageUnreadableError: if there is no image in it, or one of a kind that is not supported.
        Exception: whatever the decoding libraries raise at damaged data.
    """
    header = read_header(path, with_pixels=True)
    if is_directory(header):
        raise ImageUnreadableError(
            path, "it is the list of a disc's files (DICOMDIR), not an image"
        )
    layout = layout_of(header, path, max_pixel_count)
    syntax, origin = syntax_of(header), origin_of(header)
    for frame, stored, photometric in stored_frames(header, layout, path, wanted):
        if not layout.is_float:
            stored = whole_numbers(
                stored, layout, is_exact=syntax in UNCOMPRESSED, is_lossy=syntax in LOSSY
            )
        if photometric in GREY:
            yield _grey_image(stored, layout, header, frame, origin)
        else:
            pixels = colour_pixels(stored, photometric, layout.bits_stored, header)
            yield DecodedImage(pixels, frame, origin=origin)


def _grey_image(
    values: Stored, layout: PixelLayout, header: FileDataset, frame: int, origin: Origin
) -> DecodedImage:
    rescale = _of_frame(header, frame, "PixelValueTransformationSequence")
    pixels, scale = grey_pixels(values, layout, header, rescale)
    voi = _of_frame(header, frame, "FrameVOILUTSequence")
    image = DecodedImage(pixels, frame, scale, origin=origin)
    return replace(image, windows=windows_of(header, voi, image, layout.bits_stored))


def _of_frame(header: FileDataset, frame: int, keyword: str) -> Dataset:
    """Return what holds a frame's own values: of an enhanced file a functional group's item.

    Source:
        DICOM PS3.3, C.7.6.16.
    """
    per_frame = items(header, "PerFrameFunctionalGroupsSequence")[frame : frame + 1]
    for group in (*per_frame, *items(header, "SharedFunctionalGroupsSequence")):
        for item in items(group, keyword):
            return item
    return header
