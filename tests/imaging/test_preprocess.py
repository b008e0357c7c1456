"""The input contract: channels, range, proportions, antialiasing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.study import InputContract
from desktop_client.imaging.image import DecodedImage, ValueScale, Window
from desktop_client.imaging.preprocess import to_input

COLOUR_16 = InputContract(size_px=16)
GREY_16 = InputContract(size_px=16, channels=1, mean=(0.5,), standard_deviation=(0.25,))


def test_grey_is_repeated_over_three_channels() -> None:
    values = to_input(DecodedImage(np.full((16, 16), 77, dtype=np.uint8)), COLOUR_16)
    assert values.shape == (3, 16, 16)
    assert values.dtype == np.uint8
    assert (values == 77).all()


def test_colour_is_weighted_to_grey_by_the_eyes_sensitivity() -> None:
    pixels = np.full((16, 16, 3), (100, 50, 200), dtype=np.uint8)
    # 0.299 * 100 + 0.587 * 50 + 0.114 * 200 = 82.05
    assert (to_input(DecodedImage(pixels), GREY_16) == 82).all()


def test_channels_keep_their_order() -> None:
    pixels = np.full((16, 16, 3), (1, 2, 3), dtype=np.uint8)
    assert to_input(DecodedImage(pixels), COLOUR_16)[:, 0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize(("stored", "expected"), [(0, 0), (65535, 255), (32768, 128), (257, 1)])
def test_the_full_range_of_16_bits_becomes_0_to_255(stored: int, expected: int) -> None:
    pixels = np.full((16, 16), stored, dtype=np.uint16)
    assert (to_input(DecodedImage(pixels), GREY_16) == expected).all()


def test_the_window_of_a_dicom_file_becomes_0_to_255() -> None:
    # Stored 0 is -1000 HU; the window 40 / 400 reaches from -160 to 240 HU.
    scale, window = ValueScale(1, -1000, "HU"), Window(40, 400)
    for stored, expected in ((0, 0), (840, 0), (1040, 128), (1240, 255), (4000, 255)):
        pixels = np.full((16, 16), stored, dtype=np.uint16)
        image = DecodedImage(pixels, scale=scale, windows=(window,))
        assert (to_input(image, GREY_16) == expected).all()


def test_a_window_over_inverted_values_keeps_0_black() -> None:
    image = DecodedImage(
        np.array([[0] * 8 + [1023] * 8] * 16, dtype=np.uint16),
        scale=ValueScale(-1, 1023),
        windows=(Window(512, 1024),),
    )
    values = to_input(image, GREY_16)[0]
    assert values[0, 0] == 0
    assert values[0, 15] == 255


def test_a_wide_image_is_kept_whole_and_centred_between_bars_of_its_mean() -> None:
    pixels = np.zeros((16, 32), dtype=np.uint8)
    pixels[:, 16:] = 200
    values = to_input(DecodedImage(pixels), GREY_16)[0]
    assert (values[:4] == 100).all()
    assert (values[12:] == 100).all()
    assert (values[4:12, :7] == 0).all()
    assert (values[4:12, 9:] == 200).all()


def test_proportions_are_kept() -> None:
    pixels = np.zeros((60, 120), dtype=np.uint8)
    pixels[20:40, 50:70] = 255  # a square of 20 px becomes one of 20 * 64 / 120, about 11 px
    contract = InputContract(size_px=64, channels=1, mean=(0.5,), standard_deviation=(0.25,))
    values = to_input(DecodedImage(pixels), contract)[0]
    rows, columns = np.nonzero(values > 127)
    assert np.ptp(rows) + 1 == pytest.approx(10.7, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(10.7, abs=1)


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    # A chessboard of single pixels, eight times too fine: its average is half of white.
    chessboard = (np.indices((128, 128)).sum(axis=0) % 2 * 255).astype(np.uint8)
    values = to_input(DecodedImage(chessboard), GREY_16)[0].astype(int)
    assert np.abs(values - 127.5).max() <= 4


def test_a_single_row_does_not_vanish() -> None:
    values = to_input(DecodedImage(np.full((1, 1000), 50, dtype=np.uint8)), GREY_16)
    assert (values == 50).all()


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    is_colour=st.booleans(),
    channels=st.sampled_from([1, 3]),
)
def test_any_image_fills_the_square(
    height: int, width: int, is_colour: bool, channels: int
) -> None:
    shape = (height, width, 3) if is_colour else (height, width)
    image = DecodedImage(np.full(shape, 9, dtype=np.uint8))
    contract = COLOUR_16 if channels == 3 else GREY_16
    values = to_input(image, contract)
    assert values.shape == (channels, 16, 16)
    assert (values == 9).all()


def shades_of_grey(colour: tuple[int, int, int]) -> list[int]:
    contract = InputContract(size_px=16, intensity="shades_of_grey")
    pixels = np.full((16, 16, 3), colour, dtype=np.uint8)
    return [int(value) for value in to_input(DecodedImage(pixels), contract)[:, 0, 0]]


def test_the_colour_of_the_light_is_taken_out_and_its_brightness_kept() -> None:
    # On a plain image each channel's norm is its value: (120 + 80 + 100) / 3 = 100.
    assert shades_of_grey((120, 80, 100)) == [100, 100, 100]


def test_a_black_image_stays_black_under_any_light() -> None:
    assert shades_of_grey((0, 0, 0)) == [0, 0, 0]


def test_images_of_one_lesion_under_two_lights_become_alike() -> None:
    generator = np.random.default_rng(0)
    lesion = generator.uniform(40, 200, (16, 16, 3))
    contract = InputContract(size_px=16, intensity="shades_of_grey")
    white, yellow = (
        to_input(DecodedImage((lesion * light).astype(np.uint8)), contract).astype(float)
        for light in ((1, 1, 1), (1.2, 1.1, 0.7))
    )
    # The second one is brighter or darker as a whole, but no longer yellower.
    ratios = (yellow / white).mean(axis=(1, 2))
    assert np.ptp(ratios) < 0.02
