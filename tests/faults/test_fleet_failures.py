"""A question to PostgreSQL or to the object store goes wrong, for every question of a round.

What fails once is mostly made up for by asking again; what fails as often as it is asked is told,
in a sentence. A flipped byte of a range, which only an average reads, is the one thing not found
out: over plain HTTP nothing but the network's own sums would tell. What single failures mean to a
site, ``tests.coordinator.test_services_failing`` says.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from tests.coordinator.object_store import ObjectStore
from tests.coordinator.postgresql import Cluster
from tests.faults.conftest import SEED, Record, Uninterrupted, uninterrupted
from tests.faults.fleet import (
    Fleet,
    FleetTemplate,
    Services,
    copied_to_services,
    running_fleet,
    running_services,
)
from tests.faults.scripted import Refusal, Template, make_template
from tests.faults.services import (
    Breakage,
    FailingService,
    refusal_of_database,
    refusal_of_store,
)

PATIENT: Final = {"SITEBLIND_COORDINATOR_PATIENCE_S": "2"}
"""How long the coordinators wait for an answer; a minute, as it is shipped, would be long here."""
IDLE_S: Final = 0.1
"""How long sites wait; each poll takes a dozen questions of those that others ask meanwhile."""
AS_OFTEN_AS_ASKED: Final = 4
"""The coordinator asks a store at most so often before it gives up."""
STEP: Final = 3
"""Of so many questions one is tried with a way drawn for it."""


def refused(status: int, code: str) -> Breakage:
    """Return that a store refuses."""
    return Breakage("reply", reply=refusal_of_store(status, code), is_last=True)


RESET_AFTER: Final = Breakage("reset after")
OF_OBJECTS: Final = {
    "refused": Breakage("refuse", lasts_s=8.0),
    "reset before": Breakage("reset before"),
    "reset within": Breakage("reset within"),
    "reset after": RESET_AFTER,
    "reset in the answer": Breakage("reset answer"),
    "cut in the answer": Breakage("cut answer"),
    "stalled": Breakage("stall"),
    "in trouble": refused(500, "InternalError"),
    "slowing down": refused(503, "SlowDown"),
    "expired": refused(403, "ExpiredToken"),
    "full": refused(507, "XMinioStorageFull"),
}
OBJECT_LABELS: Final = ("PUT", "HEAD", "GET whole", "GET range", "DELETE")
FLIPPED: Final = Breakage("flip", label="GET whole")
FULL: Final = Breakage("reply", reply=refusal_of_database("53100"))
ENDED: Final = Breakage("reply", reply=refusal_of_database("57P01", is_fatal=True), is_last=True)
OF_THE_DATABASE: Final = {
    "reset before": Breakage("reset before"),
    "reset after": RESET_AFTER,
    "reset in the answer": Breakage("reset answer"),
    "stalled": Breakage("stall"),
    "full": FULL,
    "ended": ENDED,
}
NO_MORE_LINES: Final = Breakage(
    "reply",
    label="connect",
    reply=refusal_of_database("53300", is_fatal=True),
    is_last=True,
)
TOLD: Final = {"state_damaged": HTTPStatus.SERVICE_UNAVAILABLE, "storage_full": 507}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Three sites, picked in each of many rounds; a tiny model."""
    return make_template(tmp_path_factory.mktemp("small") / "data", 3, 10, count=10_000)


