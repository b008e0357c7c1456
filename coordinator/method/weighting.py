"""What of the sites' updates counts in a round's average, and how much; pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from coordinator.method.arrays import Arrays
from coordinator.method.averaging import Contribution
from coordinator.parameters import MOMENTS_PREFIX, STYLES_PREFIX, Group

KEPT_ROUNDS: Final = 10
"""How many rounds an absent domain's last contribution counts; the method, "What to build"."""

KEPT_PREFIXES: Final = (f"{Group.DOMAIN_CLASSIFIER}.", MOMENTS_PREFIX, STYLES_PREFIX)
"""How the names of those arrays begin that outlive their round."""


@dataclass(frozen=True, slots=True)
class SentUpdate:
    """An update that a site sent in some round; its arrays are opened when they are asked for."""

    site_id: str
    round_number: int
    sample_count: int
    domain_indices: tuple[int, ...]
    """The domains that the site trained on."""
    open_arrays: Callable[[], Arrays]
    """Opens all of the update in its round, and at least what is kept of it later."""


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
        Contribution(site_id, _weights_of(update, present), update.open_arrays())
        for site_id, update in newest.items()
    ]


def _weights_of(update: SentUpdate, present: frozenset[str]) -> dict[Group, float]:
    domain_count = len(update.domain_indices)
    if update.site_id in present:
        return round_weights(update.sample_count, domain_count)
    return kept_weights(domain_count)
