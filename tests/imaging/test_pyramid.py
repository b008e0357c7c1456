"""What is seen of an image, at which place of the screen and of the image."""

from typing import Any

import numpy as np
import pytest

from desktop_client.imaging.pyramid import Pyramid
from desktop_client.imaging.viewport import LARGEST_ZOOM, Viewport

SCREEN = (400, 300)
IMAGE = (2000.0, 1000.0)


def test_a_fitted_image_is_seen_whole_in_its_proportions() -> None:
    fitted = Viewport.fitting(IMAGE, SCREEN)
    assert fitted.zoom == 0.2  # 400 / 2000; by height it would be 0.3
    assert fitted.screen_point((0, 0), SCREEN) == (0, 50)
    assert fitted.screen_point(IMAGE, SCREEN) == (400, 250)


def test_an_image_of_a_few_pixels_does_not_fill_the_screen_with_squares() -> None:
    assert Viewport.fitting((10, 10), SCREEN).zoom == 4


def test_zooming_keeps_what_is_under_the_mouse_there() -> None:
    view = Viewport.fitting(IMAGE, SCREEN)
    at = (100, 120)
    before = view.image_point(at, SCREEN)
    after = view.zoomed(2, at, IMAGE, SCREEN).image_point(at, SCREEN)
    assert after == pytest.approx(before)


def test_zooming_has_an_end_in_both_directions() -> None:
    view = Viewport.fitting(IMAGE, SCREEN)
    assert view.zoomed(1e9, (0, 0), IMAGE, SCREEN).zoom == LARGEST_ZOOM
    assert view.zoomed(1e-9, (0, 0), IMAGE, SCREEN).zoom == 0.1  # half of 0.2


def test_at_actual_size_pixels_begin_where_those_of_the_screen_do() -> None:
    view = Viewport(0.2, (500.3, 500.0)).at_actual_size(IMAGE, (401, 300))
    assert view.zoom == 1
    assert view.screen_point((0, 0), (401, 300)) == (-300, -350)


def test_dragging_moves_the_image_with_the_mouse_but_never_out_of_sight() -> None:
    view = Viewport.fitting(IMAGE, SCREEN)
    moved = view.moved((40, -20), IMAGE)
    assert moved.centre == (800, 600)  # 40 / 0.2 to the left, 20 / 0.2 down
    assert view.moved((9999, 0), IMAGE).centre == (0, 500)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_at_one_to_one_every_pixel_of_the_screen_is_one_of_the_image(dtype: Any) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (100, 200)).astype(dtype)
    seen = Pyramid(pixels).seen(Viewport(1.0, (100.0, 50.0)), SCREEN)
    assert seen is not None
    assert (seen.part.left, seen.part.top) == (100, 100)
    assert np.array_equal(seen.pixels, pixels)


def test_enlarged_pixels_are_squares() -> None:
    pixels = np.array([[10, 60000]], dtype=np.uint16)
    seen = Pyramid(pixels).seen(Viewport(8.0, (1.0, 0.5)), SCREEN)
    assert seen is not None
    assert seen.pixels.shape == (8, 16)
    assert set(seen.pixels[:, :8].ravel().tolist()) == {10}
    assert set(seen.pixels[:, 8:].ravel().tolist()) == {60000}


@pytest.mark.parametrize("shape", [(2048, 2048), (2047, 2049), (1025, 2048, 3)])
def test_a_shrunken_image_keeps_its_mean_and_its_halves_in_place(shape: tuple[int, ...]) -> None:
    pixels = np.full(shape, 1000, dtype=np.uint16)
    pixels[:, shape[1] // 2 :] = 3000
    pyramid = Pyramid(pixels)
    seen = pyramid.seen(Viewport.fitting(pyramid.size, SCREEN), SCREEN)
    assert seen is not None
    width = seen.pixels.shape[1]
    assert set(seen.pixels[:, : width // 2 - 2].ravel().tolist()) == {1000}
    assert set(seen.pixels[:, width // 2 + 2 :].ravel().tolist()) == {3000}


def test_a_part_is_taken_from_the_right_place() -> None:
    pixels = np.arange(1000, dtype=np.uint16)[None, :].repeat(1000, axis=0)
    seen = Pyramid(pixels).seen(Viewport(1.0, (700.0, 500.0)), SCREEN)
    assert seen is not None
    assert seen.pixels[0, :3].tolist() == [500, 501, 502]
    assert seen.pixels.shape == (300, 400)
