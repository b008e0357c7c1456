"""Slow lines: bodies that drip, headers that never end, readers that do not read."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from coordinator.errors import SlowBodyError
from coordinator.server.patience import Patience, SlowBodies, Tolerance, watched
from coordinator.server.serving import listen
from tests.coordinator.conftest import TIMEOUT_S, wait_until

TOLERANCE = Tolerance(patience_s=2.0, bytes_per_s=1000)
ANSWER = bytes(64 << 20)
"""More than a kernel takes off the server's hands for a reader that does not read."""


def test_waiting_spends_patience_and_bytes_earn_it_back_at_the_slowest_rate() -> None:
    patience = Patience(Tolerance(patience_s=60, bytes_per_s=1000))
    patience.spend(30)
    assert patience.left_s == 30
    patience.earn(5000)
    assert patience.left_s == 35


def test_patience_cannot_be_saved_up() -> None:
    patience = Patience(Tolerance(patience_s=60, bytes_per_s=1000))
    patience.earn(1_000_000_000)
    assert patience.left_s == 60


def make_app(reached: list[str]) -> FastAPI:
    app = FastAPI()

    @app.put("/body")
    async def put_body(request: Request) -> int:
        reached.append("body")
        return len(await request.body())

    @app.put("/refused")
    async def put_refused() -> Response:
        return Response(status_code=409)

    @app.put("/late")
    async def put_late(request: Request) -> int:
        await asyncio.sleep(TOLERANCE.patience_s + 1)  # our own work, which costs no patience
        return len(await request.body())

    @app.get("/answer")
    async def get_answer() -> Response:
        reached.append("answer")
        return Response(ANSWER)

    @app.exception_handler(SlowBodyError)
    async def on_slow(_request: Request, error: SlowBodyError) -> JSONResponse:
        return JSONResponse(str(error), status_code=408, headers={"Connection": "close"})

    app.add_middleware(SlowBodies, tolerance=TOLERANCE)
    return app


@pytest.fixture
def reached() -> list[str]:
    return []


@pytest.fixture
def port(reached: list[str]) -> Iterator[int]:
    """A real server, with the watched protocol."""
    config = uvicorn.Config(make_app(reached), log_config=None, access_log=False)
    config.load()
    config.http_protocol_class = watched(config.http_protocol_class, TOLERANCE)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        yield connection


def put(path: str, size: int) -> bytes:
    return f"PUT {path} HTTP/1.1\r\nHost: here\r\nContent-Length: {size}\r\n\r\n".encode()


def read_all(line: socket.socket) -> bytes:
    """Read until the server hangs up."""
    parts = []
    try:
        while part := line.recv(1 << 16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def seconds_until_cut(line: socket.socket) -> float:
    started_s = time.monotonic()
    assert read_all(line) == b""
    return time.monotonic() - started_s


def test_body_that_stands_still_is_refused_with_a_sentence(line: socket.socket) -> None:
    line.sendall(put("/body", 100) + b"x" * 50)
    answer = read_all(line)  # ends, too: the rest is not waited for
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The body arrives too slowly; send it again" in answer


def test_body_that_drips_is_refused(line: socket.socket) -> None:
    line.sendall(put("/body", 1000))
    started_s = time.monotonic()
    line.settimeout(0.2)
    answer = b""
    while not answer and time.monotonic() - started_s < TIMEOUT_S:
        line.sendall(b"x" * 20)  # 100 bytes per second, a tenth of what is tolerated
        try:
            answer = line.recv(1 << 16)
        except TimeoutError:
            continue
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_body_that_is_slow_but_fast_enough_may_take_its_time(line: socket.socket) -> None:
    line.sendall(put("/body", 8 * 2000))
    for _ in range(8):  # 4,000 bytes per second for twice the patience
        time.sleep(TOLERANCE.patience_s / 4)
        line.sendall(bytes(2000))
    assert line.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


def test_time_that_the_application_takes_is_not_held_against_the_sender(
    line: socket.socket,
) -> None:
    line.sendall(put("/late", 5) + b"whole")
    assert line.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


def test_connection_that_says_nothing_is_cut(line: socket.socket) -> None:
    assert seconds_until_cut(line) < 3 * TOLERANCE.patience_s


def test_headers_that_drip_are_cut(line: socket.socket, reached: list[str]) -> None:
    line.sendall(b"PUT /body HTTP/1.1\r\nHost: here\r\nX: ")
    started_s = time.monotonic()
    line.settimeout(0.2)
    is_open = True
    while is_open and time.monotonic() - started_s < TIMEOUT_S:
        try:
            line.sendall(b"x")
            is_open = line.recv(1) != b""
        except TimeoutError:
            continue
        except OSError:
            is_open = False
    assert not is_open
    assert reached == []


def test_rest_of_a_refused_body_that_stands_still_is_not_waited_for(line: socket.socket) -> None:
    line.sendall(put("/refused", 1000) + b"x")
    assert read_all(line).startswith(b"HTTP/1.1 409 ")  # and then the line is cut


def test_reader_that_does_not_read_is_cut(line: socket.socket, reached: list[str]) -> None:
    line.sendall(b"GET /answer HTTP/1.1\r\nHost: here\r\n\r\n")
    wait_until(lambda: reached == ["answer"])
    time.sleep(3 * TOLERANCE.patience_s)
    assert len(read_all(line)) < len(ANSWER)


def test_reader_that_is_slow_but_fast_enough_gets_all(line: socket.socket) -> None:
    line.sendall(b"GET /answer HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
    size = 0
    started_s = time.monotonic()
    while time.monotonic() - started_s < 1.5 * TOLERANCE.patience_s:
        size += len(line.recv(1 << 20))
        time.sleep(0.1)
    assert size + len(read_all(line)) > len(ANSWER)


def test_server_that_works_is_not_cut_off(line: socket.socket) -> None:
    line.sendall(b"PUT /late HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n")
    assert line.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
