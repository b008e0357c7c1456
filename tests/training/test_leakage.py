"""Domain leakage: what the probes find where the truth is known."""

import numpy as np
import pytest

from desktop_client.training.leakage import label_floor, measure_leakage

RNG = np.random.default_rng(0)
DOMAINS = np.repeat(np.arange(3), 60)
LESIONS = np.tile([0, 1], 90)
PATIENTS = [str(i) for i in range(180)]


def test_features_that_name_the_domain_leak_everything() -> None:
    z = np.eye(3)[DOMAINS] + RNG.normal(scale=0.05, size=(180, 3))
    leakage = measure_leakage(z, DOMAINS, LESIONS, PATIENTS)
    assert leakage.linear == 1.0
    assert leakage.linear_by_domain == {0: 1.0, 1: 1.0, 2: 1.0}


def test_noise_leaks_no_more_than_chance() -> None:
    leakage = measure_leakage(RNG.normal(size=(180, 3)), DOMAINS, LESIONS, PATIENTS)
    assert leakage.chance == pytest.approx(1 / 3)
    # Guessing right 60 of 180 times has a standard deviation of 0.035; four of them.
    assert leakage.linear == pytest.approx(1 / 3, abs=0.14)


def test_only_the_perceptron_finds_what_no_plane_separates() -> None:
    points = RNG.uniform(-1, 1, size=(900, 2))
    domains = (points[:, 0] * points[:, 1] > 0).astype(np.int64)
    patients = [str(i) for i in range(900)]
    leakage = measure_leakage(points, domains, np.zeros(900, np.int64), patients)
    assert leakage.linear < 0.65
    assert leakage.mlp > 0.8


def test_a_patient_seen_in_training_cannot_help_the_probe() -> None:
    """Features that name only the patient: with patients split, nothing is left to find."""
    patient = np.repeat(np.arange(30), 6)
    domains = patient % 2
    z = np.eye(30)[patient]
    leakage = measure_leakage(z, domains, np.zeros(180, np.int64), [str(p) for p in patient])
    assert leakage.linear < 0.75


def test_label_floor_without_a_difference_in_lesions_is_chance() -> None:
    assert label_floor(DOMAINS, LESIONS) == pytest.approx(1 / 3)


def test_label_floor_with_a_lesion_of_its_own_per_domain_is_one() -> None:
    assert label_floor(DOMAINS, DOMAINS) == pytest.approx(1.0)


def test_label_floor_by_hand() -> None:
    """Domain 0 has lesions 3:1, domain 1 has 1:3; answering the likelier one gives 0.75."""
    domains = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    lesions = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    assert label_floor(domains, lesions) == pytest.approx(0.75)
