"""What a coordinator takes for a thousand polling and a hundred uploading sites, route by route.

Each phase is run on the coordinator (on SQLite, on PostgreSQL, and on PostgreSQL with parameter
files in an object store) and on a bare FastAPI application that answers with as many bytes, all in
one run: ratios hold on a shared machine, times only there. What PostgreSQL itself takes is counted
beside it; what the object store takes is a test server's, and says nothing of a real one. The sites
are connections of one process over loopback, on the same cores; requests are due at fixed times, so
that a server that falls behind is seen to. Everything is bounded by count and time.

Run with ``python -m tests.benchmarks.load``; figures in ``build/bench/load.json``, and what follows
from them for other studies by ``python -m tests.benchmarks.load.capacity``.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any, Final
from uuid import uuid4

import numpy as np
from sqlalchemy import func, insert, select

from coordinator import protocol
from coordinator.access.auth import invite_sites
from coordinator.storage.blobs import BlobFolder, Blobs
from coordinator.storage.object_place import ObjectPlace
from coordinator.storage.objects import ObjectBlobs
from coordinator.storage.store import Store
from coordinator.storage.tables import domains, metadata, sites
from tests.benchmarks.exchange.workers import peak_memory_bytes
from tests.benchmarks.figures import write_figures
from tests.benchmarks.load import phases, server
from tests.benchmarks.load.capacity import Costs
from tests.benchmarks.load.phases import BUSY_COUNT, POLL_S, SITE_COUNT, Contender, Phase
from tests.coordinator.object_store import running_object_store
from tests.coordinator.postgresql import running_cluster
from tests.faults.scripted import ScriptedSite, Template, fill, scripted_study

EXTRACTOR_WIDTH: Final = 500
"""Thousands of values: 2 MB; what larger models take follows from it, byte by byte."""
ENROLMENTS: Final = 100
LARGE_COUNT: Final = 10_000
"""Sites of a study whose polls are measured, though not all of them poll."""
AVERAGE_TIMEOUT_S: Final = 300.0
REPEATS: Final = 5
"""Of what the machine itself can do; the best one counts."""


@dataclass(frozen=True)
class Prepared:
    """A data folder and a database with a study that is ready to begin."""

    folder: Path
    store: Store
    template: Template
    codes: list[str]


@dataclass(frozen=True)
class Backend:
    """What a coordinator has its rows and parameter files kept by; its data folder if nothing."""

    database_url: str | None = None
    objects_at: ObjectPlace | None = None
    behind: Mapping[str, int] = field(default_factory=dict)
    """Process ids of those that keep them."""

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings that name it."""
        settings = {}
        if self.database_url is not None:
            settings["DATABASE_URL"] = self.database_url
        if self.objects_at is not None:
            settings["OBJECT_STORE"] = self.objects_at.address
            settings["OBJECT_STORE_ENDPOINT"] = str(self.objects_at.endpoint)
        return {f"SITEBLIND_COORDINATOR_{name}": value for name, value in settings.items()}


@contextmanager
def prepared(folder: Path, backend: Backend) -> Iterator[Prepared]:
    """Make a study of so many sites, of which a round picks those that upload."""
    folder.mkdir()
    store = Store(backend.database_url or f"sqlite:///{folder / 'coordinator.sqlite'}")
    try:
        share = BUSY_COUNT / SITE_COUNT
        study = scripted_study(SITE_COUNT + 2 * ENROLMENTS, fraction=share, count=3)
        blobs: Blobs = BlobFolder(folder / "parameters")
        if backend.objects_at is not None:
            blobs = ObjectBlobs(backend.objects_at, BlobFolder(folder / "copies"))
        template = fill(store, blobs, folder, study, SITE_COUNT, EXTRACTOR_WIDTH)
        with store.writing() as connection:
            codes = invite_sites(connection, template.study_id, datetime.now(UTC), count=ENROLMENTS)
        yield Prepared(folder, store, template, codes)
    finally:
        store.close()


