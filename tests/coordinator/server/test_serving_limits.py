"""The limits as the operator sets them, on the server process itself."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests

from coordinator.protocol import ENROLMENTS_PATH, PROTOCOL_VERSION
from tests.faults.process import CoordinatorProcess

Starting = Callable[..., CoordinatorProcess]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Starting]:
    """Start a coordinator with some settings."""
    with ExitStack() as stack:

        def start(**settings: object) -> CoordinatorProcess:
            environment = {
                f"SITEBLIND_COORDINATOR_{name.upper()}": str(value)
                for name, value in settings.items()
            }
            process = CoordinatorProcess(tmp_path / "data", tmp_path / "log", environment)
            stack.enter_context(process)
            process.start()
            return process

        yield start


def guess_codes(process: CoordinatorProcess, addresses: list[str]) -> list[int]:
    """Try wrong codes, each time as if a proxy had named another address; give the statuses."""
    message = {
        "protocol_version": PROTOCOL_VERSION,
        "code": "0000-0000-0000-0000-0000",
        "credential": "w" * 43,
        "site_name": "Ward",
    }
    with requests.Session() as session:
        return [
            session.post(
                process.url + ENROLMENTS_PATH,
                json=message,
                headers={"X-Forwarded-For": address},
                timeout=20,
            ).status_code
            for address in addresses
        ]


ADDRESSES = [f"192.0.2.{number}" for number in range(4)]


def test_address_is_the_connections_own_whatever_the_sender_claims(started: Starting) -> None:
    process = started(failures_per_minute_per_address=2)
    assert guess_codes(process, ADDRESSES) == [403, 403, 429, 429]


def test_address_is_the_one_that_a_trusted_proxy_names(started: Starting) -> None:
    process = started(failures_per_minute_per_address=2, behind_proxy=True)
    assert guess_codes(process, ADDRESSES) == [403] * 4
    same = ADDRESSES[:1] * 2
    assert guess_codes(process, same) == [403, 429]


def test_proxy_that_is_not_trusted_names_nobody(started: Starting) -> None:
    settings = {"behind_proxy": True, "trusted_proxies": "192.0.2.99"}
    process = started(failures_per_minute_per_address=2, **settings)
    assert guess_codes(process, ADDRESSES) == [403, 403, 429, 429]


def test_silent_line_is_cut_when_patience_is_spent(started: Starting) -> None:
    process = started(patience_s=1)
    with socket.create_connection(("127.0.0.1", process.port), timeout=20) as line:
        started_s = time.monotonic()
        assert line.recv(1) == b""
        assert time.monotonic() - started_s < 10


def test_headers_without_end_are_cut_before_they_fill_the_memory(started: Starting) -> None:
    process = started()
    sent_count, limit = 0, 100 << 20
    with (
        socket.create_connection(("127.0.0.1", process.port), timeout=20) as line,
        suppress(ConnectionError),
    ):
        line.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        while sent_count < limit:
            sent_count += line.send(b"x" * 65536)
    assert sent_count < limit
    assert requests.get(f"{process.url}/healthz", timeout=20).status_code == 200


def test_lines_beyond_the_limit_are_answered_and_those_before_go_on(started: Starting) -> None:
    process = started(connections=3)
    with requests.Session() as first, ExitStack() as silent:
        assert first.get(f"{process.url}/healthz", timeout=20).status_code == 200
        for _ in range(3):
            silent.enter_context(socket.create_connection(("127.0.0.1", process.port)))
        beyond = requests.get(f"{process.url}/healthz", timeout=20)
        assert beyond.status_code == 503
    for _ in range(100):
        if requests.get(f"{process.url}/healthz", timeout=20).status_code == 200:
            return
        time.sleep(0.02)
    raise AssertionError("the lines that were closed still count")


def test_as_many_files_may_be_open_as_the_lines_need(started: Starting) -> None:
    process = started(connections=1_500)
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert int(line.split()[3]) >= 3_200