@pytest.fixture(scope="module")
def small_uninterrupted(
    small: Template, library: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Uninterrupted]:
    """The same study on a folder and SQLite when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("uninterrupted") / "run"
    with uninterrupted(small, library, folder) as undisturbed:
        yield undisturbed


@pytest.fixture(scope="module")
def on_services(
    small: Template,
    cluster: Cluster,
    object_store: ObjectStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> FleetTemplate:
    """The same study on PostgreSQL and an object store."""
    return copied_to_services(small, cluster, object_store, tmp_path_factory.mktemp("copied"))


class Run:
    """A fleet whose services fail.

    Args:
        fleet: The coordinators and sites.
        services: How they reach database and bucket.
        undisturbed: Has the digests that the fleet must come to.
    """

    def __init__(self, fleet: Fleet, services: Services, undisturbed: Uninterrupted) -> None:
        self.fleet, self.services, self._undisturbed = fleet, services, undisturbed
        self.round_count = 0
        self.failure_count = 0
        self.told_count = 0
        """How many requests of sites were refused for a failure."""

    def play(self, *breakages: Breakage, of: FailingService | None = None) -> list[Breakage]:
        """Play the next round with failures; return those that came up."""
        self.round_count += 1
        service = of or self.services.objects
        service.arm(*breakages)
        try:
            digest = self.fleet.play(self.round_count)
        finally:
            self.failure_count += service.fired_count
            fired = service.disarm()
        assert digest == self._undisturbed.digest(self.round_count), breakages
        self.told_count += len(self.check_sentences())
        return fired

    def check_sentences(self) -> list[Refusal]:
        """Fail if anybody was told what is no proper sentence; return what sites were told."""
        assert all(one.is_running for one in self.fleet.coordinators)
        log = self.fleet.log()
        assert "Traceback" not in log, log[log.index("Traceback") - 2000 :][:8000]
        told = [one for site in self.fleet.sites for one in site.refusals]
        for refusal in told:
            assert TOLD.get(refusal.code) == refusal.status, refusal
            assert "Its operator must make room" in refusal.sentence or (
                "its operator finds the reason in the log" in refusal.sentence
            ), refusal
            assert "cannot be used: " in log
        for site in self.fleet.sites:
            site.refusals.clear()
        return told


@pytest.fixture
def run(
    on_services: FleetTemplate,
    small_uninterrupted: Uninterrupted,
    cluster: Cluster,
    object_store: ObjectStore,
    tmp_path: Path,
    record_property: Record,
) -> Iterator[Run]:
    """Two coordinators on services that fail when they are told to; nothing may get lost."""
    aside = tmp_path / "run"
    with (
        running_services(cluster, object_store) as services,
        running_fleet(on_services, cluster, object_store, aside, 2, services, PATIENT) as fleet,
    ):
        for site in fleet.sites:
            site.idle_s = IDLE_S
        played = Run(fleet, services, small_uninterrupted)
        yield played
        fleet.check_nothing_is_lost()
    record_property("rounds", played.round_count)
    record_property("failures", played.failure_count)
    record_property("requests refused", played.told_count)


def check_idle_lines(run: Run, cluster: Cluster) -> None:
    """Fail if sites notice that lines to the database ended while nobody used them."""
    for disturb in (cluster.restart, cluster.end_lines, run.services.database.cut_all):
        assert [site.round() is not None for site in run.fleet.sites] == [True] * 3
        disturb()
        assert [site.round() is not None for site in run.fleet.sites] == [True] * 3
    assert run.check_sentences() == []


def drawn(question_count: int) -> Iterator[Breakage]:
    """Yield for each of a round's questions, or for some, a way in which it goes wrong once."""
    draw = random.Random(SEED)
    ways = list(OF_OBJECTS.values())
    return (replace(draw.choice(ways), at=at) for at in range(1, question_count + 1, STEP))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_round_goes_on_whatever_becomes_of_a_question_to_the_object_store(run: Run) -> None:
    question_count = learn(run, run.services.objects)[1]
    lasting = [
        replace(way, label=label, times=AS_OFTEN_AS_ASKED)
        for label in OBJECT_LABELS
        for way in OF_OBJECTS.values()
    ]
    flips = [replace(FLIPPED, times=times) for times in (1, AS_OFTEN_AS_ASKED)]
    missed = [one for one in chain(lasting, flips) if not comes_up(run, one)]
    assert not missed
    for breakage in drawn(question_count):
        run.play(breakage)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_round_goes_on_whatever_becomes_of_a_question_to_the_database(
    run: Run, record_property: Record
) -> None:
    database = run.services.database
    labels, _ = learn(run, database)
    for label in sorted(labels):
        for way in OF_THE_DATABASE.values():
            run.play(replace(way, label=label), of=database)
    record_property("statements", len(labels))
    assert run.failure_count > run.round_count / 2  # not every round asks for everything


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_round_goes_on_whenever_the_database_is_started_anew_ends_lines_or_has_none_left(
    run: Run, cluster: Cluster
) -> None:
    database, draw = run.services.database, random.Random(SEED)
    _, question_count = learn(run, database)
    for happening in (cluster.restart, cluster.end_lines) * 4:
        # A round that goes on more swiftly than another asks less often.
        at = draw.randint(1, question_count // 3)
        assert run.play(Breakage("happen", at=at, happening=happening), of=database)
    for times in (1, 5, 25):
        database.cut_all()
        assert run.play(replace(NO_MORE_LINES, times=times), of=database)
    check_idle_lines(run, cluster)


def learn(run: Run, service: FailingService) -> tuple[set[str], int]:
    """Play two rounds; return what the second asks a service for, and how often it asks."""
    run.play()
    service.trace()
    run.play()
    trace = service.trace()
    return set(trace), len(trace)


def comes_up(run: Run, breakage: Breakage) -> bool:
    """Play a round with a failure, and without copies of models; return whether it came up."""
    for coordinator in run.fleet.coordinators:
        for copy in (coordinator.folder / "parameters").iterdir():
            copy.unlink()  # as is done when nobody has asked for it in an hour
    return bool(run.play(breakage))
