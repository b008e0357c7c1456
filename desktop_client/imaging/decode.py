"""The one way from a file to pixels: recognised by content, refused in plain words."""

import errno
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.kinds import RASTER_SIGNATURES, is_dicom

logger = logging.getLogger(__name__)

_HEADER_SIZE: Final = 132
"""Enough for every signature looked at here; DICOM's is the last, at offset 128."""

CAN_BE_OPENED: Final = "DICOM, PNG, JPEG and TIFF can be opened"

_OTHER_KINDS: Final = (
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (8, b"WEBP", "a WebP image"),
    (4, b"ftypheic", "a HEIC photo"),
    (4, b"ftypmif1", "a HEIC photo"),
    (4, b"ftypavif", "an AVIF image"),
    (4, b"jP  ", "a JPEG 2000 image"),
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a ZIP archive or Office document"),
)
"""Offset and bytes by which people's likely mistakes are recognised, and what to call them."""


def decode_image(path: Path, at_least_px: int | None = None) -> list[DecodedImage]:
    """Decode all frames of an image file, whatever its suffix says.

    Called from worker threads; touches nothing but the file.

    Args:
        path: The file.
        at_least_px: For thumbnails: the reader may give fewer pixels if that is quicker, with
            both sides still that long. None gives the pixels that identify the image.

    Raises:
        ImageUnreadableError: whatever is wrong, in plain words; nothing else is ever raised.
    """
    return list(decode_frames(path, at_least_px))


def decode_frame(path: Path, frame: int) -> DecodedImage:
    """Decode one frame of an image file, from 0; of many frames that is much quicker than all.

    Raises:
        ImageUnreadableError: whatever is wrong, in plain words; nothing else is ever raised.
    """
    for image in decode_frames(path, wanted=(frame,)):
        return image
    raise ImageUnreadableError(path, f"it no longer has a frame {frame + 1}")


def decode_frames(
    path: Path, at_least_px: int | None = None, wanted: Collection[int] | None = None
) -> Iterator[DecodedImage]:
    """Decode frame by frame, so that a long series need not fit into the memory.

    Args:
        path: The file.
        at_least_px: As for ``decode_image``.
        wanted: Numbers of frames, from 0; None for all.

    Raises:
        ImageUnreadableError: whatever is wrong, in plain words; nothing else is ever raised.
    """
    # Only now: they load the decoding libraries, which the window need not wait for.
    from desktop_client.imaging.dicom.reader import read_dicom
    from desktop_client.imaging.raster import MAX_PIXEL_COUNT, read_raster

    with refusing_in_words(path):
        header = _read_header(path)
        # DICOM first: its preamble may be a TIFF header, for programs that only know TIFF.
        if is_dicom(header):
            yield from read_dicom(path, MAX_PIXEL_COUNT, wanted)
        elif header.startswith(RASTER_SIGNATURES):
            images = read_raster(path, at_least_px)
            yield from (image for image in images if wanted is None or image.frame in wanted)
        else:
            raise ImageUnreadableError(path, _why_not_an_image(header))


@contextmanager
def refusing_in_words(path: Path) -> Iterator[None]:
    """Turn whatever readers of a file raise into a plain refusal of that file."""
    try:
        yield
    except ImageUnreadableError:
        raise
    except OSError as error:
        raise ImageUnreadableError(path, why_not_opened(error)) from error
    except MemoryError as error:
        raise ImageUnreadableError(path, "it is too large for this computer's memory") from error
    except Exception as error:
        # Decoders raise whatever damaged bytes lead them to; there is no list to name here.
        logger.debug("Decoder failed", exc_info=True)
        raise ImageUnreadableError(path, "it is damaged or cut off") from error


def why_not_opened(error: OSError) -> str:
    """Put into words why the system, or Pillow in its name, could not give a file's content."""
    reasons = {
        errno.ENOENT: "there is no such file",
        errno.ENOTDIR: "there is no such file",
        errno.EISDIR: "it is a folder",
        errno.EACCES: "you have no permission to read it",
        errno.EPERM: "you have no permission to read it",
    }
    if error.errno is None:
        # Pillow reports damaged data as OSError without a number.
        return "it is damaged or cut off"
    return reasons.get(error.errno, f"the disk reports: {error.strerror}")


def has_image_content(path: Path) -> bool:
    """Tell whether a file begins like an image, also like one of a kind we cannot open.

    Text, archives and files that cannot be read are no images.
    """
    try:
        if not path.is_file():  # whoever opens a pipe waits for what is written into it
            return False
        header = _read_header(path)
    except OSError:
        return False
    return (
        header.startswith(RASTER_SIGNATURES) or is_dicom(header) or _other_kind(header) is not None
    )


def _read_header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEADER_SIZE)


def _other_kind(header: bytes) -> str | None:
    for offset, signature, kind in _OTHER_KINDS:
        if header.startswith(signature, offset):
            return kind
    return None


def _why_not_an_image(header: bytes) -> str:
    if not header:
        return "the file is empty"
    kind = _other_kind(header) or "not an image that can be opened"
    return f"it is {kind}; {CAN_BE_OPENED}"
