"""One temperature for all probabilities, fitted on held-out images."""

import numpy as np
import pytest

from desktop_client.training.calibration import fitted_temperature, with_temperature
from desktop_client.training.model import UNLABELLED


def answers(right: int, wrong: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Answer class 0 with this probability; so many times that is right, and wrong."""
    count = right + wrong
    return np.tile([share, 1 - share], (count, 1)), np.array([0] * right + [1] * wrong)


def test_a_temperature_divides_the_logits() -> None:
    # Odds of 9 to 1 become sqrt(9) to 1 at temperature 2.
    assert with_temperature(np.array([[0.9, 0.1]]), 2.0) == pytest.approx(np.array([[0.75, 0.25]]))


def test_no_temperature_and_temperature_1_change_nothing() -> None:
    shares = np.array([[0.7, 0.2, 0.1], [1.0, 0.0, 0.0]])
    assert with_temperature(shares, None) is shares
    assert with_temperature(shares, 1.0) == pytest.approx(shares, abs=1e-9)


def test_too_sure_a_model_is_brought_to_the_share_it_is_right_in() -> None:
    # It says 0.9 and is right in 75 of 100: odds of 9 must become 3, so T = ln 9 / ln 3 = 2.
    shares, labels = answers(right=75, wrong=25, share=0.9)
    assert fitted_temperature(shares, labels) == pytest.approx(2.0)


def test_a_model_is_never_made_surer_than_it_says() -> None:
    shares, labels = answers(right=40, wrong=0, share=0.6)
    assert fitted_temperature(shares, labels) == 1.0


def test_a_model_that_is_mostly_wrong_ends_at_the_highest_temperature() -> None:
    shares, labels = answers(right=5, wrong=35, share=0.99)
    assert fitted_temperature(shares, labels) == pytest.approx(20.0)


def test_few_labelled_images_fit_no_temperature() -> None:
    shares, labels = answers(right=15, wrong=10, share=0.9)
    labels[:6] = UNLABELLED
    assert fitted_temperature(shares, labels) is None


def test_a_probability_of_zero_for_the_truth_is_no_trouble() -> None:
    shares, labels = answers(right=30, wrong=1, share=1.0)
    temperature = fitted_temperature(shares, labels)
    assert temperature is not None
    assert 1 < temperature < 20
