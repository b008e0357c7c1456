"""Which of the moments and styles that sites sent ride along with global parameters; pure."""

from collections.abc import Iterable

from coordinator.averaging import SentUpdate, counting_updates
from coordinator.parameters import Parameters, split_arrays


def newest_statistics(
    recent: Iterable[SentUpdate], round_number: int, moments_per_domain: int
) -> Parameters:
    """Return each domain's moments and styles, as its newest update has them.

    That update is at most ``KEPT_ROUNDS`` rounds old; of equally new ones that of the lowest
    ``site_id`` decides. It decides as a whole: what it no longer says about a domain or a lesion
    class in it, because the site stopped sharing or has too few images, is said no more.

    Args:
        recent: What sites sent in this round and before it, in any order.
        round_number: The round.
        moments_per_domain: Groups of images in a domain that have moments of their own.
    """
    statistics: Parameters = {}
    decided: set[int] = set()
    for update in counting_updates(recent, round_number):
        new = set(update.domain_indices) - decided
        if not new:
            continue
        _, moments, styles = split_arrays(update.load_kept())
        statistics |= {n: a for n, a in moments.items() if _index(n) // moments_per_domain in new}
        statistics |= {n: a for n, a in styles.items() if _index(n) in new}
        decided |= new
    return statistics


def _index(name: str) -> int:
    """Return the number in the name of a statistic that was checked."""
    return int(name.split(".")[1])
