import random
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from coordinator.method.arrays import Arrays, HeldArrays
from coordinator.method.statistics import newest_statistics
from coordinator.method.weighting import SentUpdate
from coordinator.parameters import Parameters
from tests.coordinator.conftest import tiny_moments, tiny_parameters, tiny_styles

OWN = "small_cnn"


def unwanted() -> Arrays:
    raise AssertionError("nobody needs this")


def sent(
    site_id: str,
    round_number: int,
    domain_indices: tuple[int, ...],
    statistics: Parameters,
    open_arrays: Callable[[], Arrays] | None = None,
    extractor: str = OWN,
) -> SentUpdate:
    return SentUpdate(
        site_id=site_id,
        round_number=round_number,
        sample_count=1,
        extractor=extractor,
        domain_indices=domain_indices,
        open_arrays=open_arrays or (lambda: HeldArrays({**tiny_parameters(), **statistics})),
    )


def level_of(statistics: dict[str, Arrays]) -> dict[str, float]:
    """The value that each mean and each style was filled with."""
    return {
        name: float(arrays.array(name).ravel()[0])
        for name, arrays in statistics.items()
        if not name.endswith("covariance")
    }


def test_newest_moments_and_styles_of_each_domain_are_returned_and_nothing_else() -> None:
    older = sent("a", 1, (0,), {**tiny_moments([0], 1.0), **tiny_styles([0], 1.0)})
    newer = sent("a", 2, (0,), {**tiny_moments([0], 2.0), **tiny_styles([0], 2.0)})
    other = sent("b", 1, (3,), {**tiny_moments([3], 4.0)})
    statistics = newest_statistics([older, newer, other], 2, moments_per_domain=1, extractor=OWN)
    assert level_of(statistics) == {"moments.0.mean": 2.0, "styles.0": 2.0, "moments.3.mean": 4.0}
    assert statistics.keys() - level_of(statistics) == {
        "moments.0.covariance",
        "moments.3.covariance",
    }


def test_statistics_count_for_ten_rounds() -> None:
    update = sent("a", 1, (0,), tiny_moments([0]))
    assert newest_statistics([update], 11, moments_per_domain=1, extractor=OWN)
    assert not newest_statistics([update], 12, moments_per_domain=1, extractor=OWN)


def test_update_of_a_round_to_come_does_not_count() -> None:
    updates = [sent("a", 3, (0,), tiny_moments([0], 3.0)), sent("a", 2, (0,), tiny_moments([0]))]
    assert level_of(newest_statistics(updates, 2, moments_per_domain=1, extractor=OWN)) == {
        "moments.0.mean": 0.5
    }


def test_newest_update_decides_all_lesion_classes_of_a_domain() -> None:
    # With two classes domain 3 has the indices 6 and 7, and domain 4 has 8 and 9.
    older = sent("a", 1, (3, 4), tiny_moments([6, 7, 8, 9], 1.0))
    newer = sent("a", 2, (3,), tiny_moments([7], 2.0))
    statistics = newest_statistics([older, newer], 2, moments_per_domain=2, extractor=OWN)
    assert level_of(statistics) == {
        "moments.7.mean": 2.0,
        "moments.8.mean": 1.0,
        "moments.9.mean": 1.0,
    }


def test_styles_go_by_domain_even_where_moments_go_by_lesion_class() -> None:
    update = sent("a", 1, (3,), {**tiny_moments([6, 7], 1.0), **tiny_styles([3], 2.0)})
    statistics = newest_statistics([update], 1, moments_per_domain=2, extractor=OWN)
    assert level_of(statistics) == {"moments.6.mean": 1.0, "moments.7.mean": 1.0, "styles.3": 2.0}


def test_site_that_stops_sharing_is_forgotten_at_once() -> None:
    older = sent("a", 1, (0,), {**tiny_moments([0]), **tiny_styles([0])})
    assert (
        newest_statistics([older, sent("a", 2, (0,), {})], 2, moments_per_domain=1, extractor=OWN)
        == {}
    )


def test_of_equally_new_updates_the_lowest_site_decides() -> None:
    updates = [sent("b", 1, (0,), tiny_moments([0], 2.0)), sent("a", 1, (0,), tiny_moments([0]))]
    assert level_of(newest_statistics(updates, 1, moments_per_domain=1, extractor=OWN)) == {
        "moments.0.mean": 0.5
    }


def test_what_is_superseded_is_not_even_opened() -> None:
    newer = sent("a", 2, (0,), {})
    newest_statistics([sent("a", 1, (0,), {}, open_arrays=unwanted), newer], 2, 1, OWN)


def test_moments_of_another_extractor_stay_out_and_styles_come_along() -> None:
    own = sent("a", 1, (0,), {**tiny_moments([0], 0.5), **tiny_styles([0], 0.5)})
    of_others = {**tiny_moments([1], 2.0), **tiny_styles([1], 2.0)}
    other = sent("b", 1, (1,), of_others, extractor="resnet18")
    statistics = newest_statistics([own, other], 1, moments_per_domain=1, extractor=OWN)
    assert level_of(statistics) == {"moments.0.mean": 0.5, "styles.0": 0.5, "styles.1": 2.0}


@given(
    rounds=st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 15)), unique=True, min_size=1, max_size=20
    ),
    order=st.randoms(use_true_random=False),
)
def test_order_of_the_updates_changes_nothing(
    rounds: list[tuple[int, int]], order: random.Random
) -> None:
    updates = [
        sent(f"site-{site}", number, (site,), tiny_styles([site], float(number)))
        for site, number in rounds
    ]
    expected = newest_statistics(updates, 15, moments_per_domain=1, extractor=OWN)
    # The newest number of each site, if it is not older than round 5.
    newest = {site: max(n for s, n in rounds if s == site) for site, _ in rounds}
    assert level_of(expected) == {f"styles.{s}": float(n) for s, n in newest.items() if n >= 5}
    order.shuffle(updates)
    actual = newest_statistics(updates, 15, moments_per_domain=1, extractor=OWN)
    assert actual.keys() == expected.keys()
    assert level_of(actual) == level_of(expected)
