import itertools
import random
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.averaging import (
    Contribution,
    GroupedMean,
    SentUpdate,
    average,
    contributions,
    kept_arrays,
    kept_weights,
    mean_of_rounds,
    round_weights,
)
from coordinator.errors import ParameterMismatchError
from coordinator.parameters import Group, Parameters
from tests.coordinator.conftest import tiny_moments, tiny_styles

WEIGHT = "feature_extractor.weight"
LESION = "lesion_classifier.weight"
DOMAIN = "domain_classifier.weight"


def model(extractor: float, lesion: float, domain: float) -> Parameters:
    return {
        WEIGHT: np.array([extractor], np.float32),
        LESION: np.array([lesion], np.float32),
        DOMAIN: np.array([domain], np.float32),
    }


def sent(
    site_id: str, round_number: int, value: float, sample_count: int = 1, domain_count: int = 1
) -> SentUpdate:
    whole = model(value, value, value)
    return SentUpdate(
        site_id=site_id,
        round_number=round_number,
        sample_count=sample_count,
        domain_indices=tuple(range(domain_count)),
        load=lambda: whole,
        load_kept=lambda: kept_arrays({**whole, **tiny_moments([0]), **tiny_styles([0])}),
    )


def bits(parameters: Parameters) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in parameters.items()}


def contribution(site_id: str, weights: dict[Group, float], parameters: Parameters) -> Contribution:
    return Contribution(site_id, weights, lambda: parameters)


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
    values = {"a": 2.0**24, "b": 1.0, "c": 1.0}
    weights = {Group.FEATURE_EXTRACTOR: 1.0}
    mean = average(
        contribution(site_id, weights, {WEIGHT: np.array([value], np.float32)})
        for site_id, value in values.items()
    )
    assert mean[WEIGHT].tolist() == [5592406.0]
    assert mean[WEIGHT].dtype == np.float32


def test_large_values_do_not_overflow_on_the_way() -> None:
    largest = np.finfo(np.float32).max
    parameters = {WEIGHT: np.array([largest], np.float32)}
    mean = average([contribution(s, {Group.FEATURE_EXTRACTOR: 1e8}, parameters) for s in "ab"])
    assert mean[WEIGHT][0] == largest


@given(
    values=st.lists(
        st.tuples(
            st.floats(-(2.0**100), 2.0**100, width=32), st.integers(1, 100_000), st.integers(1, 40)
        ),
        min_size=1,
        max_size=8,
    ),
    order=st.randoms(use_true_random=False),
)
def test_order_of_arrival_cannot_change_a_bit(
    values: list[tuple[float, int, int]], order: random.Random
) -> None:
    arrived = [
        contribution(f"site-{number}", round_weights(samples, domains), model(v, v / 3, v / 7))
        for number, (v, samples, domains) in enumerate(values)
    ]
    shuffled = arrived.copy()
    order.shuffle(shuffled)
    assert bits(average(arrived)) == bits(average(shuffled))


def test_order_of_arrival_cannot_change_a_bit_where_order_of_addition_would() -> None:
    # In float64 (1e16 + 1) - 1e16 is 0, but (1e16 - 1e16) + 1 is 1.
    values = {"a": 1e16, "b": 1.0, "c": -1e16}
    weights = {Group.FEATURE_EXTRACTOR: 1.0}
    results = {
        average(
            contribution(site_id, weights, {WEIGHT: np.array([values[site_id]], np.float32)})
            for site_id in order
        )[WEIGHT].tobytes()
        for order in itertools.permutations(values)
    }
    assert len(results) == 1


def test_memory_does_not_depend_on_the_number_of_sites() -> None:
    size = 1 << 18

    def fresh(value: float) -> Contribution:
        return Contribution(
            f"site-{value}",
            {Group.FEATURE_EXTRACTOR: 1.0},
            lambda: {WEIGHT: np.full(size, value, np.float32)},
        )

    def peak_of(site_count: int) -> int:
        tracemalloc.start()
        average(fresh(float(number)) for number in range(site_count))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    # One more model per site would be 1 MiB each; allow a tenth of one for bookkeeping.
    assert peak_of(32) - peak_of(2) < size * 4 / 10


