"""Writing at the edges is proposed; skin, tissue and noise are not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from desktop_client.imaging.deidentify.text_areas import find_text_areas
from desktop_client.imaging.image import Pixels


def with_text(size: tuple[int, int], at: tuple[int, int], ink: int, font_px: int) -> Pixels:
    """Draw speckle in the middle of a dark frame, and a patient's name."""
    width, height = size
    pixels = np.zeros((height, width), dtype=np.uint8)
    middle = np.s_[height // 5 : -height // 5, width // 5 : -width // 5]
    pixels[middle] = np.random.default_rng(1).integers(0, 200, pixels[middle].shape)
    picture = Image.fromarray(pixels)
    font = ImageFont.load_default(font_px)
    ImageDraw.Draw(picture).text(at, "Canary, Ada 3.2.1951", fill=ink, font=font)
    return np.asarray(picture)


@pytest.mark.parametrize("font_px", [12, 16, 24])
@pytest.mark.parametrize("ink", [160, 255])
@pytest.mark.parametrize("at", [(10, 8), (300, 440)])
def test_a_name_at_the_edge_is_covered(at: tuple[int, int], ink: int, font_px: int) -> None:
    pixels = with_text((640, 480), at, ink, font_px)
    without = with_text((640, 480), at, 0, font_px)
    letters = pixels != without
    covered = np.zeros_like(letters)
    for area in find_text_areas(pixels):
        covered[
            area.top_px : area.top_px + area.height_px, area.left_px : area.left_px + area.width_px
        ] = True
    assert (letters & covered).sum() >= 0.95 * letters.sum()
    assert covered.mean() < 0.2


def test_dark_letters_on_white_paper_are_found(tmp_path: Path) -> None:
    page = Image.new("RGB", (600, 400), "white")
    font = ImageFont.load_default(16)
    ImageDraw.Draw(page).text((20, 10), "Canary, Ada 3.2.1951", fill="black", font=font)
    assert find_text_areas(np.asarray(page))


@pytest.mark.parametrize("kind", ["noise", "ramp", "flat", "disc", "small"])
def test_pictures_without_writing_are_left_alone(kind: str) -> None:
    generator = np.random.default_rng(2)
    rows, columns = np.mgrid[:400, :600]
    pictures = {
        "noise": generator.integers(0, 256, (400, 600)),
        "ramp": columns * 255 // 600,
        "flat": np.full((400, 600), 30),
        "disc": 200 * (np.hypot(rows - 200, columns - 300) < 180),
        "small": generator.integers(0, 256, (5, 7)),
    }
    assert find_text_areas(pictures[kind].astype(np.uint8)) == ()


@pytest.mark.realdata
def test_real_skin_is_hardly_ever_suspected(shared_data: Path) -> None:
    paths = sorted((shared_data / "skin").rglob("*.jpg"))[::20]
    suspected = [p for p in paths if find_text_areas(np.asarray(Image.open(p).convert("RGB")))]
    assert len(suspected) <= 0.01 * len(paths)
