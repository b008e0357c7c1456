import json
from collections import Counter
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.method.selection import Draw, Pick, draw_of, pick_count, pick_sites
from coordinator.study import RoundPlan

FRACTIONS = st.floats(min_value=0.1, max_value=0.5)


def site_names(count: int) -> list[str]:
    return [f"site-{number:03}" for number in range(count)]


def pick(
    seen: Collection[str],
    marked: Collection[str] = (),
    fraction: float = 0.5,
    seed: int = 0,
    round_number: int = 1,
    carried: Collection[str] = (),
) -> Pick:
    plan = RoundPlan(fraction=fraction, seed=seed)
    return pick_sites(draw_of(plan, round_number, seen, marked, carried))


@pytest.mark.parametrize(
    ("seen_count", "fraction", "count"),
    [
        (2, 0.5, 2),
        (3, 0.1, 2),
        (4, 0.1, 2),
        (4, 0.5, 2),
        (5, 0.5, 2),  # floor(0.5 * 5)
        (10, 0.3, 3),
        (20, 0.1, 2),
        (21, 0.1, 3),  # ceil(0.1 * 21)
        (100, 0.1, 10),
        (100, 0.5, 50),
    ],
)
def test_count_is_the_fraction_within_ten_and_fifty_percent(
    seen_count: int, fraction: float, count: int
) -> None:
    assert pick_count(seen_count, fraction) == count


@pytest.mark.parametrize(
    ("seen_count", "sites_per_round", "count"),
    [(2, 5, 2), (10, 3, 3), (10, 1, 2), (10, 7, 5), (100, 2, 10), (100, 60, 50), (100, 30, 30)],
)
def test_preset_number_is_kept_within_ten_and_fifty_percent_too(
    seen_count: int, sites_per_round: int, count: int
) -> None:
    assert pick_count(seen_count, 0.5, sites_per_round) == count


def test_preset_number_goes_before_the_fraction() -> None:
    plan = RoundPlan(fraction=0.5, sites_per_round=3)
    assert len(pick_sites(draw_of(plan, 1, site_names(20))).site_ids) == 3


@given(seen_count=st.integers(4, 2000), fraction=FRACTIONS)
def test_count_lies_between_ten_and_fifty_percent_and_is_at_least_two(
    seen_count: int, fraction: float
) -> None:
    count = pick_count(seen_count, fraction)
    assert count >= 2
    assert 0.1 * seen_count <= count <= 0.5 * seen_count


def test_last_round_of_a_cycle_takes_all_unmarked_sites_and_fills_up_from_the_next() -> None:
    done = pick(["a", "b", "c", "d", "e"], ["a", "b", "c", "d"])
    assert len(done.site_ids) == 2
    assert "e" in done.site_ids
    (filled,) = set(done.site_ids) - {"e"}
    assert done.marked == {filled}


def test_pick_that_the_cycle_can_serve_marks_its_sites() -> None:
    done = pick(["a", "b", "c", "d"], ["a"])
    assert "a" not in done.site_ids
    assert done.marked == {"a", *done.site_ids}


def test_marked_site_that_is_away_stays_marked_until_the_cycle_ends() -> None:
    assert "away" in pick(["a", "b", "c", "d"], ["away"]).marked


def test_round_that_is_tried_again_keeps_who_has_sent_and_fills_up_with_others() -> None:
    # Ten sites are here, so five take part: two have sent, "c" was picked too and vanished.
    others = ["d", "e", "f", "g", "h", "i", "j", "k"]
    done = pick(["a", *others, "b"], ["a", "b", "c"], carried=["a", "b"])
    assert {"a", "b"} < set(done.site_ids)
    assert len(done.site_ids) == 5
    assert done.marked == {"a", "b", "c", *done.site_ids}


def test_site_that_has_sent_stays_in_its_round_though_it_went_away() -> None:
    assert pick(["b"], ["a", "b"], carried=["a"]).site_ids == ("a", "b")


