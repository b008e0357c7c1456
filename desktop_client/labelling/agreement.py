"""How far readers agree beyond chance; pure."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from desktop_client.labelling.second_reading import OpinionPair

CRITICAL_VALUE: Final = 1.959964
"""Of the standard normal distribution, for a two-sided 95 % interval."""
_NO_SPREAD: Final = 1e-12
"""What rounding leaves of a variance of 0."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa with its 95 % confidence interval."""

    value: float
    low: float | None
    """None, as ``high``, where the images tell nothing of how far it may be off."""
    high: float | None


@dataclass(frozen=True, slots=True)
class ReaderAgreement:
    """Two readers on the images that both of them read."""

    first_reader: str
    second_reader: str
    class_ids: tuple[UUID, ...]
    """The classes that either of them gave."""
    counts: tuple[tuple[int, ...], ...]
    """``[C, C]``: how often the first reader said the row's class and the second the column's."""

    @property
    def image_count(self) -> int:
        """How many images both of them read."""
        return sum(map(sum, self.counts))

    @property
    def agreed_count(self) -> int:
        """How many of them both gave the same class."""
        return sum(self.counts[i][i] for i in range(len(self.counts)))

    @property
    def kappa(self) -> Kappa | None:
        """Cohen's kappa; None where chance alone would make the readers always agree."""
        return cohens_kappa(self.counts)


def agreements(pairs: Iterable[OpinionPair], order: Sequence[UUID]) -> list[ReaderAgreement]:
    """Compare every first reader with every second one, by name.

    Args:
        pairs: Of two opinions on the same image; of two on the same by the same readers, the later.
        order: All classes, as their rows and columns should stand.
    """
    said: dict[tuple[str, str], dict[str, tuple[UUID, UUID]]] = {}
    for pair in pairs:
        readers = (pair.first.reader, pair.second.reader)
        both = (pair.first.class_id, pair.second.class_id)
        said.setdefault(readers, {})[pair.sample_id] = both
    return [_compare(*readers, list(said[readers].values()), order) for readers in sorted(said)]


def _compare(
    first: str, second: str, opinions: Sequence[tuple[UUID, UUID]], order: Sequence[UUID]
) -> ReaderAgreement:
    given = {class_id for both in opinions for class_id in both}
    class_ids = tuple(class_id for class_id in order if class_id in given)
    counted = Counter(opinions)
    counts = tuple(tuple(counted[row, column] for column in class_ids) for row in class_ids)
    return ReaderAgreement(first, second, class_ids, counts)


def cohens_kappa(counts: Sequence[Sequence[int]]) -> Kappa | None:
    r"""Return Cohen's kappa of a square table of counts, with its 95 % confidence interval.

    :math:`\kappa = (p_o - p_e) / (1 - p_e)`, and with the shares :math:`p_{ij}` of the table and
    their sums :math:`p_{i.}`, :math:`p_{.j}` the large-sample variance

    .. math:: \frac{\sum_i p_{ii} [1 - (p_{i.} + p_{.i})(1 - \kappa)]^2
        + (1 - \kappa)^2 \sum_{i \ne j} p_{ij} (p_{.i} + p_{j.})^2
        - [\kappa - p_e (1 - \kappa)]^2}{n (1 - p_e)^2}

    The interval is cut off at -1 and 1; it is rough below some 50 images. Where readers always
    agreed, or one of them gave but one class, the variance is 0 however few the images are: there
    is no interval then.

    Source:
        Cohen 1960, https://doi.org/10.1177/001316446002000104 (kappa); Fleiss, Cohen and Everitt
        1969, https://doi.org/10.1037/h0028106 (variance of kappa, unweighted, large samples).
    """
    total = sum(map(sum, counts))
    if not total:
        return None
    p = [[count / total for count in row] for row in counts]
    size = range(len(p))
    rows = [sum(p[i]) for i in size]
    columns = [sum(p[i][j] for i in size) for j in size]
    observed = sum(p[i][i] for i in size)
    expected = sum(rows[i] * columns[i] for i in size)
    if math.isclose(expected, 1.0):
        return None
    kappa = (observed - expected) / (1 - expected)
    agreed = sum(p[i][i] * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in size)
    differed = sum(p[i][j] * (columns[i] + rows[j]) ** 2 for i in size for j in size if i != j)
    spread = agreed + (1 - kappa) ** 2 * differed - (kappa - expected * (1 - kappa)) ** 2
    if spread < _NO_SPREAD:
        return Kappa(kappa, None, None)
    reach = CRITICAL_VALUE * math.sqrt(spread / total) / (1 - expected)
    return Kappa(kappa, max(-1.0, kappa - reach), min(1.0, kappa + reach))
