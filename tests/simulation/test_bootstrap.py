"""Metrics on draws of patients, against scikit-learn and against hand calculation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from desktop_client.simulation.bootstrap import (
    interval,
    mean_of_defined,
    patient_draws,
    site_auc,
    site_balanced_accuracy,
    weighted_auc,
)
from desktop_client.training.evaluation import area_under_curve


@given(
    arrays(np.float64, 12, elements=st.sampled_from([0.1, 0.2, 0.5, 0.7])),  # many ties
    arrays(np.int64, 12, elements=st.integers(0, 1)).filter(lambda y: 0 < y.sum() < 12),
    arrays(np.int64, 12, elements=st.integers(1, 3)),
)
def test_the_weighted_auc_is_sklearns(
    scores: np.ndarray, labels: np.ndarray, weights: np.ndarray
) -> None:
    ones = np.ones((1, 12))
    assert weighted_auc(scores, labels, ones)[0] == pytest.approx(roc_auc_score(labels, scores))
    expected = roc_auc_score(labels, scores, sample_weight=weights)
    assert weighted_auc(scores, labels, weights[None])[0] == pytest.approx(expected)


def test_a_weight_of_two_is_an_image_twice() -> None:
    # Positives 0.4 and 0.8, negatives 0.6 (twice): two of four pairs are in order.
    scores, labels = np.array([0.4, 0.8, 0.6]), np.array([1, 1, 0])
    assert weighted_auc(scores, labels, np.array([[1.0, 1, 2]]))[0] == 0.5
    # With 0.8 drawn three times: six of eight pairs.
    assert weighted_auc(scores, labels, np.array([[1.0, 3, 2]]))[0] == 0.75


def test_where_a_class_is_not_drawn_there_is_no_auc() -> None:
    auc = weighted_auc(np.array([0.1, 0.9]), np.array([0, 1]), np.array([[1.0, 1], [2, 0]]))
    assert auc[0] == 1
    assert np.isnan(auc[1])


def test_several_classes_are_judged_one_against_the_rest_as_in_training() -> None:
    random = np.random.default_rng(0)
    probabilities, labels = random.dirichlet((1, 1, 1, 1), 40), random.integers(0, 3, 40)
    auc = site_auc(probabilities, labels, np.ones((1, 40)))[0]
    assert auc == pytest.approx(area_under_curve(probabilities, labels))


def test_balanced_accuracy_is_sklearns_on_the_drawn_images() -> None:
    random = np.random.default_rng(0)
    probabilities, labels = random.dirichlet((1, 1, 1), 40), random.integers(0, 3, 40)
    weights = random.integers(0, 4, (5, 40)).astype(float)
    for row, measured in zip(
        weights, site_balanced_accuracy(probabilities, labels, weights), strict=True
    ):
        drawn = np.repeat(np.arange(40), row.astype(int))
        expected = balanced_accuracy_score(labels[drawn], probabilities.argmax(axis=1)[drawn])
        assert measured == pytest.approx(expected)


def test_all_images_of_a_patient_are_drawn_together_and_as_many_patients_as_there_are() -> None:
    patients = ["a", "b", "a", "c", "b", "a"]
    draws = patient_draws("ward", patients, 50)
    assert draws.shape == (51, 6)
    assert (draws[0] == 1).all()
    for same in ([0, 2, 5], [1, 4]):
        assert (draws[:, same] == draws[:, same[:1]]).all()
    assert (draws[1:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert len(np.unique(draws[1:], axis=0)) > 5


def test_draws_depend_on_the_site_only() -> None:
    patients = [str(n) for n in range(20)]
    assert (patient_draws("ward", patients, 9) == patient_draws("ward", patients, 9)).all()
    assert (patient_draws("ward", patients, 9) != patient_draws("clinic", patients, 9)).any()


def test_what_is_undefined_stays_out_of_means_and_intervals() -> None:
    values = np.array([[0.5, np.nan, np.nan], [0.7, 0.9, np.nan]])
    mean = mean_of_defined(values)
    assert mean[:2] == pytest.approx([0.6, 0.9])
    assert np.isnan(mean[2])
    assert interval(np.array([np.nan, np.nan])) is None


def test_the_interval_leaves_a_fortieth_on_each_side() -> None:
    assert interval(np.append(np.arange(41.0), np.nan)) == pytest.approx((1, 39))


def test_the_interval_of_an_auc_is_as_wide_as_theory_says() -> None:
    """Hanley and McNeil: an AUC of 0.5 has the standard error sqrt((P + N + 1) / (12 P N))."""
    random = np.random.default_rng(1)
    count, width = 200, []
    for number in range(20):
        labels = np.arange(count) % 2
        draws = patient_draws(f"ward {number}", [str(n) for n in range(count)], 400)
        ends = interval(weighted_auc(random.random(count), labels, draws[1:]))
        assert ends is not None
        width.append(ends[1] - ends[0])
    # Within a tenth: 20 intervals, each with a Monte Carlo error of a few percent.
    assert np.mean(width) == pytest.approx(2 * 1.96 * np.sqrt(201 / (12 * 100 * 100)), rel=0.1)
