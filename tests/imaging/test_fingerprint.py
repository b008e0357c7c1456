"""Fingerprints: alike for one picture saved in several ways, different for different ones."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from desktop_client.imaging.decode import decode_image
from desktop_client.imaging.fingerprint import alike_pairs, fingerprint_of, looks_alike
from desktop_client.imaging.image import DecodedImage


def scene(seed: int) -> npt.NDArray[np.uint8]:
    """Draw a few soft blobs, different ones for each seed."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:200, 0:260]
    drawn = np.full((200, 260), 60.0)
    for _ in range(8):
        row, column, width = random.uniform((0, 0, 15), (200, 260, 60))
        drawn += 90 * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / width**2)
    pixels: npt.NDArray[np.uint8] = np.clip(drawn, 0, 255).astype(np.uint8)
    return pixels


def print_of(pixels: npt.NDArray[np.uint8 | np.uint16]) -> bytes:
    return fingerprint_of(DecodedImage(pixels))


def test_a_smaller_brighter_compressed_copy_looks_alike() -> None:
    buffer = io.BytesIO()
    brighter = np.clip(scene(1) * 0.8 + 30, 0, 255).astype(np.uint8)
    Image.fromarray(brighter).resize((130, 100)).save(buffer, "JPEG", quality=70)
    assert looks_alike(print_of(scene(1)), print_of(np.asarray(Image.open(buffer))))


def test_noise_in_flat_parts_does_not_hide_a_copy() -> None:
    rows, columns = np.mgrid[0:240, 0:320]
    spot = np.where((rows - 100) ** 2 + (columns - 200) ** 2 < 40**2, 60.0, 180.0)
    noisy = np.clip(spot + np.random.default_rng(3).normal(0, 6, spot.shape), 0, 255)
    pixels = noisy.astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).resize((96, 96)).save(buffer, "JPEG", quality=75)
    assert looks_alike(print_of(pixels), print_of(np.asarray(Image.open(buffer))))


def test_the_same_picture_in_16_bits_looks_alike() -> None:
    assert looks_alike(print_of(scene(2)), print_of(scene(2).astype(np.uint16) * 257))


def test_other_pictures_do_not_look_alike() -> None:
    prints = [print_of(scene(seed)) for seed in range(30)]
    assert [pair for pair in alike_pairs(prints) if pair] == []


def test_two_pictures_can_be_compared_by_themselves() -> None:
    assert not looks_alike(print_of(scene(1)), print_of(scene(2)))


def test_images_without_contrast_are_like_nothing() -> None:
    flat = print_of(np.full((50, 50), 7, np.uint8))
    assert flat == b""
    assert not looks_alike(flat, flat)


def test_pairs_are_told_by_their_places() -> None:
    prints = [print_of(scene(0)), b"", print_of(scene(1)), print_of(scene(0)[:, :-2])]
    assert [pair for pair in alike_pairs(prints) if pair] == [(0, 3)]


@pytest.mark.realdata
def test_of_real_dermoscopy_hardly_any_two_are_confused(shared_data: Path) -> None:
    paths = sorted((shared_data / "skin").rglob("*.jpg"))[::4]
    prints = [fingerprint_of(decode_image(path)[0]) for path in paths]
    assert sum(pair is not None for pair in alike_pairs(prints)) <= 3
