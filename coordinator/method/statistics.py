"""Which of the moments and styles that sites sent ride along with global parameters; pure."""

from collections.abc import Iterable

from coordinator.method.arrays import Arrays
from coordinator.method.weighting import SentUpdate, counting_updates
from coordinator.parameters import MOMENTS_PREFIX, STYLES_PREFIX


def newest_statistics(
    recent: Iterable[SentUpdate], round_number: int, moments_per_domain: int, extractor: str
) -> dict[str, Arrays]:
    """Return where each domain's moments and styles lie, by name: in its newest update.

    That update is at most ``KEPT_ROUNDS`` rounds old; of equally new ones that of the lowest
    ``site_id`` decides. It decides as a whole: what it no longer says about a domain or a lesion
    class in it, because the site stopped sharing or has too few images, is said no more.

    Args:
        recent: What sites sent in this round and before it, in any order.
        round_number: The round.
        moments_per_domain: Groups of images in a domain that have moments of their own.
        extractor: Which model of the study they ride with. Moments of another extractor's
            features mean nothing to it and stay out; styles are of images.
    """
    statistics: dict[str, Arrays] = {}
    decided: set[int] = set()
    for update in counting_updates(recent, round_number):
        new = set(update.domain_indices) - decided
        if not new:
            continue
        arrays = update.open_arrays()
        names = {STYLES_PREFIX: 1}
        if update.extractor == extractor:
            names[MOMENTS_PREFIX] = moments_per_domain
        for prefix, per_domain in names.items():
            statistics |= {
                name: arrays
                for name in arrays.shapes
                if name.startswith(prefix) and _index(name) // per_domain in new
            }
        decided |= new
    return statistics


def _index(name: str) -> int:
    """Return the number in the name of a statistic that was checked."""
    return int(name.split(".")[1])
