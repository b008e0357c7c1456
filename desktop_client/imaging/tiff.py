"""Read TIFF: 8 and 16 bit, grey, RGB or palette, any planar layout and usual compression."""

import struct
from pathlib import Path
from typing import Final, cast

import numpy as np
import numpy.typing as npt
from tifffile import COMPRESSION, EXTRASAMPLE, PHOTOMETRIC, TiffFile, TiffPage

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.image import DecodedImage, Pixels
from desktop_client.imaging.pixels import UPRIGHT, drop_alpha, turn_upright

CUT_OFF: Final = "it is cut off: part of its pixels is missing"

_ORIENTATION_TAG: Final = 274
_ONE_SAMPLE_COLOURS: Final = (
    PHOTOMETRIC.MINISBLACK,
    PHOTOMETRIC.MINISWHITE,
    PHOTOMETRIC.PALETTE,
)
_JPEG_COMPRESSIONS: Final = (COMPRESSION.JPEG, COMPRESSION.OJPEG)


def read_tiff(path: Path, max_pixel_count: int) -> list[DecodedImage]:
    """Read the pages of a TIFF as frames; previews and masks stored beside them are left out.

    Args:
        path: The file.
        max_pixel_count: Most pixels that all frames together may have.

    Raises:
        ImageUnreadableError: if a page is of a kind that is not supported, or is incomplete.
        Exception: whatever tifffile and its codecs raise at damaged data.
    """
    with TiffFile(path) as tiff:
        pages = [page for page in _pages(tiff) if not (page.is_reduced or page.is_mask)]
        if not _is_chain_complete(tiff):
            raise ImageUnreadableError(path, CUT_OFF)
        if not pages:
            raise ImageUnreadableError(path, "there is no image in it")
        if sum(page.imagewidth * page.imagelength for page in pages) > max_pixel_count:
            raise ImageUnreadableError(
                path, f"its {len(pages)} frames have too many pixels to be opened together"
            )
        for page in pages:
            reason = _refusal(page, tiff.filehandle.size)
            if reason:
                raise ImageUnreadableError(path, reason)
        return [DecodedImage(_pixels(page), frame) for frame, page in enumerate(pages)]


def _pages(tiff: TiffFile) -> list[TiffPage]:
    return [cast("TiffPage", tiff.pages.get(index)) for index in range(len(tiff.pages))]


def _is_chain_complete(tiff: TiffFile) -> bool:
    """Tell whether the last page says that it is the last.

    tifffile leaves out what follows a page whose link leads beyond the end of the file.
    """
    file, layout = tiff.filehandle, tiff.tiff
    last_offset = _pages(tiff)[-1].offset
    file.seek(last_offset)
    (tag_count,) = struct.unpack(layout.tagnoformat, file.read(layout.tagnosize))
    file.seek(last_offset + layout.tagnosize + tag_count * layout.tagsize)
    (next_offset,) = struct.unpack(layout.offsetformat, file.read(layout.offsetsize))
    return bool(next_offset == 0)


def _refusal(page: TiffPage, file_size: int) -> str | None:
    """Say why a page cannot be used, or None."""
    if page.dtype not in (np.uint8, np.uint16) or page.bitspersample not in (8, 16):
        kind = "no known kind" if page.dtype is None else page.dtype.name
        return (
            f"its pixels are {page.bitspersample}-bit {kind}; "
            "only whole numbers of 8 or 16 bits can be opened"
        )
    if page.imagedepth != 1:
        return "it holds a volume; save its slices as single frames"
    if not _has_known_colours(page):
        return f"its colours are stored as {_name_of(page.photometric)}; save it as grey or RGB"
    if not all(page.databytecounts) or any(
        offset + size > file_size
        for offset, size in zip(page.dataoffsets, page.databytecounts, strict=True)
    ):
        return CUT_OFF
    return None


def _has_known_colours(page: TiffPage) -> bool:
    colour_count = page.samplesperpixel - len(page.extrasamples)
    if page.photometric == PHOTOMETRIC.YCBCR:
        # tifffile turns YCbCr into RGB only where a JPEG decoder does it.
        return bool(colour_count == 3 and page.compression in _JPEG_COMPRESSIONS)
    if page.photometric == PHOTOMETRIC.RGB:
        return colour_count == 3
    return colour_count == 1 and page.photometric in _ONE_SAMPLE_COLOURS


def _name_of(photometric: int | None) -> str:
    return photometric.name if isinstance(photometric, PHOTOMETRIC) else "an unknown kind"


def _pixels(page: TiffPage) -> Pixels:
    """Decode one page into upright ``[H, W]`` or ``[H, W, 3]`` pixels."""
    stored = page.asarray()
    # Planar files keep their samples first: [S, H, W].
    samples = np.moveaxis(stored, 0, -1) if page.axes == "SYX" else stored
    colours = _without_extra_samples(page, samples)
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        colours = np.iinfo(colours.dtype).max - colours
    elif page.photometric == PHOTOMETRIC.PALETTE:
        colours = _expand_palette(page, colours)
    tag = page.tags.get(_ORIENTATION_TAG)
    return turn_upright(colours, int(tag.value) if tag is not None else UPRIGHT)


def _without_extra_samples(page: TiffPage, samples: Pixels) -> Pixels:
    """Composite alpha; drop samples of unspecified meaning, which need not be alpha."""
    if not page.extrasamples:
        return samples
    colour_count = page.samplesperpixel - len(page.extrasamples)
    kind = page.extrasamples[0]
    if kind == EXTRASAMPLE.UNSPECIFIED:
        colours = samples[..., :colour_count]
        return colours[..., 0] if colour_count == 1 else colours
    is_premultiplied = kind == EXTRASAMPLE.ASSOCALPHA
    return drop_alpha(samples[..., : colour_count + 1], is_premultiplied=is_premultiplied)


def _expand_palette(page: TiffPage, indices: Pixels) -> npt.NDArray[np.uint8]:
    """Look colours up; a TIFF palette holds 16 bits, of which screens ever showed the upper 8."""
    palette = np.asarray(page.colormap, dtype=np.uint16)  # [3, 256 or 65536]
    return np.moveaxis((palette >> 8).astype(np.uint8)[:, indices], 0, -1)
