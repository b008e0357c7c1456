"""What monitoring reads: counts of requests, and how the studies stand, in Prometheus' format.

No label holds a name, an address or anything that a site could choose.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from coordinator.rounds.standing import State, find_standing
from coordinator.storage.store import Store
from coordinator.storage.studies import StudyRecord, list_studies
from coordinator.storage.tables import refusals, rounds

_SECONDS: Final = (0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600)
"""From a poll to the upload of a large model over a slow line."""


class Metrics:
    """All figures of one running coordinator.

    Args:
        store: The tables.
        clock: Gives the time, with its zone.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "siteblind_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "siteblind_request_seconds",
            "From the first byte of a request to the last of its answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.requests_in_progress = Gauge(
            "siteblind_requests_in_progress", "Requests being answered.", registry=self.registry
        )
        Info("siteblind_coordinator", "This program.", registry=self.registry).info(
            {"version": version("siteblind")}
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(StudyFigures(store, clock))


class StudyFigures(Collector):
    """How every study stands, read from the tables whenever somebody asks."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand, so that registering reads no table."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield a few gauges per study.

        Raises:
            StateDamagedError: if the database cannot be read.
        """
        with self._store.reading() as connection:
            yield from self._standings(connection)
            yield _counted_rounds(connection)
            yield _counted_refusals(connection)

    def _standings(self, connection: Connection) -> Iterator[Metric]:
        state = _gauge("study_state", "1 for the state that a study is in.", "state")
        number = _gauge("round_number", "The open round, or else the one to come.")
        averaged = _gauge("newest_parameters_round", "The round of the newest parameters.")
        seen = _gauge("sites_seen", "Sites that were heard of recently.")
        waited_for = _gauge("updates_waited_for", "Updates that the open round still waits for.")
        for record in list_studies(connection):
            self._add_standing(connection, record, (state, number, averaged, seen, waited_for))
        yield from (state, number, averaged, seen, waited_for)

    def _add_standing(
        self,
        connection: Connection,
        record: StudyRecord,
        gauges: tuple[GaugeMetricFamily, ...],
    ) -> None:
        state, number, averaged, seen, waited_for = gauges
        plan, study = record.study.rounds, record.study_id
        standing = find_standing(connection, record, self._clock())
        for possible in (*get_args(State), "stopped"):
            state.add_metric((study, possible), float(standing.owners_state(plan) == possible))
        number.add_metric((study,), standing.round_number(plan))
        averaged.add_metric(
            (study,), -1 if standing.newest_round is None else standing.newest_round
        )
        seen.add_metric((study,), standing.site_count)
        current = standing.open_round
        waited_for.add_metric((study,), len(current.picked - current.sent) if current else 0)


def _counted_rounds(connection: Connection) -> Metric:
    gauge = _gauge("rounds", "Rounds, an abandoned one for each attempt.", "state")
    counted = select(rounds.c.study_id, rounds.c.state, func.count()).group_by(
        rounds.c.study_id, rounds.c.state
    )
    for study_id, state, count in connection.execute(counted):
        gauge.add_metric((study_id, state), count)
    return gauge


def _counted_refusals(connection: Connection) -> Metric:
    gauge = _gauge("refused_updates", "Updates that were not accepted, by reason.", "code")
    counted = select(refusals.c.study_id, refusals.c.code, func.count()).group_by(
        refusals.c.study_id, refusals.c.code
    )
    for study_id, code, count in connection.execute(counted):
        gauge.add_metric((study_id, code), count)
    return gauge


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"siteblind_{name}", text, labels=("study_id", *labels))
