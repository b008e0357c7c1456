"""Each of a scanner's six properties, by hand."""

import numpy as np
import pytest

from desktop_client.demo.scanners import Scanner

GREY = np.full((96, 96, 3), 0.5, dtype=np.float32)


def scan(scanner: Scanner, picture: np.ndarray) -> np.ndarray:
    return scanner.scan(picture, np.random.default_rng(0))


def test_a_perfect_scanner_changes_nothing_but_the_depth() -> None:
    picture = np.random.default_rng(1).uniform(size=(16, 16, 3)).astype(np.float32)
    assert np.array_equal(scan(Scanner(), picture), np.rint(picture * 255))


def test_gamma_darkens_the_middle_and_keeps_black_and_white() -> None:
    assert (scan(Scanner(gamma=2), GREY) == 64).all()  # 255 * 0.25 = 63.75
    assert (scan(Scanner(gamma=2), np.ones_like(GREY)) == 255).all()
    assert (scan(Scanner(gamma=2), np.zeros_like(GREY)) == 0).all()


def test_contrast_spreads_around_middle_grey() -> None:
    # 0.5 + 1.5 * 0.2 = 0.8
    assert (scan(Scanner(contrast=1.5), np.full_like(GREY, 0.7)) == 204).all()
    assert (scan(Scanner(contrast=0.5), np.ones_like(GREY)) == 191).all()


def test_blur_has_the_stated_deviation_and_keeps_the_light() -> None:
    picture = np.zeros((96, 96, 3), dtype=np.float32)
    picture[:, 48:] = 1
    edge = scan(Scanner(blur_px=4), picture)[40, :, 0] / 255
    # The normal distribution function at -0.5 / 4 and 4.5 / 4: pixel centres lie half off.
    assert edge[47] == pytest.approx(0.450, abs=0.01)
    assert edge[52] == pytest.approx(0.870, abs=0.01)
    assert (scan(Scanner(blur_px=4), np.full_like(GREY, 0.6)) == 153).all()


def test_blur_is_the_same_share_of_the_picture_at_every_size() -> None:
    picture = np.zeros((192, 192, 3), dtype=np.float32)
    picture[:, 96:] = 1
    edge = scan(Scanner(blur_px=4), picture)[80, :, 0] / 255
    assert edge[96 + 8] == pytest.approx(0.856, abs=0.01)  # 8.5 px beyond the edge, deviation 8


def test_noise_has_the_stated_deviation() -> None:
    noisy = scan(Scanner(noise=0.05), GREY) / 255
    assert noisy.std() == pytest.approx(0.05, rel=0.05)
    assert noisy.mean() == pytest.approx(0.5, abs=0.005)


def test_a_colour_cast_is_a_gain_per_channel() -> None:
    cast = scan(Scanner(colour_cast=(1.2, 1.0, 0.8)), GREY)
    assert cast[0, 0].tolist() == [153, 128, 102]


def test_a_vignette_takes_its_share_from_the_corners() -> None:
    dark = scan(Scanner(vignette=0.4), np.ones_like(GREY))
    assert dark[0, 0, 0] == 153  # 255 * 0.6
    assert dark[48, 48, 0] == 255
    # Where an edge ends halfway, half of the corner's square distance: a quarter of the loss.
    assert dark[0, 48, 0] == pytest.approx(255 * 0.9, abs=1)
