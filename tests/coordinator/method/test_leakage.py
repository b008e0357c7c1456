"""How leakage is measured from moments, against balanced accuracies that have a closed form."""

from statistics import NormalDist

import numpy as np
import pytest

from coordinator.method.arrays import HeldArrays
from coordinator.method.leakage import Leakage, measure_leakage
from coordinator.parameters import Parameters

DRAW_ERROR = 0.012
"""Three standard errors of a share near one half among 20,000 draws."""


def gaussian(index: int, mean: list[float], variance: float = 1.0) -> Parameters:
    return {
        f"moments.{index}.mean": np.array(mean, np.float32),
        f"moments.{index}.covariance": variance * np.eye(len(mean), dtype=np.float32),
    }


def measured_or_none(moments: Parameters, moments_per_domain: int = 1) -> Leakage | None:
    arrays = HeldArrays(moments)
    return measure_leakage([dict.fromkeys(moments, arrays)], moments_per_domain)


def measured(moments: Parameters, moments_per_domain: int = 1) -> Leakage:
    leakage = measured_or_none(moments, moments_per_domain)
    assert leakage is not None
    return leakage


def test_two_domains_two_deviations_apart_are_told_apart_as_the_normal_distribution_says() -> None:
    # Balanced accuracy of the linear rule is Phi(distance / 2), here Phi(1) = 0.841.
    leakage = measured({**gaussian(0, [0, 0]), **gaussian(1, [2, 0])})

    assert leakage.balanced_accuracy == pytest.approx(NormalDist().cdf(1), abs=DRAW_ERROR)
    assert leakage.chance == 0.5


def test_a_common_shift_and_scale_of_the_features_changes_nothing() -> None:
    leakage = measured({**gaussian(0, [70, -3], 9), **gaussian(1, [76, -3], 9)})

    assert leakage.balanced_accuracy == pytest.approx(NormalDist().cdf(1), abs=DRAW_ERROR)


def test_domains_that_do_not_differ_are_told_apart_by_chance() -> None:
    moments = {name: a for i in range(4) for name, a in gaussian(i, [1, 2, 3]).items()}

    assert measured(moments).balanced_accuracy == pytest.approx(0.25, abs=DRAW_ERROR)
    assert measured(moments).chance == 0.25


def test_domains_far_apart_are_all_recognised() -> None:
    leakage = measured({**gaussian(2, [0, 0]), **gaussian(5, [90, 0]), **gaussian(7, [0, 90])})

    assert leakage.balanced_accuracy == 1.0
    assert leakage.by_domain == {2: 1.0, 5: 1.0, 7: 1.0}


def test_a_domain_between_two_others_is_recognised_less_often_than_they_are() -> None:
    # On a line at -2, 0, 2 the outer ones are right with Phi(1), the middle one with 2 Phi(1) - 1.
    leakage = measured({**gaussian(0, [-2]), **gaussian(1, [0]), **gaussian(2, [2])})

    inner, outer = 2 * NormalDist().cdf(1) - 1, NormalDist().cdf(1)
    assert leakage.by_domain[0] == pytest.approx(outer, abs=2 * DRAW_ERROR)
    assert leakage.by_domain[1] == pytest.approx(inner, abs=2 * DRAW_ERROR)
    assert leakage.by_domain[2] == pytest.approx(outer, abs=2 * DRAW_ERROR)


def test_lesion_classes_are_judged_apart_so_that_their_shares_tell_nothing() -> None:
    # Two classes far from each other; within the first the domains are alike, within the second
    # they are 2 deviations apart. Index = domain * 2 + class.
    moments = {
        **gaussian(0, [0, 0]),
        **gaussian(1, [50, 0]),
        **gaussian(2, [0, 0]),
        **gaussian(3, [52, 0]),
    }

    leakage = measured(moments, moments_per_domain=2)

    expected = (0.5 + NormalDist().cdf(1)) / 2
    assert leakage.balanced_accuracy == pytest.approx(expected, abs=DRAW_ERROR)
    assert leakage.is_within_lesion


def test_a_lesion_class_that_only_one_domain_has_is_left_out() -> None:
    moments = {**gaussian(0, [0]), **gaussian(1, [9]), **gaussian(2, [2])}

    leakage = measured(moments, moments_per_domain=2)

    assert leakage.balanced_accuracy == pytest.approx(NormalDist().cdf(1), abs=DRAW_ERROR)
    assert set(leakage.by_domain) == {0, 1}


