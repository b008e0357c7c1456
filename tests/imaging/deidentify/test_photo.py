"""Copies of photos: pixels and nothing else, and the pixels as they were."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_image
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.imaging.deidentify.photo import photo_copy
from desktop_client.labelling.identity import record_of

RNG = np.random.default_rng(3)
RGB = RNG.integers(0, 256, (24, 40, 3), dtype=np.uint8)


def exif(orientation: int = 1) -> Image.Exif:
    told = Image.Exif()
    told[0x010E], told[0x013B], told[0x0112] = "CANARY^ADA", "CANARY", orientation
    told[0x8825] = {1: "N", 2: (48.0, 8.0, 0.0)}  # where the photo was taken
    return told


def write_jpeg(path: Path, orientation: int = 1, **options: object) -> Path:
    Image.fromarray(RGB).save(
        path,
        quality=90,
        exif=exif(orientation),
        comment=b"CANARY",
        icc_profile=b"CANARY profile",
        xmp=b"<x>CANARY</x>",
        dpi=(72, 72),
        **options,  # type: ignore[arg-type]
    )
    return path


def copied(path: Path, areas: tuple[Area, ...] = ()) -> Path:
    made, suffix = photo_copy(path, path.read_bytes(), areas)
    copy = path.with_name(f"copy{suffix}")
    copy.write_bytes(made)
    return copy


def identities(path: Path) -> list[str]:
    return [record_of(image).sample_id for image in decode_image(path)]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_loses_all_words_and_no_coefficient(
    tmp_path: Path, options: dict[str, object], orientation: int
) -> None:
    path = write_jpeg(tmp_path / "CANARY.jpg", orientation, **options)
    copy = copied(path)
    assert copy.suffix == ".jpg"
    assert b"CANARY" not in copy.read_bytes()
    assert identities(copy) == identities(path)
    with Image.open(copy) as image:
        assert dict(image.getexif()) == ({} if orientation == 1 else {0x0112: 6})


def test_a_thumbnail_and_what_follows_the_image_are_dropped(tmp_path: Path) -> None:
    content = write_jpeg(tmp_path / "a.jpg").read_bytes()
    jfif = struct.pack(">2sH5sHBHHBB", b"\xff\xe0", 16 + 12, b"JFIF\0", 0x0101, 1, 72, 72, 2, 2)
    (tmp_path / "a.jpg").write_bytes(
        content[:2] + jfif + b"CANARYTHUMB." + content[2:] + b"CANARY trailer"
    )
    copy = copied(tmp_path / "a.jpg")
    assert b"CANARY" not in copy.read_bytes()
    assert copy.read_bytes().endswith(b"\xff\xd9")
    assert identities(copy) == identities(tmp_path / "a.jpg")


def test_a_short_segment_of_adobes_stays_as_short_as_it_is(tmp_path: Path) -> None:
    content = write_jpeg(tmp_path / "a.jpg").read_bytes()
    adobe = b"\xff\xee\x00\x0cAdobe\x00\x00\x00\x00\x01"
    (tmp_path / "a.jpg").write_bytes(content[:2] + adobe + content[2:])
    copy = copied(tmp_path / "a.jpg")
    assert adobe in copy.read_bytes()
    assert identities(copy) == identities(tmp_path / "a.jpg")


def test_a_comment_between_two_scans_is_dropped(tmp_path: Path) -> None:
    content = write_jpeg(tmp_path / "a.jpg", progressive=True).read_bytes()
    second = content.rindex(b"\xff\xda")
    comment = b"\xff\xfe\x00\x08CANARY"
    (tmp_path / "a.jpg").write_bytes(content[:second] + comment + content[second:])
    assert b"CANARY" not in copied(tmp_path / "a.jpg").read_bytes()


@pytest.mark.parametrize("orientation", [1, 8])
def test_a_png_loses_all_words_and_no_pixel(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "a.png"
    told = PngImagePlugin.PngInfo()
    told.add_text("Patient", "CANARY")
    told.add_itxt("XML:com.adobe.xmp", "<x>CANARY</x>")
    told.add(b"prVt", b"CANARY")
    Image.fromarray(RGB).save(path, pnginfo=told, exif=exif(orientation), icc_profile=b"CANARY")
    path.write_bytes(path.read_bytes() + b"CANARY trailer")
    copy = copied(path)
    assert b"CANARY" not in copy.read_bytes()
    assert identities(copy) == identities(path)


def test_what_transparency_hides_does_not_leave(tmp_path: Path) -> None:
    drawn = np.dstack([RGB, np.full(RGB.shape[:2], 255, dtype=np.uint8)])
    drawn[2:9, 2:20, 3] = 0  # somebody rubbed the name out
    Image.fromarray(drawn).save(tmp_path / "rgba.png")
    Image.fromarray(RGB).save(tmp_path / "one colour.png", transparency=tuple(RGB[0, 0].tolist()))
    for name in ("rgba.png", "one colour.png"):
        copy = copied(tmp_path / name)
        assert identities(copy) == identities(tmp_path / name)
        with Image.open(copy) as image:
            assert (image.mode, "transparency" in image.info) == ("RGB", False)


def test_a_png_keeps_depth_palette_and_transparency(tmp_path: Path) -> None:
    Image.fromarray(RNG.integers(0, 65536, (9, 9), dtype=np.uint16)).save(tmp_path / "deep.png")
    Image.fromarray(RGB).quantize(8).save(tmp_path / "palette.png", transparency=3)
    for name in ("deep.png", "palette.png"):
        assert identities(copied(tmp_path / name)) == identities(tmp_path / name)


def test_a_tiff_is_stored_anew_frame_by_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as tiff:
        for shape in ((8, 9), (10, 7)):
            frame = RNG.integers(0, 65536, shape, dtype=np.uint16)
            tiff.write(frame, description="CANARY", software="CANARY", photometric="minisblack")
    copy = copied(path)
    assert b"CANARY" not in copy.read_bytes()
    assert identities(copy) == identities(path)


def test_painted_photos_are_stored_without_loss(tmp_path: Path) -> None:
    path = write_jpeg(tmp_path / "a.jpg", orientation=6)
    before = decode_image(path)[0].pixels
    copy = copied(path, (Area(0, 0, 24, 6),))
    after = decode_image(copy)[0].pixels
    assert copy.suffix == ".png"
    assert (after[:6] == 0).all()
    assert np.array_equal(after[6:], before[6:])


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_torn_file_is_refused(tmp_path: Path, name: str) -> None:
    buffer = io.BytesIO()
    Image.fromarray(RGB).save(buffer, "JPEG" if name.endswith("jpg") else "PNG")
    (tmp_path / name).write_bytes(buffer.getvalue()[:-40])
    with pytest.raises(ImageUnreadableError, match="damaged or cut off"):
        copied(tmp_path / name)
