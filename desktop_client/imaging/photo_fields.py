"""What a PNG, JPEG or TIFF says beside its pixels: its size, and what the camera noted."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from PIL import ExifTags, Image

from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.raster import read_raster

Line = tuple[str, str, bool]
"""Name, value, and whether it tells who the patient is."""

_CAMERA: Final = (
    (ExifTags.Base.Make, "Camera maker", False),
    (ExifTags.Base.Model, "Camera", False),
    (ExifTags.Base.Software, "Software", False),
    (ExifTags.Base.DateTime, "Date", False),
    (ExifTags.Base.ImageDescription, "Description", True),
    (ExifTags.Base.Artist, "Taken by", True),
)
_EXPOSURE: Final = (
    (ExifTags.Base.LensModel, "Lens", False),
    (ExifTags.Base.ISOSpeedRatings, "Sensitivity (ISO)", False),
    (ExifTags.Base.FNumber, "Aperture", False),
    (ExifTags.Base.UserComment, "Comment", True),
)


def photo_lines(path: Path) -> Iterator[Line]:
    """Yield what is said, first what the image is, then what the camera noted.

    Raises:
        ImageUnreadableError: if it is no image that can be opened.
        Exception: whatever the decoding libraries raise at damaged data.
    """
    frames = read_raster(path)
    yield from _pixel_lines(frames)
    try:
        with Image.open(path) as image:
            yield "Format", str(image.format), False
            exif = image.getexif()
            camera, exposure = dict(exif), dict(exif.get_ifd(ExifTags.IFD.Exif))
            has_place = bool(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except (OSError, SyntaxError, ValueError, TypeError):
        return  # a TIFF that only tifffile reads, or broken EXIF beside sound pixels
    yield from _noted(camera, _CAMERA)
    yield from _noted(exposure, _EXPOSURE)
    if has_place:
        yield "Place", "the file says where it was taken", True


def _pixel_lines(frames: list[DecodedImage]) -> Iterator[Line]:
    first = frames[0]
    yield "Size", f"{first.width_px} × {first.height_px} px", False
    if len(frames) > 1:
        yield "Frames", f"{len(frames):,}", False
    colours = "colour" if first.is_colour else "grey"
    yield "Depth", f"{first.pixels.dtype.itemsize * 8} bits, {colours}", False


def _noted(
    exif: Mapping[int, Any], wanted: tuple[tuple[ExifTags.Base, str, bool], ...]
) -> Iterator[Line]:
    for tag, name, is_about_patient in wanted:
        said = exif.get(tag)
        text = said.decode("ascii", "ignore") if isinstance(said, bytes) else str(said or "")
        readable = "".join(c for c in text if c.isprintable()).removeprefix("ASCII").strip()
        if readable:
            yield name, readable, is_about_patient
