"""TIFF in its many kinds: what is read exactly, and what is refused with its reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_image

RNG = np.random.default_rng(2)
GREY_8 = RNG.integers(0, 256, (40, 30), dtype=np.uint8)
RGB_8 = RNG.integers(0, 256, (40, 30, 3), dtype=np.uint8)
GREY_16 = RNG.integers(0, 65536, (40, 30), dtype=np.uint16)
RGB_16 = RNG.integers(0, 65536, (40, 30, 3), dtype=np.uint16)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.tif"


@pytest.mark.parametrize("compression", [None, "lzw", "deflate", "packbits", "zstd"])
@pytest.mark.parametrize(
    "pixels", [GREY_8, RGB_8, GREY_16, RGB_16], ids=["grey 8", "RGB 8", "grey 16", "RGB 16"]
)
def test_lossless_compressions_give_exactly_the_stored_pixels(
    path: Path, pixels: np.ndarray, compression: str | None
) -> None:
    photometric = "rgb" if pixels.ndim == 3 else "minisblack"
    tifffile.imwrite(path, pixels, photometric=photometric, compression=compression)
    (image,) = decode_image(path)
    assert image.pixels.dtype == pixels.dtype
    assert np.array_equal(image.pixels, pixels)


@pytest.mark.parametrize(
    "options",
    [{"byteorder": ">"}, {"bigtiff": True}, {"tile": (16, 16)}, {"predictor": 2}],
    ids=["big endian", "BigTIFF", "tiled", "predictor"],
)
def test_layouts_give_exactly_the_stored_pixels(path: Path, options: dict[str, Any]) -> None:
    tifffile.imwrite(path, RGB_16, photometric="rgb", compression="deflate", **options)
    (image,) = decode_image(path)
    assert np.array_equal(image.pixels, RGB_16)
    assert image.pixels.dtype == np.uint16


def test_separate_colour_planes_are_joined(path: Path) -> None:
    planes = np.moveaxis(RGB_8, 2, 0)
    tifffile.imwrite(path, planes, photometric="rgb", planarconfig="separate", compression="lzw")
    (image,) = decode_image(path)
    assert np.array_equal(image.pixels, RGB_8)


def test_min_is_white_is_inverted(path: Path) -> None:
    stored = np.array([[0, 65535, 1]], dtype=np.uint16)
    tifffile.imwrite(path, stored, photometric="miniswhite")
    (image,) = decode_image(path)
    assert image.pixels.tolist() == [[65535, 0, 65534]]


def test_a_palette_is_expanded_to_8_bit_colour(path: Path) -> None:
    palette = np.zeros((3, 256), dtype=np.uint16)
    palette[:, 1] = (0xFF00, 0x8000, 0x00FF)
    tifffile.imwrite(
        path, np.array([[1, 0]], dtype=np.uint8), photometric="palette", colormap=palette
    )
    (image,) = decode_image(path)
    assert image.pixels.tolist() == [[[255, 128, 0], [0, 0, 0]]]


def test_jpeg_compression_gives_rgb(path: Path) -> None:
    flat = np.full((32, 32, 3), (200, 100, 50), dtype=np.uint8)
    tifffile.imwrite(path, flat, photometric="rgb", compression="jpeg")
    (image,) = decode_image(path)
    # Two roundings, to YCbCr and back, cost at most 2 each.
    assert np.abs(image.pixels.astype(int) - flat).max() <= 4


def test_orientation_is_applied(path: Path) -> None:
    Image.fromarray(RGB_8).save(path, tiffinfo={274: 6})
    (image,) = decode_image(path)
    # 6: the upright image is the stored one turned clockwise by a quarter.
    assert np.array_equal(image.pixels, np.rot90(RGB_8, -1))


@pytest.mark.parametrize(
    ("kind", "stored", "expected"),
    [
        ("unassalpha", [100, 0, 200, 0], [255, 255, 255]),
        ("assocalpha", [100, 0, 50, 100], [255, 155, 205]),
        ("unspecified", [100, 0, 200, 0], [100, 0, 200]),
    ],
)
def test_alpha_is_composited_and_an_unspecified_sample_dropped(
    path: Path, kind: str, stored: list[int], expected: list[int]
) -> None:
    pixels = np.array([[stored]], dtype=np.uint8)
    tifffile.imwrite(path, pixels, photometric="rgb", extrasamples=[kind], planarconfig="contig")
    (image,) = decode_image(path)
    assert image.pixels.tolist() == [[expected]]


def test_pages_are_frames_in_their_order(path: Path) -> None:
    stack = np.stack([GREY_16, GREY_16 // 2, GREY_16 // 4])
    tifffile.imwrite(path, stack, photometric="minisblack")
    images = decode_image(path)
    assert [image.frame for image in images] == [0, 1, 2]
    for image, stored in zip(images, stack, strict=True):
        assert np.array_equal(image.pixels, stored)


def test_a_preview_stored_beside_the_image_is_no_frame(path: Path) -> None:
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(GREY_8[::4, ::4], photometric="minisblack", subfiletype=1)
        tiff.write(GREY_8, photometric="minisblack")
    (image,) = decode_image(path)
    assert image.frame == 0
    assert np.array_equal(image.pixels, GREY_8)


@pytest.mark.parametrize(
    ("pixels", "kind"),
    [
        (GREY_8.astype(np.float32), "32-bit float32"),
        (GREY_8.astype(np.int16), "16-bit int16"),
        (GREY_8.astype(np.uint32), "32-bit uint32"),
        (GREY_8 > 128, "1-bit bool"),
    ],
    ids=["float", "signed", "32 bit", "1 bit"],
)
def test_other_numbers_are_refused_by_what_they_are(
    path: Path, pixels: np.ndarray, kind: str
) -> None:
    tifffile.imwrite(path, pixels, photometric="minisblack")
    with pytest.raises(ImageUnreadableError, match=f"its pixels are {kind}; only whole numbers"):
        decode_image(path)


@pytest.mark.parametrize("photometric", ["separated", "cielab"])
def test_other_colours_are_refused_by_name(path: Path, photometric: str) -> None:
    samples = 4 if photometric == "separated" else 3
    pixels = RNG.integers(0, 256, (8, 8, samples), dtype=np.uint8)
    tifffile.imwrite(path, pixels, photometric=photometric)
    with pytest.raises(ImageUnreadableError, match=f"stored as {photometric.upper()}; save it as"):
        decode_image(path)


@pytest.mark.parametrize("compression", [None, "lzw"])
@pytest.mark.parametrize("frame_count", [1, 3])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_truncated_file_is_refused(
    path: Path, compression: str | None, frame_count: int, share: float
) -> None:
    stack = RNG.integers(0, 256, (frame_count, 100, 100), dtype=np.uint8)
    tifffile.imwrite(
        path, stack, photometric="minisblack", compression=compression, rowsperstrip=20
    )
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ImageUnreadableError, match=r"damaged or cut off|is missing"):
        decode_image(path)


def test_a_file_cut_between_two_frames_is_refused(path: Path) -> None:
    with tifffile.TiffWriter(path) as tiff:
        for _ in range(3):
            tiff.write(GREY_8, photometric="minisblack", contiguous=False)
    whole = path.read_bytes()
    with tifffile.TiffFile(path) as tiff:
        second_page_at = tiff.pages[1].offset
    path.write_bytes(whole[:second_page_at])
    with pytest.raises(ImageUnreadableError, match=r"damaged or cut off|is missing"):
        decode_image(path)


def test_frames_that_together_would_fill_the_memory_are_refused(path: Path) -> None:
    frame = np.zeros((5000, 5000), dtype=np.uint8)
    with tifffile.TiffWriter(path) as tiff:
        for _ in range(4):
            tiff.write(frame, photometric="minisblack", compression="zstd", contiguous=False)
    with pytest.raises(ImageUnreadableError, match="its 4 frames have too many pixels"):
        decode_image(path)
