"""Thousands of hostile requests in the middle of a round: nothing gives way, nothing changes."""

import http.client
import pickle
import select
import socket
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from coordinator.protocol import ErrorReply
from tests.faults.conftest import SEED, Record
from tests.faults.federation import begin
from tests.faults.hostile import HostileRequest, World, requests
from tests.faults.hostile_bodies import Gadget
from tests.faults.scripted import ScriptedSite, Template, make_template

NUMBER: Final = 2
"""The round that is attacked."""
REPLY_TIMEOUT_S: Final = 20.0
PATIENCE_S: Final = 0.2
"""How long a request that may be whole waits for its reply before it says that no more comes."""
MEMORY_LIMIT_MB: Final = 150.0
"""The model itself has next to no bytes here."""


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Six sites of a small model, so that thousands of bodies travel soon."""
    return make_template(tmp_path_factory.mktemp("besieged") / "data", 6, 2, count=10)


def undisturbed(template: Template, library: Path, folder: Path) -> list[str]:
    """Return the digests of the first rounds when nobody attacks."""
    run = begin(template, folder, library)
    with run.process, run.faults:
        run.start()
        digests = [run.play(number) for number in range(1, NUMBER + 2)]
        run.close()
    return digests


def world_of(sites: Sequence[ScriptedSite], foreign: ScriptedSite, marker: Path) -> World:
    """Open the round that is attacked, and let one of its sites send."""
    told = [(site, site.round()) for site in sites]
    picked = [site for site, reply in told if reply is not None and reply.is_picked]
    idle = [site for site in sites if site not in picked]
    base = picked[0].fetch(NUMBER - 1)
    bodies = [site.update_body(NUMBER, base) for site in picked]
    assert picked[1].send(NUMBER, bodies[1])
    return World(NUMBER, picked[0], bodies[0], picked[1], idle[0], foreign, marker)


def answer(port: int, request: HostileRequest) -> tuple[int | None, bytes]:
    """Send a request and return status and body of the reply; None if the line was just closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=REPLY_TIMEOUT_S) as line:
        try:
            line.sendall(request.encoded())
            if not select.select([line], [], [], PATIENCE_S)[0]:
                line.shutdown(socket.SHUT_WR)  # it waits for more than there is
        except OSError:
            pass  # refused before all of it was sent; the reply may still be there
        response = http.client.HTTPResponse(line, method=request.method or None)
        try:
            response.begin()
            return response.status, response.read()
        except (http.client.HTTPException, ConnectionError):
            return None, b""


def check_reply(world: World, request: HostileRequest, status: int | None, body: bytes) -> None:
    """Fail unless the reply is a refusal in a sentence, or the answer to something harmless."""
    if status is None:
        return
    assert status < HTTPStatus.INTERNAL_SERVER_ERROR, request
    if status == HTTPStatus.OK and request.method == "PUT":
        assert request.body == world.done.sent[NUMBER], request
    # What is no HTTP is refused by the server beneath the application, in plain text.
    if status >= HTTPStatus.BAD_REQUEST and body.startswith(b"{"):
        told = ErrorReply.model_validate_json(body)
        assert len(told.message.split()) >= 3, told
        assert str(world.marker.parent) not in told.message


def test_the_gadget_is_live(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Gadget(tmp_path / "ran")))  # noqa: S301  that is the point
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "request_count",
    [1000, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])],
)
def test_hostile_requests_change_nothing(
    request_count: int,
    besieged: Template,
    library: Path,
    tmp_path: Path,
    record_property: Record,
) -> None:
    digests = undisturbed(besieged, library, tmp_path / "undisturbed")
    other = make_template(tmp_path / "other", 1, 2)
    run = begin(besieged, tmp_path / "run", library)
    foreign = ScriptedSite(run.process.url, other, other.members[0])
    statuses: Counter[int | None] = Counter()
    with run.process, run.faults:
        run.start()
        assert run.play(1) == digests[0]
        world = world_of(run.sites, foreign, run.folder / "ran")

        @seed(SEED)
        @settings(
            max_examples=request_count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(requests(world))
        def attack(request: HostileRequest) -> None:
            status, body = answer(run.process.port, request)
            statuses[status] += 1
            check_reply(world, request, status, body)
            assert run.process.is_running, request

        attack()
        peak = run.process.memory_mb("VmHWM")
        assert [run.play(number) for number in (NUMBER, NUMBER + 1)] == digests[1:]
        run.check_nothing_is_lost()
        run.close()
    record_property("requests", sum(statuses.values()))
    record_property("refused", sum(n for status, n in statuses.items() if (status or 0) >= 400))
    record_property("MB at most", round(peak))
    assert not world.marker.exists()
    assert "Traceback" not in run.process.log()
    assert peak < MEMORY_LIMIT_MB
    for status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
        assert statuses[status] > request_count / 50, statuses
