"""Which sites take part in a round: pure and seeded, so that a restart picks the same ones."""

import hashlib
import math
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pick:
    """The sites of one round, and who counts as picked in the running cycle after it."""

    site_ids: tuple[str, ...]
    """In ascending order."""
    marked: frozenset[str]


def pick_count(seen_count: int, fraction: float) -> int:
    """Return how many of the sites seen recently take part.

    Ten to fifty percent of them, never fewer than two. With two or three sites two take part,
    which is more than the published half: one site alone has nobody to be averaged with.

    Source:
        The method, step S215: a preset number of sites, 10 to 50 % of all.
    """
    if seen_count < 4:
        return min(seen_count, 2)
    lowest = max(2, math.ceil(0.1 * seen_count))
    return min(max(round(fraction * seen_count), lowest), seen_count // 2)


def pick_sites(
    seen: Collection[str],
    marked: Collection[str],
    fraction: float,
    seed: int,
    round_number: int,
) -> Pick:
    """Pick the sites of a round; none is picked again before all others were.

    The last round of a cycle takes every unmarked site and fills up from the next cycle with
    sites that it did not just take. A pick marks its site even if no update ever comes.

    Args:
        seen: Ids of the sites seen recently, in any order.
        marked: Ids of the sites already picked in the running cycle, seen or not.
        fraction: Share of the seen sites to pick.
        seed: The study's seed.
        round_number: Makes each round draw anew.
    """
    count = pick_count(len(set(seen)), fraction)
    unmarked = set(seen) - set(marked)
    if len(unmarked) >= count:
        picked = _draw(unmarked, count, seed, round_number)
        return Pick(tuple(sorted(picked)), frozenset(marked) | picked)
    fill = _draw(set(seen) - unmarked, count - len(unmarked), seed, round_number)
    return Pick(tuple(sorted(unmarked | fill)), fill)


def _draw(site_ids: set[str], count: int, seed: int, round_number: int) -> frozenset[str]:
    """Draw without replacement by sorting on a keyed hash, the same on every Python version."""

    def ticket(site_id: str) -> bytes:
        return hashlib.sha256(f"{seed}:{round_number}:{site_id}".encode()).digest()

    return frozenset(sorted(site_ids, key=ticket)[:count])
