"""What of the sites' updates counts in a round's average, and how much; pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from coordinator.method.arrays import Arrays
from coordinator.method.averaging import Contribution
from coordinator.parameters import MOMENTS_PREFIX, STYLES_PREFIX, Group
from coordinator.study import RoundPlan

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
    extractor: str
    """Which of the study's feature extractors the site has."""
    domain_indices: tuple[int, ...]
    """The domains that the site trained on."""
    open_arrays: Callable[[], Arrays]
    """Opens all of the update in its round, and at least what is kept of it later."""


def believed_counts(said: Mapping[str, int], plan: RoundPlan) -> dict[str, float]:
    """Return for how many samples each site of a round counts.

    That is what it says, but at most ``largest_sample_count``; and at most ``largest_share`` of
    what all count for together. Nobody can check what a site says: so one alone must not be able
    to make the average its own. With the defaults the weights are the published ones for every
    site with no more than 100,000 images.
    """
    counts = {site: float(min(count, plan.largest_sample_count)) for site, count in said.items()}
    ceiling = _ceiling(sorted(counts.values(), reverse=True), plan.largest_share)
    return {site: min(count, ceiling) for site, count in counts.items()}


def _ceiling(counts: list[float], share: float) -> float:
    """Return the most that one may count for, so that it has no more than its share of all.

    Args:
        counts: The largest first.
        share: Of the sum of what is left of them.
    """
    for cut_count, largest_left in enumerate(counts):
        if share * cut_count >= 1:
            break
        ceiling = share * sum(counts[cut_count:]) / (1 - share * cut_count)
        if largest_left <= ceiling:
            return ceiling
    return min(counts, default=0.0)


def round_weights(sample_count: float, domain_count: int) -> dict[Group, float]:
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
    recent: Iterable[SentUpdate],
    round_number: int,
    present: frozenset[str],
    plan: RoundPlan,
    extractor: str,
) -> list[Contribution]:
    """Return what each site adds to a round's average of the model with one of the extractors.

    The classifiers of all sites count, with the same weights in the model with any extractor;
    feature extractors are averaged among their like.

    Args:
        recent: What sites sent in this round and before it, in any order.
        round_number: The round.
        present: Sites whose update of this very round counts. Of the others, only the domain
            classifier of their last update does, if it is at most ``KEPT_ROUNDS`` rounds old.
        plan: What one site may count for.
        extractor: Which model of the study is averaged.
    """
    newest: dict[str, SentUpdate] = {}
    for update in counting_updates(recent, round_number):
        newest.setdefault(update.site_id, update)
    said = {site: update.sample_count for site, update in newest.items() if site in present}
    alike = {site: n for site, n in said.items() if newest[site].extractor == extractor}
    believed, of_extractor = believed_counts(said, plan), believed_counts(alike, plan)
    return [
        Contribution(site_id, _weights_of(update, believed, of_extractor), update.open_arrays())
        for site_id, update in newest.items()
    ]


def _weights_of(
    update: SentUpdate, believed: Mapping[str, float], of_extractor: Mapping[str, float]
) -> dict[Group, float]:
    site_id, domain_count = update.site_id, len(update.domain_indices)
    if site_id not in believed:
        return kept_weights(domain_count)
    weights = round_weights(believed[site_id], domain_count)
    del weights[Group.FEATURE_EXTRACTOR]
    if site_id in of_extractor:
        weights[Group.FEATURE_EXTRACTOR] = of_extractor[site_id]
    return weights
