"""Windows as DICOM defines them; the numbers are worked out by hand."""

import numpy as np
import pytest

from desktop_client.imaging.image import DecodedImage, ValueScale, Window
from desktop_client.imaging.rendering import (
    automatic_window,
    default_window,
    full_range,
    lookup_table,
    presets,
    to_screen,
    value_at,
)

PLAIN = ValueScale()
HU = ValueScale(slope=1, intercept=-1024, unit="HU")


def grey(*values: int, scale: ValueScale = PLAIN, windows: tuple[Window, ...] = ()) -> DecodedImage:
    return DecodedImage(np.array([values], dtype=np.uint16), scale=scale, windows=windows)


def test_a_window_stretches_its_values_linearly_and_clips_the_others() -> None:
    # The standard's own example, c=2048 and w=4096: black at 0, white at 4095.
    table = lookup_table(ValueScale(), Window(2048, 4096), 65535)
    assert table[[0, 4095, 65535]].tolist() == [0, 255, 255]
    # (1000 - 2047.5) / 4095 + 0.5 = 0.24420, times 255 = 62.27
    assert table[1000] == 62


def test_a_window_one_value_wide_is_a_threshold() -> None:
    # c=2048, w=1, again from the standard: up to 2047.5 black, above white.
    table = lookup_table(ValueScale(), Window(2048, 1), 4095)
    assert table[[2047, 2048]].tolist() == [0, 255]


def test_a_window_is_in_units_of_what_was_measured() -> None:
    # Soft tissue, 40 and 400: from 39.5 - 199.5 = -160 HU to 239 HU; pixels are HU + 1024.
    table = lookup_table(HU, Window(40, 400), 4095)
    assert table[[864, 1263]].tolist() == [0, 255]
    # 0 HU: (0 - 39.5) / 399 + 0.5 = 0.40100, times 255 = 102.26
    assert table[1024] == 102


def test_where_the_largest_values_are_black_the_window_still_means_the_values() -> None:
    # MONOCHROME1, stored v = 0 to 255; pixels are 255 - v, so v = -1 * pixel + 255.
    scale = ValueScale(slope=-1, intercept=255)
    table = lookup_table(scale, Window(128, 256), 255)
    assert table.tolist() == list(range(256))  # v=255, pixel 0, is black
    # A window on the lower half, v from 0 to 127: all above is black, v=0 (pixel 255) is white.
    table = lookup_table(scale, Window(64, 128), 255)
    assert table[[0, 128, 255]].tolist() == [0, 0, 255]


def test_inverting_turns_black_and_white_round() -> None:
    table = lookup_table(ValueScale(), Window(128, 256), 255, is_inverted=True)
    assert table[[0, 255]].tolist() == [255, 0]


def test_each_channel_of_colour_is_looked_up() -> None:
    table = lookup_table(ValueScale(), Window(128, 256), 255, is_inverted=True)
    pixels = np.array([[[0, 100, 255]]], dtype=np.uint8)
    assert to_screen(pixels, table).tolist() == [[[255, 155, 0]]]


def test_eight_bits_are_shown_as_they_are_stored() -> None:
    image = DecodedImage(np.array([[50, 60]], dtype=np.uint8))
    window = default_window(image)
    assert lookup_table(image.scale, window, 255).tolist() == list(range(256))


def test_the_full_range_of_16_bits_is_what_the_image_uses() -> None:
    image = grey(1000, 1500, 2000)
    table = lookup_table(image.scale, full_range(image), 65535)
    assert table[[1000, 1500, 2000]].tolist() == [0, 128, 255]


def test_small_values_have_their_full_range_too() -> None:
    # From 0.0 to 0.5: a whole window is less than one unit wide.
    image = grey(0, 250, 500, scale=ValueScale(slope=0.001))
    table = lookup_table(image.scale, full_range(image), 65535)
    assert table[[0, 250, 500]].tolist() == [0, 128, 255]


def test_the_automatic_window_leaves_outliers_out() -> None:
    values = [0, *([1000] * 500), *([2000] * 500), 60000]
    image = grey(*values)
    window = automatic_window(image)
    assert (window.centre, window.width) == (1500.5, 1001)


def test_an_image_of_one_value_has_an_automatic_window() -> None:
    assert automatic_window(grey(7, 7, 7)).width == 1


def test_the_files_own_windows_come_first_and_the_first_is_used() -> None:
    image = grey(0, 4095, windows=(Window(300, 600, "Abdomen"), Window(50, 100)))
    assert default_window(image) == Window(300, 600, "Abdomen")
    names = [window.name for window in presets(image)]
    assert names == ["Abdomen", "From the file 2", "Automatic", "Full range"]


def test_windows_of_computed_tomography_are_offered_for_hounsfield_units_alone() -> None:
    offered = {
        window.name: (window.centre, window.width) for window in presets(grey(0, 1, scale=HU))
    }
    assert offered["CT soft tissue"] == (40, 400)
    assert offered["CT lung"] == (-600, 1500)
    assert offered["CT bone"] == (480, 2500)
    assert offered["CT brain"] == (40, 80)
    assert not any(window.name.startswith("CT") for window in presets(grey(0, 1)))


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (grey(1064, scale=HU), "40 HU"),
        (grey(7), "7"),
        (grey(333, scale=ValueScale(slope=0.001, unit="g/ml")), "0.333 g/ml"),
        (DecodedImage(np.array([[[1, 2, 3]]], dtype=np.uint8)), "R 1 G 2 B 3"),
    ],
)
def test_what_a_pixel_measures_is_said_with_its_unit(image: DecodedImage, words: str) -> None:
    assert value_at(image, 0, 0) == words
