"""Several coordinators on one PostgreSQL and one object store, behind nginx as it is shipped."""

import random
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import requests
from safetensors.numpy import load
from sqlalchemy import insert, select, text

from coordinator.storage.blobs import BlobFolder
from coordinator.storage.object_place import ObjectPlace
from coordinator.storage.objects import ObjectBlobs
from coordinator.storage.store import Store
from coordinator.storage.tables import metadata
from tests.coordinator.object_store import ObjectStore
from tests.coordinator.postgresql import Cluster
from tests.faults.process import START_TIMEOUT_S, CoordinatorProcess, free_port
from tests.faults.scripted import (
    ScriptedSite,
    Template,
    expected_average,
    fill,
    scripted_study,
    wire_digest,
)
from tests.faults.services import FailingService, of_object_store, of_postgresql

SHIPPED: Final = Path(__file__).parents[2] / "packaging" / "coordinator" / "nginx.conf"
ROUND_TIMEOUT_S: Final = 240.0
TICK_S: Final = 0.005


@dataclass(frozen=True)
class FleetTemplate:
    """A study that is ready to begin, in a database and a bucket; runs begin from copies."""

    of_sites: Template
    database: str
    place: ObjectPlace


class Front:
    """nginx with the shipped configuration, but for addresses, ports and TLS."""

    def __init__(self, folder: Path, ports: Sequence[int]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        folder.mkdir()
        (folder / "siteblind.conf").write_text(self._site(ports))
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log warn; "
            "worker_processes 1; events { worker_connections 4096; }\n"
            f"http {{ access_log off; {self._paths()} include {folder}/siteblind.conf; }}\n"
        )
        self._process = subprocess.Popen(
            ["nginx", "-e", folder / "error.log", "-c", folder / "nginx.conf"],
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Wait until it answers, by whatever coordinator."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                if requests.get(f"{self.url}/healthz", timeout=5).ok:
                    return
            except requests.RequestException:
                pass
            assert self._process.poll() is None, (self._folder / "error.log").read_text()
            assert time.monotonic() < deadline, (self._folder / "error.log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it at once."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()

    def _site(self, ports: Sequence[int]) -> str:
        shipped = SHIPPED.read_text()
        plain, _, _ = shipped.rpartition("server {")  # the last one sends http to https
        plain = re.sub(r"^\s*(ssl_\w+|listen \[).*$", "", plain, flags=re.MULTILINE)
        plain = plain.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port};")
        servers = "".join(f"server 127.0.0.1:{port}; " for port in ports)
        named = re.sub(r"^ *server 127\.0\.0\.1:8470;.*$", servers, plain, flags=re.MULTILINE)
        assert named.count("server 127.0.0.1") == len(ports)
        return named

    def _paths(self) -> str:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return " ".join(f"{kind}_temp_path {self._folder}/{kind};" for kind in kinds)


@dataclass(frozen=True)
class Services:
    """Lines of coordinators to what they share, on which things go wrong."""

    database: FailingService
    objects: FailingService

    def environment(self, database: str) -> Mapping[str, str]:
        """Return what a coordinator must be started with to use these lines."""
        url = f"postgresql://postgres@127.0.0.1:{self.database.port}/{database}"
        return {
            "SITEBLIND_COORDINATOR_DATABASE_URL": url,
            "SITEBLIND_COORDINATOR_OBJECT_STORE_ENDPOINT": self.objects.url,
        }


@dataclass
class Fleet:
    """A run of a study on several coordinators."""

    coordinators: list[CoordinatorProcess]
    front: Front
    sites: list[ScriptedSite]
    database_url: str
    kill_count: int = 0

    def play(self, number: int, kill_after_s: Sequence[float] = (), seed: int = 0) -> str:
        """Play a round to its end; return the digest that all sites were told.

        Args:
            number: The round, which is the next one.
            kill_after_s: When some coordinator is killed; it starts again at once.
            seed: Of which ones.
        """
        given_up, draw = threading.Event(), random.Random(f"{seed} {number}")
        with ThreadPoolExecutor(len(self.sites)) as pool:
            playing = [pool.submit(site.take_part, number, given_up) for site in self.sites]
            try:
                self._watch(playing, sorted(kill_after_s), draw)
            finally:
                given_up.set()
        digests = {one.result() for one in playing}
        assert len(digests) == 1
        return digests.pop()

    def kill(self, coordinator: CoordinatorProcess) -> None:
        """Kill a coordinator, and let it start again at once."""
        assert coordinator.is_running, coordinator.log()[-3000:]
        coordinator.end(signal.SIGKILL)
        self.kill_count += 1
        coordinator.launch()

    def check_nothing_is_lost(self) -> None:
        """Fail if anything that was acknowledged is not known any more."""
        store = Store(self.database_url)
        try:
            with store.reading() as connection:
                rows = connection.execute(text("SELECT round_number, site_id, digest FROM updates"))
                known = {tuple(row) for row in rows}
        finally:
            store.close()
        for site in self.sites:
            assert not site.lost, site.lost
            for number, body in site.sent.items():
                assert (number, site.member.site_id, wire_digest(body)) in known

    def check_average(self, number: int) -> None:
        """Compare the published parameters of a round with what they must be by hand."""
        published = load(self.sites[0].fetch(number))
        for name, expected in expected_average(self.sites, number).items():
            # The program sums in float64, too, though perhaps in another order.
            np.testing.assert_array_max_ulp(published[name], expected, 1)

    def log(self) -> str:
        """Return all that the coordinators have said."""
        return "".join(one.log() for one in self.coordinators)

    def close(self) -> None:
        """Let go of the sites' connections."""
        for site in self.sites:
            site.session.close()

    def _watch(
        self, playing: list[Future[str]], kill_after_s: list[float], draw: random.Random
    ) -> None:
        began = time.monotonic()
        while not all(one.done() for one in playing):
            passed_s = time.monotonic() - began
            assert passed_s < ROUND_TIMEOUT_S, self.log()[-3000:]
            if kill_after_s and passed_s >= kill_after_s[0]:
                kill_after_s.pop(0)
                self.kill(draw.choice(self.coordinators))
            time.sleep(TICK_S)


def make_fleet_template(
    cluster: Cluster,
    object_store: ObjectStore,
    folder: Path,
    site_count: int,
    **rounds: Any,
) -> FleetTemplate:
    """Create a study, its initial parameters and its sites in a database and a bucket."""
    place, database = object_store.new_place(), cluster.make_database()
    study = scripted_study(max(2, site_count), **rounds)
    store = Store(cluster.url(database))
    try:
        blobs = ObjectBlobs(place, BlobFolder(folder / "copies"))
        of_sites = fill(store, blobs, folder, study, site_count)
    finally:
        store.close()
    return FleetTemplate(of_sites, database, place)


def copied_to_services(
    template: Template, cluster: Cluster, object_store: ObjectStore, aside: Path
) -> FleetTemplate:
    """Copy a data folder's study into a database and a bucket, so that both can be run."""
    place, database = object_store.new_place(), cluster.make_database()
    blobs = ObjectBlobs(place, BlobFolder(aside))
    for path in (template.folder / "parameters").iterdir():
        blobs.put([path.read_bytes()])
    before = Store(f"sqlite:///{template.folder / 'coordinator.sqlite'}")
    after = Store(cluster.url(database))
    try:
        with before.reading() as reader, after.writing() as writer:
            for table in metadata.sorted_tables:
                if rows := reader.execute(select(table)).mappings().all():
                    writer.execute(insert(table), [dict(row) for row in rows])
    finally:
        before.close()
        after.close()
    return FleetTemplate(template, database, place)


@contextmanager
def running_services(cluster: Cluster, object_store: ObjectStore) -> Iterator[Services]:
    """Draw the lines to both."""
    with (
        FailingService(cluster.socket_path, of_postgresql) as database,
        FailingService(("127.0.0.1", object_store.port), of_object_store) as objects,
    ):
        yield Services(database, objects)


@contextmanager
def running_fleet(
    template: FleetTemplate,
    cluster: Cluster,
    object_store: ObjectStore,
    aside: Path,
    count: int,
    services: Services | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Fleet]:
    """Start so many coordinators, each on a data folder of its own, on a copy of a template.

    Args:
        template: The study and its sites.
        cluster: Where the database is made.
        object_store: Where the bucket is made.
        aside: Gets everything that is the run's own.
        count: How many coordinators.
        services: The lines by which they reach database and bucket; straight if not given.
        settings: Further ones, as environment variables.
    """
    aside.mkdir()
    database = cluster.make_database(template.database)
    place = object_store.copy_of(template.place)
    environment = {
        "SITEBLIND_COORDINATOR_DATABASE_URL": cluster.url(database),
        "SITEBLIND_COORDINATOR_OBJECT_STORE": place.address,
        "SITEBLIND_COORDINATOR_OBJECT_STORE_ENDPOINT": str(place.endpoint),
        "SITEBLIND_COORDINATOR_BEHIND_PROXY": "true",
        **(services.environment(database) if services else {}),
        **(settings or {}),
    }
    with ExitStack() as ends:
        coordinators = [
            ends.enter_context(
                CoordinatorProcess(aside / f"data-{n}", aside / f"log-{n}", environment)
            )
            for n in range(count)
        ]
        for one in coordinators:
            one.launch()
        front = Front(aside / "front", [one.port for one in coordinators])
        ends.callback(front.stop)
        for one in coordinators:
            assert one.answers(), one.log()[-3000:]
        front.wait()
        sites = [
            ScriptedSite(front.url, template.of_sites, member)
            for member in template.of_sites.members
        ]
        fleet = Fleet(coordinators, front, sites, cluster.url(database))
        ends.callback(fleet.close)
        yield fleet
