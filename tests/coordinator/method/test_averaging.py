"""The blocks of a model are combined alike, whoever sent first and however large they are."""

import itertools
import random
from collections.abc import Iterable
from contextlib import closing
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.errors import ParameterMismatchError
from coordinator.method import averaging
from coordinator.method.arrays import HeldArrays, Values, gathered
from coordinator.method.averaging import (
    WEIGHTED_MEAN,
    Contribution,
    Rule,
    averaged_values,
    mean_with,
    median,
    rule_of,
    trimmed_mean,
)
from coordinator.method.weighting import kept_weights, round_weights
from coordinator.parameters import Group, Manifest, Parameters
from coordinator.study import RoundPlan

WEIGHT = "feature_extractor.weight"
LESION = "lesion_classifier.weight"
DOMAIN = "domain_classifier.weight"
EQUAL = dict.fromkeys(Group, 1.0)
SHAPES: Manifest = {DOMAIN: (1,), WEIGHT: (1,), LESION: (1,)}


def model(extractor: float, lesion: float, domain: float) -> Parameters:
    return {
        WEIGHT: np.array([extractor], np.float32),
        LESION: np.array([lesion], np.float32),
        DOMAIN: np.array([domain], np.float32),
    }


def bits(parameters: Parameters) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in parameters.items()}


def contribution(site_id: str, weights: dict[Group, float], parameters: Parameters) -> Contribution:
    return Contribution(site_id, weights, HeldArrays(parameters))


def average(
    contributions: Iterable[Contribution], shapes: Manifest = SHAPES, rule: Rule = WEIGHTED_MEAN
) -> Parameters:
    base = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    return averaging.average(contributions, HeldArrays(base), rule)


def alike(values: Iterable[float]) -> list[Contribution]:
    """A contribution per value, all of whose parameters are that value."""
    return [
        contribution(f"site-{number:03}", EQUAL, model(value, value, value))
        for number, value in enumerate(values)
    ]


def mean_of_rounds(*rounds: Parameters) -> Parameters:
    *earlier, newest = map(HeldArrays, rounds)
    return gathered(newest.shapes, mean_with(earlier, [newest.values(0, 3)]))


def test_groups_are_averaged_each_with_its_own_weight() -> None:
    # Samples 30 and 10, domains 1 and 3: by hand (30*1 + 10*5)/40 = 2 and (1*1 + 3*5)/4 = 4.
    mean = average(
        [
            contribution("a", round_weights(30, 1), model(1, 1, 1)),
            contribution("b", round_weights(10, 3), model(5, 5, 5)),
        ]
    )
    assert mean[WEIGHT].tolist() == [2.0]
    assert mean[LESION].tolist() == [2.0]
    assert mean[DOMAIN].tolist() == [4.0]


def test_kept_contribution_counts_in_the_domain_classifier_only() -> None:
    mean = average(
        [
            contribution("a", kept_weights(1), {DOMAIN: np.array([9.0], np.float32)}),
            contribution("b", round_weights(10, 2), model(1, 2, 3)),
        ]
    )
    assert mean[WEIGHT].tolist() == [1.0]
    assert mean[LESION].tolist() == [2.0]
    assert mean[DOMAIN].tolist() == [5.0]  # (1*9 + 2*3) / 3


def test_sum_is_kept_in_more_than_float32() -> None:
    # By hand (2**24 + 1 + 1) / 3 = 5592406; in float32 2**24 + 1 is 2**24 and the mean 5592405.5.
    mean = average(alike([2.0**24, 1.0, 1.0]))
    assert mean[WEIGHT].tolist() == [5592406.0]
    assert mean[WEIGHT].dtype == np.float32


def test_large_values_do_not_overflow_on_the_way() -> None:
    largest = float(np.finfo(np.float32).max)
    weights = dict.fromkeys(Group, 1e8)
    whole = model(largest, largest, largest)
    assert average([contribution(s, weights, whole) for s in "ab"])[WEIGHT][0] == largest


@given(
    values=st.lists(
        st.tuples(
            st.floats(-(2.0**100), 2.0**100, width=32), st.integers(1, 100_000), st.integers(1, 40)
        ),
        min_size=1,
        max_size=8,
    ),
    order=st.randoms(use_true_random=False),
    name=st.sampled_from(["mean", "trimmed_mean", "median"]),
)
def test_order_of_arrival_cannot_change_a_bit(
    values: list[tuple[float, int, int]], order: random.Random, name: str
) -> None:
    rule = rule_of(RoundPlan.model_validate({"average": name}))
    arrived = [
        contribution(f"site-{number}", round_weights(samples, domains), model(v, v / 3, v / 7))
        for number, (v, samples, domains) in enumerate(values)
    ]
    shuffled = arrived.copy()
    order.shuffle(shuffled)
    assert bits(average(arrived, rule=rule)) == bits(average(shuffled, rule=rule))


def test_order_of_arrival_cannot_change_a_bit_where_order_of_addition_would() -> None:
    # In float64 (1e16 + 1) - 1e16 is 0, but (1e16 - 1e16) + 1 is 1.
    results = {
        average(order)[WEIGHT].tobytes()
        for order in itertools.permutations(alike([1e16, 1.0, -1e16]))
    }
    assert len(results) == 1


