"""Measures of held-out answers, each worked out by hand or by another program."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from desktop_client.training.measuring import (
    Answers,
    area_interval,
    area_under,
    calibration_of,
    judge,
    roc_of,
    share_of,
    wrongest,
)

SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
POSITIVE = np.array([True, True, False, True, False])


def some_answers() -> Answers:
    """Five images of three patients at two scanners; the second and the last are wrong."""
    first = np.array([0.9, 0.4, 0.2, 0.3, 0.8])
    return Answers(
        probabilities=np.stack([first, 1 - first], axis=1),
        labels=np.array([0, 0, 1, 1, 1]),
        domains=np.array([0, 0, 0, 1, 1]),
        patients=np.array([7, 7, 8, 9, 9]),
        sample_ids=("a", "b", "c", "d", "e"),
        class_names=("nevus", "melanoma"),
        domain_names=("North", "South"),
    )


def test_the_curve_goes_up_for_each_positive_and_right_for_each_negative() -> None:
    roc = roc_of(SCORES, POSITIVE)
    assert roc is not None
    assert roc.thresholds[1:] == (0.9, 0.8, 0.7, 0.6, 0.5)
    assert roc.sensitivities == pytest.approx((0, 1 / 3, 2 / 3, 2 / 3, 1, 1))
    assert roc.false_positive_rates == (0, 0, 0, 0.5, 0.5, 1)


def test_equal_scores_are_one_point_of_the_curve_and_half_of_a_pair() -> None:
    scores, positive = np.array([0.5, 0.5]), np.array([True, False])
    roc = roc_of(scores, positive)
    assert roc is not None
    assert len(roc.thresholds) == 2
    assert area_under(scores, positive, np.ones(2)) == 0.5


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    # Of 3 × 2 pairs, only 0.6 before 0.7 is in the wrong order.
    assert area_under(SCORES, POSITIVE, np.ones(5)) == pytest.approx(5 / 6)


def test_the_area_agrees_with_scikit_learn_with_ties_and_weights() -> None:
    generator = np.random.default_rng(0)
    scores = generator.integers(0, 8, 60) / 8
    positive = generator.random(60) < 0.4
    weights = generator.integers(0, 3, 60).astype(float)
    expected = roc_auc_score(positive, scores, sample_weight=weights)
    assert area_under(scores, positive, weights) == pytest.approx(expected)


def test_with_one_kind_only_there_is_no_curve() -> None:
    assert roc_of(SCORES, np.ones(5, bool)) is None
    assert roc_of(SCORES, np.zeros(5, bool)) is None


def test_the_operating_point_is_the_strictest_that_reaches_the_sensitivity() -> None:
    roc = roc_of(SCORES, POSITIVE)
    assert roc is not None
    assert roc.thresholds[roc.point(0.6)] == 0.8
    assert roc.thresholds[roc.point(0.9)] == 0.6
    assert roc.point(0.0) == 0


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
    share = share_of(np.arange(263) < 81)
    assert share.interval is not None
    assert (share.interval.low, share.interval.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert share.value == 81 / 263


def test_a_share_of_nothing_is_undefined() -> None:
    share = share_of(np.zeros(0, bool))
    assert share.value is None
    assert share.interval is None


def test_many_images_of_few_patients_do_not_make_the_interval_narrow() -> None:
    generator = np.random.default_rng(1)
    positive = np.arange(12) % 2 == 0
    scores = np.where(positive, 0.6, 0.4) + 0.2 * generator.standard_normal(12)
    own = area_interval(scores, positive, np.arange(12))
    copies = np.repeat(np.arange(12), 20)
    same = area_interval(scores[copies], positive[copies], copies)
    apart = area_interval(scores[copies], positive[copies], np.arange(240))
    assert own is not None
    assert same is not None
    assert apart is not None
    assert same == own  # twenty copies of a patient's image say nothing new
    assert apart.high - apart.low < 0.5 * (own.high - own.low)


def test_one_patient_gives_no_interval() -> None:
    assert area_interval(SCORES, POSITIVE, np.zeros(5, np.int64)) is None


def test_calibration_is_the_distance_between_confidence_and_right_answers() -> None:
    confidences = np.array([0.95, 0.95, 0.65, 0.65])
    measured = calibration_of(confidences, np.array([True, False, True, True]))
    assert [(b.count, b.right_share) for b in measured.bins] == [(2, 1.0), (2, 0.5)]
    assert measured.expected_error == pytest.approx((2 * 0.35 + 2 * 0.45) / 4)


def test_full_confidence_belongs_to_the_last_bin() -> None:
    (only,) = calibration_of(np.array([1.0, 0.95]), np.array([True, True])).bins
    assert only.count == 2


def test_a_judgement_counts_by_hand() -> None:
    judged = judge(some_answers())
    assert (judged.image_count, judged.patient_count) == (5, 3)
    assert judged.confusion == ((1, 1), (1, 2))
    assert (judged.accuracy.count, judged.accuracy.total) == (3, 5)
    nevus, melanoma = judged.classes
    assert (nevus.sensitivity.count, nevus.sensitivity.total) == (1, 2)
    assert (nevus.specificity.count, nevus.specificity.total) == (2, 3)
    assert melanoma.sensitivity.count == nevus.specificity.count
    # By the nevus's probability: of 0.9 and 0.4 against 0.2, 0.3 and 0.8 one pair is wrong.
    assert nevus.auc == pytest.approx(5 / 6)
    assert melanoma.auc == pytest.approx(5 / 6)


def test_a_scanner_with_one_class_has_no_area_but_all_counts() -> None:
    judged = judge(some_answers().of_domain(1), "South")
    assert judged.domain == "South"
    assert judged.confusion == ((0, 0), (1, 1))
    assert [c.auc for c in judged.classes] == [None, None]
    assert judged.classes[0].sensitivity.value is None


def test_no_held_out_image_is_judged_without_a_number() -> None:
    judged = judge(some_answers().of_domain(5))
    assert judged.accuracy.value is None
    assert judged.calibration.bins == ()


def test_the_surest_of_the_wrong_answers_comes_first() -> None:
    surest, other = wrongest(some_answers())
    assert (surest.sample_id, surest.said, surest.answered) == ("e", "melanoma", "nevus")
    assert (surest.confidence, surest.domain) == (0.8, "South")
    assert other.sample_id == "b"
