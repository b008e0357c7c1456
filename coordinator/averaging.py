"""What of the sites' updates counts in a round, and its streaming mean per parameter group; pure.

Holds one float64 sum of the model's size and one site's parameters at a time, however many sites
there are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from coordinator.errors import ParameterMismatchError
from coordinator.parameters import Group, Parameters, group_of, split_arrays

KEPT_ROUNDS: Final = 10
"""How many rounds an absent domain's last contribution counts; the method, "What to build"."""


@dataclass(frozen=True, slots=True)
class SentUpdate:
    """An update that a site sent in some round; its arrays are loaded when their turn comes."""

    site_id: str
    round_number: int
    sample_count: int
    domain_indices: tuple[int, ...]
    """The domains that the site trained on."""
    load: Callable[[], Parameters]
    """Loads its parameters; asked for only in the round that the update was sent in."""
    load_kept: Callable[[], Parameters]
    """Loads its ``kept_arrays``."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one site adds to an average; its parameters are loaded when their turn comes."""

    site_id: str
    weights: Mapping[Group, float]
    """Weight of each group, above 0; a group that is not named is left out."""
    load: Callable[[], Parameters]


class GroupedMean:
    r"""The running sums :math:`\sum_k w_k \theta_k` of each group, in float64."""

    def __init__(self) -> None:
        self._sums: dict[str, npt.NDArray[np.float64]] = {}
        self._totals: dict[Group, float] = {}

    def add(self, parameters: Parameters, weights: Mapping[Group, float]) -> None:
        """Add one site's parameters, each group with its own weight.

        Raises:
            ParameterMismatchError: if a weighted group's names or shapes differ from those that
                were added before; nothing of these parameters is then in the sums.
        """
        weighted = {name: array for name, array in parameters.items() if group_of(name) in weights}
        self._check_fits(weighted, weights)
        for name, array in sorted(weighted.items()):
            term = np.multiply(array, weights[group_of(name)], dtype=np.float64)
            if name in self._sums:
                self._sums[name] += term
            else:
                self._sums[name] = term
        for group, weight in weights.items():
            self._totals[group] = self._totals.get(group, 0.0) + weight

    def result(self) -> Parameters:
        r"""Return :math:`\sum_k w_k \theta_k / \sum_k w_k`, rounded once to float32."""
        return {
            name: (total / self._totals[group_of(name)]).astype(np.float32)
            for name, total in self._sums.items()
        }

    def _check_fits(self, weighted: Parameters, weights: Mapping[Group, float]) -> None:
        known = {name for name in self._sums if group_of(name) in weights}
        new = {name for name in weighted if group_of(name) not in self._totals}
        for name in sorted((known | new) ^ weighted.keys()):
            raise ParameterMismatchError(f"Array {name!r} is not in every site's parameters")
        for name in sorted(known):
            if weighted[name].shape != self._sums[name].shape:
                raise ParameterMismatchError(
                    f"Array {name!r} has shape {list(weighted[name].shape)} at one site "
                    f"and {list(self._sums[name].shape)} at another"
                )


def round_weights(sample_count: int, domain_count: int) -> dict[Group, float]:
    """Return the weights of an update of the running round.

    Feature extractor and lesion classifier count by samples; the domain classifier counts each
    domain equally, so a site counts as many times as it has domains.

    Source:
        McMahan et al. 2017, https://arxiv.org/abs/1602.05629, algorithm 1, for the sample count.
    """
    return {
        Group.FEATURE_EXTRACTOR: float(sample_count),
        Group.LESION_CLASSIFIER: float(sample_count),
        Group.DOMAIN_CLASSIFIER: float(domain_count),
    }


def kept_weights(domain_count: int) -> dict[Group, float]:
    """Return the weights of an absent site's last contribution: its domains, nothing else."""
    return {Group.DOMAIN_CLASSIFIER: float(domain_count)}


def counting_updates(recent: Iterable[SentUpdate], round_number: int) -> list[SentUpdate]:
    """Return the updates that still count in a round, the newest first, then by ``site_id``."""
    counting = [
        update
        for update in recent
        if round_number - KEPT_ROUNDS <= update.round_number <= round_number
    ]
    return sorted(counting, key=lambda update: (-update.round_number, update.site_id))


def kept_arrays(arrays: Parameters) -> Parameters:
    """Return what of an update outlives its round: domain classifier, moments and styles."""
    parameters, moments, styles = split_arrays(arrays)
    kept = {n: a for n, a in parameters.items() if group_of(n) is Group.DOMAIN_CLASSIFIER}
    return {**kept, **moments, **styles}


def contributions(
    recent: Iterable[SentUpdate], round_number: int, present: frozenset[str]
) -> list[Contribution]:
    """Return what each site adds to a round's average.

    Args:
        recent: What sites sent in this round and before it, in any order.
        round_number: The round.
        present: Sites whose update of this very round counts. Of the others, only the domain
            classifier of their last update does, if it is at most ``KEPT_ROUNDS`` rounds old.
    """
    newest: dict[str, SentUpdate] = {}
    for update in counting_updates(recent, round_number):
        newest.setdefault(update.site_id, update)
    return [
        _whole(update) if site_id in present else _kept(update)
        for site_id, update in newest.items()
    ]


def average(contributions: Iterable[Contribution]) -> Parameters:
    """Average contributions in order of ``site_id``: the same ones give the same bits.

    Args:
        contributions: At most one per site, in any order.

    Raises:
        ParameterMismatchError: if names or shapes differ between sites.
    """
    mean = GroupedMean()
    for contribution in sorted(contributions, key=lambda one: one.site_id):
        mean.add(contribution.load(), contribution.weights)
    return mean.result()


def mean_of_rounds(parameters: Iterable[Parameters]) -> Parameters:
    """Return the mean of several rounds' global parameters, each counting as much.

    Computed in float64 and rounded once, so a single round comes back bit for bit.

    Args:
        parameters: Of at least one round, always in the same order for the same bits.

    Raises:
        ParameterMismatchError: if names or shapes differ between rounds.

    Source:
        Izmailov et al. 2018, https://arxiv.org/abs/1803.05407, algorithm 1.
    """
    mean = GroupedMean()
    for of_round in parameters:
        mean.add(of_round, dict.fromkeys(Group, 1.0))
    return mean.result()


def _whole(update: SentUpdate) -> Contribution:
    weights = round_weights(update.sample_count, len(update.domain_indices))
    return Contribution(update.site_id, weights, lambda: split_arrays(update.load()).parameters)


def _kept(update: SentUpdate) -> Contribution:
    weights = kept_weights(len(update.domain_indices))
    return Contribution(
        update.site_id, weights, lambda: split_arrays(update.load_kept()).parameters
    )