def of_coordinator(made: Prepared, backend: Backend) -> dict[str, Any]:
    """Measure all phases on a coordinator that serves a prepared study."""
    template = made.template
    with server.coordinator(made.folder, backend.environment) as (port, pid):
        first = Contender(
            port=port,
            pid=pid,
            credentials=[member.credential for member in template.members],
            poll_path=protocol.round_path(template.study_id),
            download_path=protocol.parameters_path(template.study_id, 0),
            upload_path=protocol.update_path(template.study_id, 1),
            behind=backend.behind,
        )
        scripted = [ScriptedSite(f"http://127.0.0.1:{port}", template, m) for m in template.members]
        answer = scripted[0].request("GET", first.poll_path)
        assert answer is not None
        measured = {
            "eager_polls": phases.eager(first),
            "polls": phases.quiet(first),
            "small_writes": phases.small_writes(first, template, made.codes),
            "downloads": phases.downloads(first),
        }
        before = row_counts(made.store)  # a round is open: the picks of the next one come
        picked = [site for site in scripted if (told := site.round()) and told.is_picked]
        base = picked[0].fetch(0)
        bodies = [site.update_body(1, base) for site in picked]
        senders = [site.member.credential for site in picked]
        others = [one for one in first.credentials if one not in set(senders)]
        first.credentials[:] = senders + others
        measured["uploads"] = phases.uploads(first, bodies)
        average = until_averaged(scripted[0], first)
        rows = {"before": before, "after": row_counts(made.store)}
        add_silent_sites(made, LARGE_COUNT - SITE_COUNT)
        measured["eager_polls_among_10000"] = phases.eager(first)
        for site in scripted:
            site.session.close()
        return {
            **{name: phase.figures() for name, phase in measured.items()},
            "average": average,
            "peak_memory_mb": round(peak_memory_bytes(pid) / 1e6),
            "poll_answer_bytes": len(answer.content),
            "model_bytes": len(base),
            "update_bytes": len(bodies[0]),
            "rows": rows,
        }


def add_silent_sites(made: Prepared, count: int) -> None:
    """Let a study have so many sites more, which are there but never ask in this run."""
    numbered = [(f"{n:032x}", n + 10 * SITE_COUNT) for n in range(count)]
    of_study, now = {"study_id": made.template.study_id}, datetime.now(UTC)
    with made.store.writing() as connection:
        connection.execute(
            insert(sites),
            [
                {
                    **of_study,
                    "site_id": site_id,
                    "site_name": "Hospital",
                    "credential_hash": f"{number:064x}",
                    "enrolled_at": now,
                    "last_seen_at": now,
                }
                for site_id, number in numbered
            ],
        )
        connection.execute(
            insert(domains),
            [
                {**of_study, "site_id": site_id, "domain_index": number, "domain_id": str(uuid4())}
                for site_id, number in numbered
            ],
        )


def until_averaged(site: ScriptedSite, contender: Contender) -> dict[str, Any]:
    """Wait until the round of the uploads is averaged; it began when the last was acknowledged."""
    began_s, before = monotonic(), contender.processor_s()
    while (told := site.round()) is None or told.round_number == 1:
        assert monotonic() < began_s + AVERAGE_TIMEOUT_S
        sleep(0.05)
    now = contender.processor_s()
    return {
        "seconds": round(monotonic() - began_s, 2),
        "processor_s": {name: round(now[name] - before[name], 2) for name in now},
    }


