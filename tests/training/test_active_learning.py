"""Which images to label next: orders worked out by hand."""

import numpy as np
import pytest

from desktop_client.training.active_learning import most_useful_next, uncertainty

NOTHING_KNOWN = np.empty((0, 1))


def on_a_line(*places: float) -> np.ndarray:
    return np.array(places)[:, None]


def test_uncertainty_is_one_between_equals_and_zero_where_one_class_is_certain() -> None:
    shares = np.array([[0.5, 0.5], [1.0, 0.0], [0.2, 0.8], [0.4, 0.2, 0.4][:2]])
    assert uncertainty(shares) == pytest.approx([1.0, 0.0, 0.4, 0.8])


def test_only_the_two_likeliest_classes_count() -> None:
    assert uncertainty(np.array([[0.5, 0.3, 0.2]])) == pytest.approx([0.8])


def test_where_nothing_is_labelled_the_least_certain_image_comes_first() -> None:
    order = most_useful_next(on_a_line(0, 1, 2), np.array([0.2, 0.9, 0.5]), NOTHING_KNOWN)
    assert order[0] == 1


def test_a_copy_of_what_came_before_comes_last_however_uncertain_it_is() -> None:
    # 0 and 1 are the same image. After 0: image 1 scores 0.9 x 0, 2 scores 0.5 x 1, 3 0.1 x 3.
    order = most_useful_next(on_a_line(0, 0, 1, 3), np.array([0.9, 0.9, 0.5, 0.1]), NOTHING_KNOWN)
    assert order.tolist() == [0, 2, 3, 1]


def test_what_is_near_a_labelled_image_waits() -> None:
    # Distances to the labelled image at 0: 1, 4, 10; scores 0.9, 2.0, 1.0. After the one at 4:
    # distances 1, -, 6; scores 0.9 and 0.6.
    order = most_useful_next(on_a_line(1, 4, 10), np.array([0.9, 0.5, 0.1]), on_a_line(0))
    assert order.tolist() == [1, 0, 2]


def test_an_odd_image_that_the_model_is_sure_of_does_not_come_first() -> None:
    order = most_useful_next(on_a_line(1, 1000), np.array([0.5, 0.0]), on_a_line(0))
    assert order.tolist() == [0, 1]


def test_after_the_first_few_the_rest_follow_by_uncertainty_alone() -> None:
    order = most_useful_next(
        on_a_line(0, 0, 5, 6), np.array([0.9, 0.8, 0.3, 0.4]), NOTHING_KNOWN, diverse_count=1
    )
    assert order.tolist() == [0, 1, 3, 2]


def test_every_image_has_exactly_one_place() -> None:
    random = np.random.default_rng(0)
    z, known = random.standard_normal((3000, 4)), random.standard_normal((1500, 4))
    order = most_useful_next(z, random.random(3000), known, diverse_count=50)
    assert sorted(order.tolist()) == list(range(3000))


def test_without_unlabelled_images_the_order_is_empty() -> None:
    assert most_useful_next(np.empty((0, 2)), np.empty(0), np.zeros((3, 2))).tolist() == []