@pytest.mark.parametrize("name", ["mean", "trimmed_mean", "median"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_size_of_the_blocks_cannot_change_a_bit(
    name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    shapes = {DOMAIN: (3, 5), WEIGHT: (40, 9), LESION: (2,)}
    sites = [
        contribution(
            f"site-{number}",
            round_weights(number + 1, 1),
            {n: generator.standard_normal(shape, np.float32) for n, shape in shapes.items()},
        )
        for number in range(5)
    ]
    rule = rule_of(RoundPlan.model_validate({"average": name}))
    whole = average(sites, shapes, rule)
    monkeypatch.setattr(Rule, "block_size", lambda _self, _count: size)
    assert bits(average(sites, shapes, rule)) == bits(whole)


def test_few_values_are_read_at_a_time_however_many_sites_there_are() -> None:
    longest: list[int] = []

    class Endless:
        """A model of twenty million values that only says what was asked of it."""

        shapes: Manifest = {DOMAIN: (1,), WEIGHT: (20_000_000,), LESION: (1,)}  # noqa: RUF012  read only

        def values(self, start: int, stop: int) -> Values:
            longest.append(stop - start)
            return np.ones(stop - start, np.float32)

        def array(self, name: str) -> Values:
            raise AssertionError(name)

    for rule in (WEIGHTED_MEAN, Rule(median)):
        sites = [Contribution(f"site-{number}", EQUAL, Endless()) for number in range(1000)]
        with closing(averaged_values(sites, Endless(), rule)) as values:
            assert [next(values)[0] for _ in range(2)] == [1.0, 1.0]
        held = max(longest) * (1000 if rule.needs_all else 1)
        assert held <= 1 << 20  # 4 MiB
        longest.clear()


def test_a_group_that_nobody_adds_to_stays_as_it_was() -> None:
    only_lesion = contribution("a", {Group.LESION_CLASSIFIER: 1.0}, model(5, 6, 7))
    mean = averaging.average([only_lesion], HeldArrays(model(1, 2, 3)), Rule(median))
    assert (mean[WEIGHT][0], mean[LESION][0], mean[DOMAIN][0]) == (1, 6, 3)


@pytest.mark.parametrize(
    "other", [{WEIGHT: np.zeros((1, 2), np.float32)}, {}], ids=["larger", "missing"]
)
def test_parameters_of_another_model_are_refused(other: Parameters) -> None:
    sites = [
        *alike([1.0]),
        contribution(
            "other", EQUAL, model(1, 1, 1) | {WEIGHT: other.get(WEIGHT, np.zeros(0, np.float32))}
        ),
    ]
    with pytest.raises(ParameterMismatchError, match="feature_extractor of site other has"):
        average(sites)


def test_trimmed_mean_leaves_out_the_share_at_each_end() -> None:
    # Of ten sites a share of 0.2 leaves out two at each end: by hand (3+4+5+6+7+8) / 6 = 5.5.
    values = [1e30, 3, 7, -1e30, 5, 4, 8, 6, 2, 9]
    rule = Rule(partial(trimmed_mean, share=0.2))
    assert average(alike(values), rule=rule)[WEIGHT].tolist() == [5.5]


def test_share_that_is_a_whole_number_of_sites_leaves_out_no_more() -> None:
    # 0.14 of 50 sites are 7, although 0.14 * 50 is a little more in binary: 0 and 35 twos remain.
    values = [-1e6] * 7 + [0.0] + [2.0] * 35 + [1e6] * 7
    mean = average(alike(values), rule=Rule(partial(trimmed_mean, share=0.14)))
    assert mean[WEIGHT].tolist() == pytest.approx([70 / 36])


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1], 1), ([1, 2], 1.5), ([1, 2, 1e30], 2), ([1, 2, 4, 1e30], 3), ([0, 1, 2, 3, 1e30], 2)],
)
def test_trimmed_mean_of_few_sites_leaves_out_one_at_each_end_if_any_remain(
    values: list[float], expected: float
) -> None:
    rule = Rule(partial(trimmed_mean, share=0.1))
    assert average(alike(values), rule=rule)[WEIGHT].tolist() == [expected]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([5], 5), ([1, 2], 1.5), ([9, 1, 2], 2), ([1e30, 1, 2, 4], 3), ([5, 4, 3, 2, -1e30], 3)],
)
def test_median_is_the_value_in_the_middle(values: list[float], expected: float) -> None:
    assert average(alike(values), rule=Rule(median))[WEIGHT].tolist() == [expected]


@given(
    values=st.lists(
        st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9
    )
)
def test_median_is_numpys(values: list[float]) -> None:
    expected = np.float32(np.median(np.array(values, np.float64)))
    assert average(alike(values), rule=Rule(median))[WEIGHT].tolist() == [expected]


def test_robust_rules_do_not_believe_sample_counts() -> None:
    weights = (round_weights(1, 1), round_weights(1, 1), round_weights(10**8, 1))
    sites = [
        contribution(f"site-{n}", weights[n], model(value, value, value))
        for n, value in enumerate((1.0, 2.0, 900.0))
    ]
    assert average(sites, rule=Rule(median))[WEIGHT].tolist() == [2.0]


def test_mean_of_rounds_counts_each_round_equally_in_every_group() -> None:
    mean = mean_of_rounds(model(1, 2, 3), model(3, 2, 5), model(5, 5, 10))
    assert {name: array.tolist() for name, array in mean.items()} == {
        WEIGHT: [3.0],
        LESION: [3.0],
        DOMAIN: [6.0],
    }


def test_mean_of_rounds_is_rounded_once() -> None:
    # By hand (2**24 + 1 + 1) / 3 = 5592406; in float32 the sum would lose both ones.
    mean = mean_of_rounds(model(2.0**24, 0, 0), model(1, 0, 0), model(1, 0, 0))
    assert mean[WEIGHT].tolist() == [5592406.0]
    assert mean[WEIGHT].dtype == np.float32


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_mean_of_one_round_or_of_equal_rounds_is_that_round(value: float) -> None:
    one = model(value, value, value)
    assert bits(mean_of_rounds(one)) == bits(one)
    assert bits(mean_of_rounds(one, one)) == bits(one)
