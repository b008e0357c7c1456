"""Heat as colours over a picture: where it lies, how much shows through, and the line around it."""

import numpy as np
import pytest

from desktop_client.imaging.heat import COLOURS, HeatMap, blended, heat_layer


def half_hot(width: int = 8) -> HeatMap:
    """The right half at full heat, the left at none."""
    heat = np.zeros((width, width), dtype=np.float32)
    heat[:, width // 2 :] = 1
    return heat


def test_no_heat_lets_the_picture_through_and_the_strongest_place_is_as_opaque_as_asked() -> None:
    layer = heat_layer(half_hot(), (8, 8), strength=0.6)
    assert (layer[:, :3, 3] == 0).all()
    assert (layer[:, 5:, 3] == 153).all()  # 0.6 of 255
    assert (layer[:, 5:, :3] == COLOURS[-1]).all()


def test_a_line_of_two_colours_surrounds_what_has_at_least_half_the_heat() -> None:
    layer = heat_layer(half_hot(), (8, 8), strength=0.6)
    assert (layer[:, 4] == (255, 255, 255, 255)).all()
    assert (layer[:, 3] == (0, 0, 0, 255)).all()


def test_a_hot_area_that_reaches_the_edge_has_no_line_there() -> None:
    layer = heat_layer(np.ones((4, 4), dtype=np.float32), (8, 8), strength=1)
    assert (layer[..., :3] == COLOURS[-1]).all()


def test_without_strength_nothing_is_seen() -> None:
    assert not heat_layer(half_hot(), (8, 8), strength=0).any()


def test_a_part_of_the_image_has_its_own_part_of_the_heat() -> None:
    right = heat_layer(half_hot(), (6, 6), 1, part=(0.625, 0, 1, 1))
    left = heat_layer(half_hot(), (6, 6), 1, part=(0, 0, 0.375, 1))
    assert (right[..., 3] == 255).all()
    assert not left[..., 3].any()


def test_colours_grow_lighter_with_the_heat() -> None:
    luminance = COLOURS[::8] @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(luminance) > 0).all()


@pytest.mark.parametrize(("opacity", "expected"), [(0, 100), (255, 200), (51, 120)])
def test_blending_mixes_by_opacity(opacity: int, expected: int) -> None:
    picture = np.full((2, 2, 3), 100, dtype=np.uint8)
    layer = np.full((2, 2, 4), 200, dtype=np.uint8)
    layer[..., 3] = opacity
    assert (blended(picture, layer) == expected).all()