@pytest.mark.parametrize("moments", [{}, gaussian(0, [1, 2])])
def test_nothing_is_said_of_fewer_than_two_domains(moments: Parameters) -> None:
    assert measured_or_none(moments) is None


def test_nothing_is_said_where_no_lesion_class_is_known_of_two_domains() -> None:
    assert measured_or_none({**gaussian(0, [1]), **gaussian(3, [2])}, 2) is None


def test_floor_is_what_the_error_of_256_images_alone_gives() -> None:
    # Two means of 64 features, each off by 1/16 deviation: their distance is on average
    # sqrt(64 * 2 / 256) = 0.71 deviations, hence Phi(0.354) = 0.638; it varies by some 9 %.
    moments = {**gaussian(0, [0.0] * 64), **gaussian(1, [0.0] * 64)}

    assert measured(moments).floor == pytest.approx(NormalDist().cdf(0.354), abs=0.04)


def test_the_same_features_in_both_domains_come_out_near_the_floor() -> None:
    images = np.random.default_rng(3).standard_normal((2, 256, 64))
    moments: Parameters = {}
    for domain, z in enumerate(images):
        moments[f"moments.{domain}.mean"] = z.mean(axis=0).astype(np.float32)
        moments[f"moments.{domain}.covariance"] = np.cov(z.T).astype(np.float32)

    leakage = measured(moments)

    assert leakage.balanced_accuracy == pytest.approx(leakage.floor, abs=0.06)


def test_features_that_never_change_and_differ_give_the_domain_away() -> None:
    assert measured({**gaussian(0, [0], 0), **gaussian(1, [1], 0)}).balanced_accuracy == 1.0


def test_dead_features_tell_nothing() -> None:
    leakage = measured({**gaussian(0, [0, 0], 0), **gaussian(1, [0, 0], 0)})

    assert leakage.balanced_accuracy == leakage.chance == 0.5


def test_a_covariance_that_rounding_left_a_little_below_zero_is_no_obstacle() -> None:
    # As far below as an update may be: see parameters.check_moments.
    moments = {**gaussian(0, [0, 0], 1e-6), **gaussian(1, [1, 0], 1e-6)}
    moments["moments.0.covariance"][1, 1] = -1e-4

    assert measured(moments).balanced_accuracy == 1.0


def test_covariances_of_fewer_images_than_features_are_no_obstacle() -> None:
    images = np.random.default_rng(4).standard_normal((2, 20, 64)).astype(np.float32)
    moments: Parameters = {}
    for domain, z in enumerate(images):
        moments[f"moments.{domain}.mean"] = z.mean(axis=0)
        moments[f"moments.{domain}.covariance"] = np.cov(z.T).astype(np.float32)

    assert 0.5 <= measured(moments).balanced_accuracy <= 1


def test_the_same_moments_give_the_same_figures_whatever_their_order() -> None:
    moments = {**gaussian(0, [0, 0]), **gaussian(1, [1, 0]), **gaussian(2, [0, 1])}

    assert measured(moments) == measured(dict(reversed(moments.items())))


def test_figures_survive_json() -> None:
    leakage = measured({**gaussian(0, [0]), **gaussian(1, [1])})

    assert Leakage.model_validate(leakage.model_dump(mode="json")) == leakage


def test_features_of_different_extractors_are_not_compared() -> None:
    alike = {**gaussian(0, [0.0, 0.0]), **gaussian(1, [0.0, 0.0])}
    apart = {**gaussian(2, [0.0, 9.0]), **gaussian(3, [9.0, 0.0])}
    by_extractor = [dict.fromkeys(m, HeldArrays(m)) for m in (alike, apart)]
    leakage = measure_leakage(by_extractor, 1)
    assert leakage is not None
    assert leakage.chance == 0.5
    assert leakage.balanced_accuracy == pytest.approx((0.5 + 1) / 2, abs=0.02)
    assert leakage.by_domain.keys() == {0, 1, 2, 3}
    single = [dict.fromkeys(m, HeldArrays(m)) for m in (gaussian(0, [0.0]), gaussian(1, [9.0]))]
    assert measure_leakage(single, 1) is None
