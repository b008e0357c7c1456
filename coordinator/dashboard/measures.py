"""What sites measured of the global parameters, and how well features tell the domains apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from coordinator.method.leakage import Leakage
from coordinator.protocol import LesionMetrics
from coordinator.storage.tables import global_parameters, result_metrics, updates

Metric = Literal["auc", "balanced_accuracy"]


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures of a span of rounds."""

    rounds: range
    """The rounds of the figures."""
    lesion: dict[str, dict[int, LesionMetrics]]
    """By site id, then by round: how the global parameters *after* that round do on the site's
    held-out images. Only sites picked for the next round measure them; the result of a study that
    is over is measured by each site that has fetched it."""
    leakage: dict[int, Leakage]
    """By round: of the features that the sites picked for it sent moments of."""

    def of_metric(self, metric: Metric) -> dict[str, dict[int, float]]:
        """Return one metric by site and round, without what is undefined."""
        known: dict[str, dict[int, float]] = {}
        for site_id, by_round in self.lesion.items():
            for round_number, metrics in by_round.items():
                value = getattr(metrics, metric)
                if value is not None:
                    known.setdefault(site_id, {})[round_number] = value
        return known

    def lesion_rows(self) -> list[tuple[int, str, LesionMetrics]]:
        """Return round, site id and metrics, the newest round first."""
        rows = [
            (round_number, site_id, metrics)
            for site_id, by_round in self.lesion.items()
            for round_number, metrics in by_round.items()
        ]
        return sorted(rows, key=lambda row: (-row[0], row[1]))

    def newest_by_domain(self) -> dict[int, float]:
        """Return how well each domain was recognised in the newest round with a figure."""
        return self.leakage[max(self.leakage)].by_domain if self.leakage else {}


def read_measures(
    connection: Connection, study_id: str, round_count: int, before_round: int | None = None
) -> Measures:
    """Return the figures of the newest rounds.

    Args:
        connection: A transaction.
        study_id: The study.
        round_count: How many rounds at most.
        before_round: Only rounds with a lower number; all if None.
    """
    newest = connection.execute(
        select(func.max(updates.c.round_number)).where(updates.c.study_id == study_id)
    ).scalar_one()
    end = (newest or 0) + 1 if before_round is None else before_round
    rounds = range(max(0, end - round_count), end)
    return Measures(
        rounds=rounds,
        lesion=_lesion(connection, study_id, rounds),
        leakage=_leakage(connection, study_id, rounds),
    )


def _lesion(
    connection: Connection, study_id: str, rounds: range
) -> dict[str, dict[int, LesionMetrics]]:
    # A site measures what it downloads at the start of a round: the result of the one before.
    after_round = updates.c.round_number - 1
    rows = connection.execute(
        select(updates.c.site_id, after_round.label("after_round"), updates.c.metrics_before)
        .where(updates.c.study_id == study_id)
        .where(after_round >= rounds.start, after_round < rounds.stop)
        .order_by(after_round)
    )
    lesion: dict[str, dict[int, LesionMetrics]] = {}
    for row in rows:
        metrics = LesionMetrics.model_validate(row.metrics_before)
        lesion.setdefault(row.site_id, {})[row.after_round] = metrics
    for site_id, number, measured in _of_result(connection, study_id, rounds):
        lesion.setdefault(site_id, {})[number] = measured
    return lesion


def _of_result(
    connection: Connection, study_id: str, rounds: range
) -> Iterator[tuple[str, int, LesionMetrics]]:
    number = result_metrics.c.round_number
    rows = connection.execute(
        select(result_metrics.c.site_id, number, result_metrics.c.metrics)
        .where(result_metrics.c.study_id == study_id)
        .where(number >= rounds.start, number < rounds.stop)
    )
    for row in rows:
        yield row.site_id, row.round_number, LesionMetrics.model_validate(row.metrics)


def _leakage(connection: Connection, study_id: str, rounds: range) -> dict[int, Leakage]:
    number = global_parameters.c.round_number
    rows = connection.execute(
        select(number, global_parameters.c.leakage)
        .where(global_parameters.c.study_id == study_id)
        .where(number >= rounds.start, number < rounds.stop)
        .where(global_parameters.c.leakage.is_not(None))
        .order_by(number)
    )
    return {row.round_number: Leakage.model_validate(row.leakage) for row in rows}
