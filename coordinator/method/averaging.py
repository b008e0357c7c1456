"""The average of what sites contribute, block by block, per parameter group; pure.

Holds a few blocks at a time, however large the model is and however many sites there are, and
works on two of them at once. A block is combined in float64, in order of ``site_id``, and rounded
once to float32: neither the order of arrival nor the size of the blocks can change a bit.
"""

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from coordinator.errors import ParameterMismatchError
from coordinator.method.ahead import ahead
from coordinator.method.arrays import BLOCK_VALUES, Arrays, Values, blocks, gathered, group_span
from coordinator.parameters import Group, Parameters
from coordinator.study import RoundPlan

_STACKED_VALUES: Final = 1 << 20
"""Values of all sites together that a robust rule looks at at a time: 4 MiB as float32."""

Exact = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one site adds to an average."""

    site_id: str
    weights: Mapping[Group, float]
    """Weight of each group, above 0; a group that is not named is left out."""
    arrays: Arrays


@dataclass(frozen=True, slots=True)
class Rule:
    """How the values that sites send for one parameter become one value.

    Attributes:
        combine: Takes one block ``[n]`` per site and the sites' weights.
        needs_all: Whether it looks at the blocks of all sites at once.
    """

    combine: Callable[[Iterable[Values], Sequence[float]], Exact]
    needs_all: bool = True

    def block_size(self, site_count: int) -> int:
        """Return how many values of each site are looked at at a time."""
        if not self.needs_all:
            return BLOCK_VALUES
        return max(1, min(BLOCK_VALUES, _STACKED_VALUES // site_count))


def rule_of(plan: RoundPlan) -> Rule:
    """Return the rule that a study has chosen."""
    rules = {
        "mean": WEIGHTED_MEAN,
        "median": Rule(median),
        "trimmed_mean": Rule(partial(trimmed_mean, share=plan.trimmed_share)),
    }
    return rules[plan.average]


def average(contributions: Iterable[Contribution], base: Arrays, rule: Rule) -> Parameters:
    """Average contributions into memory; see ``averaged_values``."""
    return gathered(base.shapes, averaged_values(contributions, base, rule))


def averaged_values(
    contributions: Iterable[Contribution], base: Arrays, rule: Rule
) -> Generator[Values]:
    """Yield the average of all parameters, in order of the arrays' names.

    Args:
        contributions: At most one per site, in any order.
        base: What the round's sites began from; a group that none of them adds to stays so.
        rule: Of the study.

    Raises:
        ParameterMismatchError: if a contribution has not the values of this model.
    """
    in_order = sorted(contributions, key=lambda one: one.site_id)
    for group in sorted(Group):
        terms = [one for one in in_order if group in one.weights]
        start, stop = group_span(base.shapes, group)
        if terms:
            yield from _averaged_group(terms, group, stop - start, rule)
        else:
            yield from (base.values(begin, end) for begin, end in blocks(start, stop))


def mean_with(earlier: Sequence[Arrays], newest: Iterable[Values]) -> Iterator[Values]:
    """Yield the mean of several rounds' global parameters, each counting as much.

    Computed in float64 and rounded once, so a single round comes back bit for bit.

    Args:
        earlier: Parameters of the rounds before, always in the same order for the same bits.
        newest: All values of the last round's.

    Source:
        Izmailov et al. 2018, https://arxiv.org/abs/1803.05407, algorithm 1.
    """
    start = 0
    for piece in newest:
        stop = start + piece.size
        pieces = (*(one.values(start, stop) for one in earlier), piece)
        yield weighted_mean(pieces, [1.0] * len(pieces)).astype(np.float32)
        start = stop


def weighted_mean(pieces: Iterable[Values], weights: Sequence[float]) -> Exact:
    r"""Return :math:`\sum_k w_k \theta_k / \sum_k w_k`.

    Source:
        McMahan et al. 2017, https://arxiv.org/abs/1602.05629, algorithm 1.
    """
    total: Exact | None = None
    term: Exact | None = None
    for piece, weight in zip(pieces, weights, strict=True):
        term = np.multiply(piece, weight, dtype=np.float64, out=term)
        if total is None:
            total, term = term, None
        else:
            total += term
    if total is None:
        raise ValueError("there is nothing to average")
    total /= sum(weights)
    return total


def trimmed_mean(pieces: Iterable[Values], weights: Sequence[float], share: float) -> Exact:
    """Return the mean without the largest and the smallest values, coordinate by coordinate.

    At each end as many sites as ``share`` asks for, rounded up, are left out, as long as one
    remains. The sites' weights do not count: whoever lies about parameters can lie about samples.

    Source:
        Yin et al. 2018, https://arxiv.org/abs/1803.01498, definition 2.
    """
    # 0.14 * 50 is a little more than 7 in binary.
    return _mean_inside(pieces, math.ceil(share * len(weights) - 1e-9))


def median(pieces: Iterable[Values], weights: Sequence[float]) -> Exact:
    """Return the value in the middle, or between the two there, coordinate by coordinate.

    Source:
        Yin et al. 2018, https://arxiv.org/abs/1803.01498, definition 1.
    """
    return _mean_inside(pieces, len(weights))


WEIGHTED_MEAN: Final = Rule(weighted_mean, needs_all=False)


def _mean_inside(pieces: Iterable[Values], cut: int) -> Exact:
    """Return the mean of what remains of ``[sites, n]`` without ``cut`` values at each end."""
    in_order = np.sort(np.stack(list(pieces)), axis=0)
    cut = min(cut, (len(in_order) - 1) // 2)
    mean: Exact = in_order[cut : len(in_order) - cut].mean(axis=0, dtype=np.float64)
    return mean


def _averaged_group(
    terms: Sequence[Contribution], group: Group, size: int, rule: Rule
) -> Generator[Values]:
    weights = [one.weights[group] for one in terms]
    starts = [_start_of(one, group, size) for one in terms]

    def averaged(block: tuple[int, int]) -> Values:
        begin, end = block
        pieces = (
            one.arrays.values(start + begin, start + end)
            for one, start in zip(terms, starts, strict=True)
        )
        return rule.combine(pieces, weights).astype(np.float32)

    yield from ahead(averaged, blocks(0, size, rule.block_size(len(terms))))


def _start_of(contribution: Contribution, group: Group, size: int) -> int:
    start, stop = group_span(contribution.arrays.shapes, group)
    if stop - start != size:
        raise ParameterMismatchError(
            f"The {group} of site {contribution.site_id} has {stop - start} values, "
            f"the study's model {size}"
        )
    return start
