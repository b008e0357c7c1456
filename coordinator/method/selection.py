"""Which sites take part in a round: pure and seeded, so that anyone can draw them again."""

import hashlib
import math
from collections.abc import Collection
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from coordinator.study import RoundPlan


class Draw(BaseModel):
    """All that the pick of a round is drawn from; drawn again, it gives the same pick."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    round_number: int
    seed: int
    """The study's."""
    fraction: float
    """Share of the sites to pick."""
    sites_per_round: int
    """Number of sites to pick instead of that share; 0: the share."""
    seen: tuple[str, ...]
    """The sites seen recently."""
    marked: tuple[str, ...] = ()
    """Those already picked in the running cycle, seen or not."""
    carried: tuple[str, ...] = ()
    """Those whose update for this round is in already, from an earlier attempt at it."""

    @property
    def here(self) -> frozenset[str]:
        """The sites that can take part: those seen, and those that have done their part."""
        return frozenset(self.seen) | frozenset(self.carried)


@dataclass(frozen=True, slots=True)
class Pick:
    """The sites of one round, and who counts as picked in the running cycle after it."""

    site_ids: tuple[str, ...]
    """In ascending order."""
    marked: frozenset[str]


def draw_of(
    plan: RoundPlan,
    round_number: int,
    seen: Collection[str],
    marked: Collection[str] = (),
    carried: Collection[str] = (),
) -> Draw:
    """Return what the pick of a round is drawn from, whatever order the sites come in."""
    return Draw(
        round_number=round_number,
        seed=plan.seed,
        fraction=plan.fraction,
        sites_per_round=plan.sites_per_round,
        seen=tuple(sorted(seen)),
        marked=tuple(sorted(marked)),
        carried=tuple(sorted(carried)),
    )


def pick_count(here_count: int, fraction: float, sites_per_round: int = 0) -> int:
    """Return how many of the sites that are here take part.

    Ten to fifty percent of them, never fewer than two. With two or three sites two take part,
    which is more than the published half: one site alone has nobody to be averaged with.

    Source:
        The method, step S215: a preset number of sites, 10 to 50 % of all.
    """
    if here_count < 4:
        return min(here_count, 2)
    lowest = max(2, math.ceil(0.1 * here_count))
    return min(max(sites_per_round or round(fraction * here_count), lowest), here_count // 2)


def pick_sites(draw: Draw) -> Pick:
    """Pick the sites of a round; none is picked again before all others were.

    The last round of a cycle takes every unmarked site and fills up from the next cycle with
    sites that it did not just take. A pick marks its site even if no update ever comes. A round
    that is tried again keeps the sites whose update is in, and only fills up with others.
    """
    carried, marked = frozenset(draw.carried), frozenset(draw.marked)
    count = pick_count(len(draw.here), draw.fraction, draw.sites_per_round)
    left = max(0, count - len(carried))
    free = frozenset(draw.seen) - carried
    unmarked = free - marked
    if len(unmarked) >= left:
        drawn = _drawn(unmarked, left, draw)
        return Pick(tuple(sorted(carried | drawn)), marked | carried | drawn)
    fill = _drawn(free - unmarked, left - len(unmarked), draw)
    return Pick(tuple(sorted(carried | unmarked | fill)), fill)


def _drawn(site_ids: frozenset[str], count: int, draw: Draw) -> frozenset[str]:
    """Draw without replacement by sorting on a keyed hash, the same on every Python version."""

    def ticket(site_id: str) -> bytes:
        return hashlib.sha256(f"{draw.seed}:{draw.round_number}:{site_id}".encode()).digest()

    return frozenset(sorted(site_ids, key=ticket)[:count])