def test_nobody_is_added_to_those_who_have_sent_if_they_are_enough() -> None:
    done = pick(["a", "b", "c", "d"], ["a", "b"], carried=["a", "b"])
    assert done == Pick(("a", "b"), frozenset({"a", "b"}))


def test_what_was_drawn_from_can_be_kept_as_json_and_drawn_from_again() -> None:
    draw = draw_of(RoundPlan(seed=2**62 + 1), 7, site_names(30), site_names(5), ["site-002"])
    again = Draw.model_validate(json.loads(json.dumps(draw.model_dump(mode="json"))))
    assert again == draw
    assert pick_sites(again) == pick_sites(draw)


def test_another_round_and_another_seed_pick_otherwise() -> None:
    sites = site_names(20)
    rounds = {pick(sites, [], 0.2, 0, number).site_ids for number in range(20)}
    seeds = {pick(sites, [], 0.2, seed, 0).site_ids for seed in range(20)}
    # 20 draws of 4 out of 20 sites are all alike with a chance of 4845 ** -19.
    assert len(rounds) > 1
    assert len(seeds) > 1


def test_every_site_is_equally_likely() -> None:
    times = Counter(
        site
        for round_number in range(2000)
        for site in pick(site_names(8), [], 0.25, 7, round_number).site_ids
    )
    # 2 of 8 over 2000 rounds: 500 each, standard deviation 19; five of those either way.
    assert all(405 < count < 595 for count in times.values())
    assert len(times) == 8


@given(
    sites=st.sets(st.text(min_size=1, max_size=5), min_size=2, max_size=40),
    marks=st.data(),
    fraction=FRACTIONS,
    seed=st.integers(0, 2**63 - 1),
    round_number=st.integers(1, 1000),
)
def test_pick_depends_on_the_seed_and_not_on_the_order_of_sites(
    sites: set[str], marks: st.DataObject, fraction: float, seed: int, round_number: int
) -> None:
    marked = marks.draw(st.sets(st.sampled_from(sorted(sites))))
    forwards = pick(sorted(sites), sorted(marked), fraction, seed, round_number)
    backwards = pick(
        sorted(sites, reverse=True), sorted(marked, reverse=True), fraction, seed, round_number
    )
    assert forwards == backwards


@given(
    site_count=st.integers(2, 40),
    fraction=FRACTIONS,
    seed=st.integers(0, 2**63 - 1),
)
def test_no_site_is_picked_again_before_all_others_were(
    site_count: int, fraction: float, seed: int
) -> None:
    sites = site_names(site_count)
    marked: frozenset[str] = frozenset()
    times: Counter[str] = Counter(dict.fromkeys(sites, 0))
    for round_number in range(1, 30):
        done = pick(sites, marked, fraction, seed, round_number)
        marked = done.marked
        assert len(set(done.site_ids)) == len(done.site_ids) == pick_count(site_count, fraction)
        assert site_count < 4 or 0.1 * site_count <= len(done.site_ids) <= 0.5 * site_count
        times.update(done.site_ids)
        assert max(times.values()) - min(times.values()) <= 1


@given(
    changes=st.lists(st.sets(st.integers(0, 11), min_size=2), min_size=1, max_size=20),
    fraction=FRACTIONS,
)
def test_only_sites_that_were_seen_are_picked_whoever_comes_and_goes(
    changes: list[set[int]], fraction: float
) -> None:
    marked: frozenset[str] = frozenset()
    for round_number, present in enumerate(changes):
        seen = {f"site-{number}" for number in present}
        done = pick(seen, marked, fraction, 0, round_number)
        assert set(done.site_ids) <= seen
        assert len(set(done.site_ids)) == len(done.site_ids) == pick_count(len(seen), fraction)
        assert len(seen) < 4 or 0.1 * len(seen) <= len(done.site_ids) <= 0.5 * len(seen)
        # Nobody marked is taken while an unmarked site is left out.
        left_out = seen - set(done.site_ids) - marked
        assert not (left_out and set(done.site_ids) & marked)
        marked = done.marked