def of_bare(made: Prepared, answer_bytes: int, update: int) -> dict[str, Any]:
    """Measure the phases that the bare peer can take part in."""
    blobs = BlobFolder(made.folder / "parameters")
    model = blobs.path(next(blobs.names()))
    with server.bare(model, b"x" * answer_bytes) as (port, pid):
        contender = Contender(
            port=port,
            pid=pid,
            credentials=[member.credential for member in made.template.members],
            poll_path="/healthz",
            download_path="/model",
            upload_path="/update",
        )
        measured: dict[str, Phase] = {
            "eager_polls": phases.eager(contender),
            "polls": phases.quiet(contender),
            "downloads": phases.downloads(contender),
            "uploads": phases.uploads(contender, [bytes(update)] * BUSY_COUNT),
        }
        return {
            **{name: phase.figures() for name, phase in measured.items()},
            "peak_memory_mb": round(peak_memory_bytes(pid) / 1e6),
        }


def row_counts(store: Store) -> dict[str, int]:
    """Return how many rows each table has."""
    with store.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def of_machine() -> dict[str, float]:
    """Return what one core does with bytes that pass through it: copying, and SHA-256."""
    content = np.ones(64 << 20, np.uint8)

    def best_s(work: Any) -> float:
        seconds = []
        for _ in range(REPEATS):
            began_s = perf_counter()
            work()
            seconds.append(perf_counter() - began_s)
        return min(seconds)

    return {
        "copied_gb_per_s": round(content.size / best_s(content.copy) / 1e9, 2),
        "hashed_gb_per_s": round(content.size / best_s(lambda: sha256(content.data)) / 1e9, 2),
    }


@contextmanager
def backends(scratch: Path) -> Iterator[dict[str, Backend]]:
    """Start what the backends need; yield them by name."""
    with running_cluster() as cluster, running_object_store(scratch) as objects:
        database, another = (cluster.url(cluster.make_database()) for _ in range(2))
        rows = {"postgresql": cluster.pid}
        yield {
            "sqlite": Backend(),
            "postgresql": Backend(database, behind=rows),
            "postgresql_and_objects": Backend(
                another, objects.new_place(), {**rows, "object_store": objects.pid}
            ),
        }


def main() -> None:
    """Measure one server after the other, and write the figures that there are so far."""
    Path("build").mkdir(exist_ok=True)
    figures: dict[str, Any] = {
        "site_count": SITE_COUNT,
        "busy_count": BUSY_COUNT,
        "poll_s": POLL_S,
        "on_the_machine": of_machine(),
    }
    with (
        tempfile.TemporaryDirectory(dir="build") as scratch,
        backends(Path(scratch).absolute()) as named,
    ):
        folder = Path(scratch).absolute()
        for name, backend in named.items():
            with prepared(folder / name, backend) as made:
                ours = figures[name] = of_coordinator(made, backend)
            if "bare" not in figures:
                with prepared(folder / "bare", Backend()) as made:
                    figures["bare"] = of_bare(made, ours["poll_answer_bytes"], ours["update_bytes"])
            ratios = {name: ratios_of(figures, name) for name in named.keys() & figures.keys()}
            write_figures("load", {**figures, "ratios": ratios})


def ratios_of(figures: dict[str, Any], backend: str) -> dict[str, Any]:
    """Return how a backend compares with the bare peer, and with what one core does with bytes.

    An update's bytes have at least to be copied out of the kernel and hashed.
    """
    ours, bare = figures[backend], figures["bare"]
    routes = {"polls": "GET round", "downloads": "GET parameters", "uploads": "PUT update"}
    medians = [
        {phase: one[phase]["routes"][routes[phase]]["p50_ms"] for phase in routes}
        for one in (ours, bare)
    ]
    speeds = figures["on_the_machine"]
    least_s = (
        ours["update_bytes"] / 1e9 * (1 / speeds["copied_gb_per_s"] + 1 / speeds["hashed_gb_per_s"])
    )
    update_s = Costs.of(figures, backend).update_s
    return {
        "median_to_bare": {routes[p]: round(medians[0][p] / medians[1][p], 2) for p in routes},
        "processor_of_update_to_copying_and_hashing_it": round(update_s / least_s, 1),
    }


if __name__ == "__main__":
    main()
