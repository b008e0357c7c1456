"""Several coordinators on PostgreSQL and an object store behind nginx: rounds, kills, hostility."""

import random
import signal
from collections import Counter
from http import HTTPStatus
from pathlib import Path
from typing import Final

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, seed, settings

from coordinator import protocol
from tests.coordinator.object_store import ObjectStore
from tests.coordinator.postgresql import Cluster
from tests.faults.conftest import SEED, Record
from tests.faults.fleet import FleetTemplate, make_fleet_template, running_fleet
from tests.faults.hostile import HostileRequest
from tests.faults.hostile import requests as hostile_requests
from tests.faults.scripted import ScriptedSite, upload_headers
from tests.faults.test_hostile import answer, check_reply, world_of

ROUND_S: Final = 1.0
"""About how long a round takes; random moments are drawn from it."""


def received_bytes(site: ScriptedSite, number: int, body: bytes) -> int:
    """Ask from where a site may go on sending."""
    path = protocol.update_path(site.template.study_id, number)
    asked = site.request("GET", path, headers=upload_headers(body))
    assert asked is not None
    return protocol.UploadReply.model_validate_json(asked.content).received_bytes


def test_rounds_go_on_on_the_other_coordinator_when_one_is_killed(
    fleet_template: FleetTemplate, cluster: Cluster, object_store: ObjectStore, tmp_path: Path
) -> None:
    with running_fleet(fleet_template, cluster, object_store, tmp_path / "run", 2) as fleet:
        fleet.play(1)
        fleet.check_average(1)
        site = next(one for one in fleet.sites if (told := one.round()) and told.is_picked)
        body = site.update_body(2, site.fetch(1))
        half = len(body) // 2
        path = protocol.update_path(site.template.study_id, 2)
        site.request("PUT", path, body[:half], upload_headers(body))
        # Whichever connection asks, the coordinator that has the half answers ...
        with requests.Session() as site.session:
            assert received_bytes(site, 2, body) == half
        # ... and if it has died, another one lets the site begin anew.
        fleet.coordinators[0].end(signal.SIGKILL)
        assert received_bytes(site, 2, body) in {0, half}
        fleet.play(2)
        fleet.check_average(2)
        fleet.check_nothing_is_lost()
        assert "Traceback" not in fleet.log()


def is_of_front(status: int | None, body: bytes) -> bool:
    """Whether nginx refuses what is no HTTP that it knows, as a server of HTTP has to."""
    unknown = (HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    return status in unknown and body.startswith(b"<html>")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_kills_at_random_moments_lose_nothing_and_change_no_bit(
    fleet_template: FleetTemplate,
    cluster: Cluster,
    object_store: ObjectStore,
    tmp_path: Path,
    record_property: Record,
) -> None:
    round_count, kills_per_round, draw = 20, 3, random.Random(SEED)
    with running_fleet(fleet_template, cluster, object_store, tmp_path / "undisturbed", 1) as fleet:
        digests = [fleet.play(number) for number in range(1, round_count + 1)]
    with running_fleet(fleet_template, cluster, object_store, tmp_path / "run", 3) as fleet:
        for number in range(1, round_count + 1):
            moments = [draw.uniform(0, ROUND_S) for _ in range(kills_per_round)]
            assert fleet.play(number, moments, SEED) == digests[number - 1]
        fleet.check_average(round_count)
        fleet.check_nothing_is_lost()
        assert "Traceback" not in fleet.log()
    record_property("kills", fleet.kill_count)
    assert fleet.kill_count > round_count


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_hostile_requests_change_nothing(
    fleet_template: FleetTemplate,
    cluster: Cluster,
    object_store: ObjectStore,
    tmp_path: Path,
    record_property: Record,
) -> None:
    with running_fleet(fleet_template, cluster, object_store, tmp_path / "undisturbed", 1) as fleet:
        digests = [fleet.play(number) for number in (1, 2, 3)]
    other = make_fleet_template(cluster, object_store, tmp_path, 1)
    statuses: Counter[int | None] = Counter()
    with running_fleet(fleet_template, cluster, object_store, tmp_path / "run", 2) as fleet:
        foreign = ScriptedSite(fleet.front.url, other.of_sites, other.of_sites.members[0])
        assert fleet.play(1) == digests[0]
        world = world_of(fleet.sites, foreign, tmp_path / "run" / "ran")
        ports = [fleet.front.port, *(one.port for one in fleet.coordinators)]

        @seed(SEED)
        @settings(
            max_examples=10_000,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(hostile_requests(world))
        def attack(request: HostileRequest) -> None:
            port = ports[sum(statuses.values()) % len(ports)]
            status, body = answer(port, request)
            statuses[status] += 1
            if not is_of_front(status, body):
                check_reply(world, request, status, body)
            assert all(one.is_running for one in fleet.coordinators), request

        attack()
        assert [fleet.play(number) for number in (2, 3)] == digests[1:]
        fleet.check_nothing_is_lost()
        assert "Traceback" not in fleet.log()
        foreign.session.close()
    record_property("requests", sum(statuses.values()))
    record_property("refused", sum(n for status, n in statuses.items() if (status or 0) >= 400))
    assert not world.marker.exists()
    for status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
        assert statuses[status] > 200, statuses
