"""Whose update counts in a round's average, in which groups, and for how long."""

import random
from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coordinator.method.arrays import HeldArrays
from coordinator.method.averaging import WEIGHTED_MEAN, Contribution, average
from coordinator.method.weighting import SentUpdate, believed_counts, contributions
from coordinator.parameters import Parameters
from coordinator.study import RoundPlan

PLAN = RoundPlan()

WEIGHT = "feature_extractor.weight"
LESION = "lesion_classifier.weight"
DOMAIN = "domain_classifier.weight"
EXTRACTOR = "small_cnn"


def sent(
    site_id: str,
    round_number: int,
    value: float,
    sample_count: int = 1,
    domain_count: int = 1,
    extractor: str = EXTRACTOR,
) -> SentUpdate:
    whole = {name: np.array([value], np.float32) for name in (DOMAIN, WEIGHT, LESION)}
    return SentUpdate(
        site_id=site_id,
        round_number=round_number,
        sample_count=sample_count,
        extractor=extractor,
        domain_indices=tuple(range(domain_count)),
        open_arrays=lambda: HeldArrays(whole),
    )


def averaged(counting: Iterable[Contribution]) -> Parameters:
    base = {name: np.zeros(1, np.float32) for name in (DOMAIN, WEIGHT, LESION)}
    return average(counting, HeldArrays(base), WEIGHTED_MEAN)


def bits(parameters: Parameters) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in parameters.items()}


def test_newest_update_of_each_site_counts_whole_or_in_the_domain_classifier_only() -> None:
    recent = [
        sent("a", 2, 3.0, sample_count=30, domain_count=1),
        sent("a", 1, 99.0),
        sent("b", 2, 7.0, sample_count=10, domain_count=2),
        sent("c", 1, 11.0, domain_count=1),
    ]
    mean = averaged(contributions(recent, 2, frozenset("ab"), PLAN, EXTRACTOR))
    # (30*3 + 10*7) / 40 = 4, and by domains (1*3 + 2*7 + 1*11) / 4 = 7.
    assert {name: array.tolist() for name, array in mean.items()} == {
        WEIGHT: [4.0],
        LESION: [4.0],
        DOMAIN: [7.0],
    }


def test_absent_site_counts_for_ten_rounds() -> None:
    recent = [sent("a", 1, 2.0), sent("b", 11, 4.0), sent("b", 12, 4.0)]
    assert averaged(contributions(recent, 11, frozenset("b"), PLAN, EXTRACTOR))[
        DOMAIN
    ].tolist() == [3.0]
    assert averaged(contributions(recent, 12, frozenset("b"), PLAN, EXTRACTOR))[
        DOMAIN
    ].tolist() == [4.0]


def test_update_of_this_round_from_a_site_that_is_not_waited_for_counts_as_kept() -> None:
    mean = averaged(
        contributions([sent("a", 1, 2.0), sent("b", 1, 4.0)], 1, frozenset("a"), PLAN, EXTRACTOR)
    )
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
    assert bits(averaged(contributions(recent, 14, present, PLAN, EXTRACTOR))) == bits(
        averaged(contributions(shuffled, 14, present, PLAN, EXTRACTOR))
    )


def test_site_counts_for_as_many_images_as_it_says_up_to_what_is_believed() -> None:
    said = {"a": 20, "b": 100_000, "c": 100_000_000}
    assert believed_counts(said, PLAN) == {"a": 20.0, "b": 100_000.0, "c": 100_000.0}
    assert believed_counts(said, RoundPlan(largest_sample_count=50)) == {
        "a": 20.0,
        "b": 50.0,
        "c": 50.0,
    }


def test_no_site_has_more_than_its_share_of_the_weight() -> None:
    # 30 + 30 are left beside it: with 60 it has half of 120.
    half = RoundPlan(largest_share=0.5)
    assert believed_counts({"a": 30, "b": 90_000, "c": 30}, half) == {
        "a": 30.0,
        "b": 60.0,
        "c": 30.0,
    }
    # Two of them are cut to x each: x = 0.375 (2x + 10 + 10), so x = 30.
    assert believed_counts(
        {"a": 900, "b": 800, "c": 10, "d": 10}, RoundPlan(largest_share=0.375)
    ) == {"a": 30.0, "b": 30.0, "c": 10.0, "d": 10.0}


def test_share_that_so_few_sites_cannot_hold_makes_them_alike() -> None:
    third = RoundPlan(largest_share=0.3)
    assert believed_counts({"a": 5, "b": 80, "c": 7}, third) == dict.fromkeys("abc", 5.0)
    assert believed_counts({"a": 5, "b": 80}, RoundPlan(largest_share=0.5)) == {"a": 5.0, "b": 5.0}
    assert believed_counts({}, third) == {}


@given(
    st.dictionaries(st.text(max_size=3), st.integers(1, 10**8), min_size=1, max_size=9),
    st.floats(0.05, 1),
)
def test_share_holds_wherever_it_can_and_the_small_are_never_cut_below_the_large(
    said: dict[str, int], share: float
) -> None:
    counts = believed_counts(said, RoundPlan(largest_share=share))
    # Rounding: a few units in the last place of a sum of nine.
    held = max(share, 1 / len(said)) * sum(counts.values()) * (1 + 1e-12)
    assert max(counts.values()) <= held
    assert all(0 < counts[site] <= said[site] for site in said)


def test_lie_about_images_moves_the_average_no_farther_than_it_is_believed() -> None:
    honest, liar = sent("a", 1, 0.0, sample_count=300), sent("b", 1, 1.0, sample_count=10**8)
    plan = RoundPlan(largest_sample_count=900)
    mean = averaged(contributions([honest, liar], 1, frozenset("ab"), plan, EXTRACTOR))
    assert (mean[WEIGHT].tolist(), mean[LESION].tolist()) == ([0.75], [0.75])


def test_feature_extractors_count_among_their_like_and_classifiers_among_all() -> None:
    recent = [
        sent("a", 1, 1.0, sample_count=10),
        sent("b", 1, 4.0, sample_count=30),
        sent("c", 1, 9.0, sample_count=40, extractor="resnet18"),
    ]
    present = frozenset("abc")
    small = averaged(contributions(recent, 1, present, PLAN, EXTRACTOR))
    large = averaged(contributions(recent, 1, present, PLAN, "resnet18"))
    assert small[WEIGHT].tolist() == [(10 * 1 + 30 * 4) / 40]
    assert large[WEIGHT].tolist() == [9.0]
    assert small[LESION].tolist() == large[LESION].tolist() == [(10 * 1 + 30 * 4 + 40 * 9) / 80]
    assert bits(small)[DOMAIN] == bits(large)[DOMAIN]


def test_the_largest_share_holds_among_extractors_of_a_kind_too() -> None:
    recent = [
        sent("a", 1, 0.0, sample_count=10),
        sent("b", 1, 1.0, sample_count=990),
        sent("c", 1, 1.0, sample_count=1000, extractor="resnet18"),
    ]
    plan = RoundPlan(largest_share=0.5)
    mean = averaged(contributions(recent, 1, frozenset("abc"), plan, EXTRACTOR))
    assert mean[WEIGHT].tolist() == [0.5]
