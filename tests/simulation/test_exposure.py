"""Attacks on updates: numbers that can be worked out by hand."""

import numpy as np
import pytest

from desktop_client.simulation.exposure import Attack, exposure, loss_scores, mean_scores


def attack(members: list[float], strangers: list[float]) -> Attack:
    scores = np.array([*members, *strangers])
    is_member = np.array([1] * len(members) + [0] * len(strangers))
    return Attack(scores, is_member, [f"p{n}" for n in range(len(scores))])


def test_the_surer_a_model_is_of_the_label_the_higher_is_the_score() -> None:
    scores = loss_scores(np.array([[0.9, 0.1], [0.2, 0.8], [1.0, 0.0]]), np.array([0, 0, 1]))
    np.testing.assert_allclose(scores, [np.log(0.9), np.log(0.2), np.log(1e-12)])


def test_features_on_the_side_of_the_sent_mean_score_above_those_on_the_other() -> None:
    z = np.array([[2.0, 0.0], [0.0, 5.0], [-1.0, 0.0]])
    assert mean_scores(z, np.array([1.0, 0.0]), np.zeros(2)).tolist() == [2.0, 0.0, -1.0]


def test_an_attack_that_is_always_right_has_an_area_of_one_and_finds_everybody() -> None:
    found = exposure([attack([5, 6, 7], [1, 2, 3]), attack([9, 8], [0, 1])])
    assert (found.auc, found.low, found.high, found.found_share) == (1.0, 1.0, 1.0, 1.0)


def test_an_attack_that_guesses_has_an_area_of_a_half_within_its_interval() -> None:
    some = np.random.default_rng(0)
    guessed = exposure([attack(list(some.random(400)), list(some.random(400)))])
    assert guessed.low < 0.5 < guessed.high
    # Of 400 pairs the deviation of the area is 1 / sqrt(6 * 400), about 0.02; four of them.
    assert guessed.auc == pytest.approx(0.5, abs=0.08)
    assert guessed.found_share < 0.05


def test_sites_count_alike_however_many_images_they_have() -> None:
    right, wrong = attack([2] * 30, [1] * 30), attack([1], [2])
    assert exposure([right, wrong]).auc == 0.5
