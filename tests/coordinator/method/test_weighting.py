"""Whose update counts in a round's average, in which groups, and for how long."""

import random
from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coordinator.method.arrays import HeldArrays
from coordinator.method.averaging import WEIGHTED_MEAN, Contribution, average
from coordinator.method.weighting import SentUpdate, contributions
from coordinator.parameters import Parameters

WEIGHT = "feature_extractor.weight"
LESION = "lesion_classifier.weight"
DOMAIN = "domain_classifier.weight"


def sent(
    site_id: str, round_number: int, value: float, sample_count: int = 1, domain_count: int = 1
) -> SentUpdate:
    whole = {name: np.array([value], np.float32) for name in (DOMAIN, WEIGHT, LESION)}
    return SentUpdate(
        site_id=site_id,
        round_number=round_number,
        sample_count=sample_count,
        domain_indices=tuple(range(domain_count)),
        open_arrays=lambda: HeldArrays(whole),
    )


def averaged(counting: Iterable[Contribution]) -> Parameters:
    return average(counting, dict.fromkeys((DOMAIN, WEIGHT, LESION), (1,)), WEIGHTED_MEAN)


def bits(parameters: Parameters) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in parameters.items()}


def test_newest_update_of_each_site_counts_whole_or_in_the_domain_classifier_only() -> None:
    recent = [
        sent("a", 2, 3.0, sample_count=30, domain_count=1),
        sent("a", 1, 99.0),
        sent("b", 2, 7.0, sample_count=10, domain_count=2),
        sent("c", 1, 11.0, domain_count=1),
    ]
    mean = averaged(contributions(recent, 2, frozenset("ab")))
    # (30*3 + 10*7) / 40 = 4, and by domains (1*3 + 2*7 + 1*11) / 4 = 7.
    assert {name: array.tolist() for name, array in mean.items()} == {
        WEIGHT: [4.0],
        LESION: [4.0],
        DOMAIN: [7.0],
    }


def test_absent_site_counts_for_ten_rounds() -> None:
    recent = [sent("a", 1, 2.0), sent("b", 11, 4.0), sent("b", 12, 4.0)]
    assert averaged(contributions(recent, 11, frozenset("b")))[DOMAIN].tolist() == [3.0]
    assert averaged(contributions(recent, 12, frozenset("b")))[DOMAIN].tolist() == [4.0]


def test_update_of_this_round_from_a_site_that_is_not_waited_for_counts_as_kept() -> None:
    mean = averaged(contributions([sent("a", 1, 2.0), sent("b", 1, 4.0)], 1, frozenset("a")))
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
    assert bits(averaged(contributions(recent, 14, present))) == bits(
        averaged(contributions(shuffled, 14, present))
    )