@pytest.mark.parametrize(
    "other",
    [
        {WEIGHT: np.zeros((1, 1), np.float32)},
        {},
        {WEIGHT: np.zeros(1, np.float32), "feature_extractor.bias": np.zeros(1, np.float32)},
    ],
    ids=["another shape", "missing", "extra"],
)
def test_parameters_that_differ_between_sites_are_refused_by_name(other: Parameters) -> None:
    mean = GroupedMean()
    weights = {Group.FEATURE_EXTRACTOR: 1.0}
    mean.add({WEIGHT: np.ones(1, np.float32)}, weights)
    with pytest.raises(ParameterMismatchError, match=r"feature_extractor\.(weight|bias)"):
        mean.add(other, weights)
    assert mean.result()[WEIGHT].tolist() == [1.0]


def test_newest_update_of_each_site_counts_whole_or_in_the_domain_classifier_only() -> None:
    recent = [
        sent("a", 2, 3.0, sample_count=30, domain_count=1),
        sent("a", 1, 99.0),
        sent("b", 2, 7.0, sample_count=10, domain_count=2),
        sent("c", 1, 11.0, domain_count=1),
    ]
    mean = average(contributions(recent, 2, frozenset("ab")))
    # (30*3 + 10*7) / 40 = 4, and by domains (1*3 + 2*7 + 1*11) / 4 = 7.
    assert {name: array.tolist() for name, array in mean.items()} == {
        WEIGHT: [4.0],
        LESION: [4.0],
        DOMAIN: [7.0],
    }


def test_absent_site_counts_for_ten_rounds() -> None:
    recent = [sent("a", 1, 2.0), sent("b", 11, 4.0), sent("b", 12, 4.0)]
    assert average(contributions(recent, 11, frozenset("b")))[DOMAIN].tolist() == [3.0]
    assert average(contributions(recent, 12, frozenset("b")))[DOMAIN].tolist() == [4.0]


def test_update_of_this_round_from_a_site_that_is_not_waited_for_counts_as_kept() -> None:
    mean = average(contributions([sent("a", 1, 2.0), sent("b", 1, 4.0)], 1, frozenset("a")))
    assert (mean[WEIGHT].tolist(), mean[DOMAIN].tolist()) == ([2.0], [3.0])


@given(
    updates=st.lists(
        st.tuples(st.integers(0, 4), st.integers(1, 14), st.floats(-1e6, 1e6, width=32)),
        unique_by=lambda update: update[:2],
        max_size=20,
    ),
    order=st.randoms(use_true_random=False),
)
def test_order_of_the_updates_cannot_change_a_bit(
    updates: list[tuple[int, int, float]], order: random.Random
) -> None:
    recent = [sent(f"site-{site}", number, value, site + 1) for site, number, value in updates]
    recent.append(sent("present", 14, 1 / 3))
    present = frozenset(update.site_id for update in recent if update.round_number == 14)
    shuffled = recent.copy()
    order.shuffle(shuffled)
    assert bits(average(contributions(recent, 14, present))) == bits(
        average(contributions(shuffled, 14, present))
    )


def test_what_outlives_a_round_is_the_domain_classifier_and_the_statistics() -> None:
    arrays = {**model(1, 2, 3), **tiny_moments([0]), **tiny_styles([0])}
    assert kept_arrays(arrays).keys() == arrays.keys() - {WEIGHT, LESION}


def test_mean_of_rounds_counts_each_round_equally_in_every_group() -> None:
    mean = mean_of_rounds([model(1, 2, 3), model(3, 2, 5), model(5, 5, 10)])
    assert {name: array.tolist() for name, array in mean.items()} == {
        WEIGHT: [3.0],
        LESION: [3.0],
        DOMAIN: [6.0],
    }


def test_mean_of_rounds_is_rounded_once() -> None:
    # By hand (2**24 + 1 + 1) / 3 = 5592406; in float32 the sum would lose both ones.
    mean = mean_of_rounds([model(2.0**24, 0, 0), model(1, 0, 0), model(1, 0, 0)])
    assert mean[WEIGHT].tolist() == [5592406.0]
    assert mean[WEIGHT].dtype == np.float32


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_mean_of_one_round_or_of_equal_rounds_is_that_round(value: float) -> None:
    one = model(value, value, value)
    assert bits(mean_of_rounds([one])) == bits(one)
    assert bits(mean_of_rounds([one, one])) == bits(one)


def test_rounds_of_different_models_have_no_mean() -> None:
    fewer = {n: a for n, a in model(1, 1, 1).items() if n != WEIGHT}
    with pytest.raises(ParameterMismatchError, match=r"'feature_extractor\.weight' is not in"):
        mean_of_rounds([model(1, 1, 1), fewer])
