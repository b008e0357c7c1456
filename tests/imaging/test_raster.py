"""PNG and JPEG, each kind that hospitals' programs write."""

import io
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_image
from desktop_client.imaging.image import DecodedImage

RNG = np.random.default_rng(1)
GREY_8 = RNG.integers(0, 256, (5, 7), dtype=np.uint8)
RGB_8 = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)
GREY_16 = RNG.integers(0, 65536, (5, 7), dtype=np.uint16)
RGB_16 = RNG.integers(0, 65536, (5, 7, 3), dtype=np.uint16)


def only_frame(path: Path) -> DecodedImage:
    (image,) = decode_image(path)
    assert image.frame == 0
    return image


@pytest.mark.parametrize("pixels", [GREY_8, RGB_8, GREY_16], ids=["grey 8", "RGB 8", "grey 16"])
def test_a_png_gives_exactly_the_pixels_that_were_stored(
    tmp_path: Path, pixels: np.ndarray
) -> None:
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = only_frame(tmp_path / "a.png")
    assert image.pixels.dtype == pixels.dtype
    assert np.array_equal(image.pixels, pixels)
    assert (image.height_px, image.width_px) == (5, 7)
    assert image.is_colour == (pixels.ndim == 3)
    assert image.maximum == (255 if pixels.dtype == np.uint8 else 65535)


def test_a_16_bit_colour_png_keeps_its_16_bits(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(RGB_16))
    assert np.array_equal(only_frame(tmp_path / "a.png").pixels, RGB_16)


def test_alpha_is_composited_over_white(tmp_path: Path) -> None:
    # Opaque stays; half of black over white is 127 (255 * 127 / 255); transparent is white.
    rgba = np.array([[[10, 20, 30, 255], [0, 0, 0, 128], [9, 9, 9, 0]]], dtype=np.uint8)
    Image.fromarray(rgba).save(tmp_path / "a.png")
    expected = [[[10, 20, 30], [127, 127, 127], [255, 255, 255]]]
    assert only_frame(tmp_path / "a.png").pixels.tolist() == expected


def test_16_bit_alpha_is_composited_over_white(tmp_path: Path) -> None:
    grey_alpha = np.array([[[1000, 65535], [65535, 65535], [7, 0]]], dtype=np.uint16)
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(grey_alpha))
    assert only_frame(tmp_path / "a.png").pixels.tolist() == [[1000, 65535, 65535]]


def test_a_palette_is_expanded_to_colour(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "a.png")
    assert only_frame(tmp_path / "a.png").pixels.tolist() == [[[255, 0, 0], [0, 0, 255]]]


def test_a_black_and_white_png_becomes_grey(tmp_path: Path) -> None:
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "a.png")
    assert only_frame(tmp_path / "a.png").pixels.tolist() == [[255, 0]]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_is_grey_or_colour_as_it_was_written(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (16, 8), 200 if mode == "L" else (200, 100, 50)).save(tmp_path / "a.jpg")
    image = only_frame(tmp_path / "a.jpg")
    assert image.is_colour == (mode == "RGB")
    # A flat JPEG is exact up to the rounding of its colour space.
    assert np.abs(image.pixels[0, 0] - np.array((200, 100, 50) if mode == "RGB" else 200)).max() < 3


# Where the upper left pixel of the upright image lies in the stored one: EXIF 2.32, table 4.
STORED_CORNER = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (1, 0), 7: (1, 1)}
STORED_CORNER[8] = (0, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, suffix: str) -> None:
    stored = np.zeros((16, 32), dtype=np.uint8)
    row, column = STORED_CORNER[orientation]
    stored[row * 8 : row * 8 + 8, column * 16 : column * 16 + 16] = 255
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(stored).save(tmp_path / f"a.{suffix}", exif=exif)
    pixels = only_frame(tmp_path / f"a.{suffix}").pixels
    assert pixels.shape == ((16, 32) if orientation < 5 else (32, 16))
    assert pixels[: pixels.shape[0] // 2, : pixels.shape[1] // 2].min() > 250
    assert (pixels > 128).mean() == 0.25


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_agrees_with_pillows(tmp_path: Path, orientation: int) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(RGB_8).save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(only_frame(tmp_path / "a.png").pixels, expected)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_beside_sound_pixels_is_ignored(tmp_path: Path) -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0"
    Image.fromarray(RGB_8).save(tmp_path / "a.jpg", exif=exif)
    assert only_frame(tmp_path / "a.jpg").pixels.shape == (5, 7, 3)


def test_printing_colours_are_refused_with_the_remedy(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8)).save(tmp_path / "a.jpg")
    with pytest.raises(ImageUnreadableError, match="printing colours; save it as RGB"):
        decode_image(tmp_path / "a.jpg")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_an_image_that_would_fill_the_memory_is_refused_before_it_is_decoded(
    tmp_path: Path,
) -> None:
    buffer = io.BytesIO()
    Image.new("L", (10_000, 9_000)).save(buffer, "PNG")
    (tmp_path / "a.png").write_bytes(buffer.getvalue())
    with pytest.raises(ImageUnreadableError, match="more pixels than any camera"):
        decode_image(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_truncated_file_is_refused(tmp_path: Path, suffix: str, share: float) -> None:
    noise = RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ImageUnreadableError, match="damaged or cut off"):
        decode_image(path)


def test_a_truncated_16_bit_colour_png_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(RGB_16)[:-40])
    with pytest.raises(ImageUnreadableError, match="damaged or cut off"):
        decode_image(tmp_path / "a.png")
