"""Headers that never end, on the parser that would take them all."""

import asyncio
import hashlib
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn
from fastapi import FastAPI, Request

from coordinator.server.header_limit import HEADER_LIMIT_BYTES, bounded
from coordinator.server.serving import listen
from tests.coordinator.conftest import TIMEOUT_S, wait_until

MUCH = 20 << 20


@pytest.fixture(params=["httptools", "h11"])
def line(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """A line to a real server with either parser."""
    app = FastAPI()

    @app.put("/")
    async def put(request: Request) -> int:
        return len(await request.body())

    @app.put("/digest")
    async def put_and_hash(request: Request) -> str:
        digest = hashlib.sha256()
        async for chunk in request.stream():
            digest.update(chunk)
            await asyncio.sleep(0.001)  # more comes meanwhile
        return digest.hexdigest()

    config = uvicorn.Config(app, http=request.param, log_config=None, access_log=False)
    config.load()
    config.http_protocol_class = bounded(config.http_protocol_class)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started)
        with socket.create_connection(listener.getsockname(), timeout=TIMEOUT_S) as connection:
            yield connection
        server.should_exit = True
        thread.join()


def flood(line: socket.socket, piece: bytes) -> int:
    """Send on and on; return how much was taken before the line was cut."""
    sent_count = 0
    with suppress(ConnectionError):
        while sent_count < MUCH:
            sent_count += line.send(piece)
    return sent_count


@pytest.mark.parametrize(
    "begun",
    [
        b"PUT / HTTP/1.1\r\nHost: here\r\nX: ",
        b"PUT /",
        b"PUT / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: ",
        b"PUT / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ],
    ids=["header", "path", "trailer", "extension of a chunk"],
)
def test_line_without_end_is_cut(line: socket.socket, begun: bytes) -> None:
    line.sendall(begun)
    assert flood(line, b"x" * HEADER_LIMIT_BYTES) < MUCH


def test_headers_without_end_are_cut(line: socket.socket) -> None:
    line.sendall(b"PUT / HTTP/1.1\r\nHost: here\r\n")
    assert flood(line, b"X: y\r\n" * 10_000) < MUCH


def test_large_body_is_no_header(line: socket.socket) -> None:
    size = 40 * HEADER_LIMIT_BYTES
    for _ in range(2):  # on one line
        line.sendall(f"PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: {size}\r\n\r\n".encode())
        line.sendall(bytes(size))
        answer = line.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 200 ")
        if not answer.endswith(str(size).encode()):
            assert line.recv(1 << 16) == str(size).encode()


def test_body_in_chunks_is_no_header(line: socket.socket) -> None:
    line.sendall(b"PUT / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(40):
        line.sendall(b"%x\r\n" % HEADER_LIMIT_BYTES + bytes(HEADER_LIMIT_BYTES) + b"\r\n")
    line.sendall(b"0\r\n\r\n")
    assert line.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


def test_body_comes_whole_however_it_is_cut_and_however_late_it_is_read(
    line: socket.socket,
) -> None:
    draw = random.Random(4)
    pieces = [draw.randbytes(draw.choice([1, 700, 9_000, 300_000])) for _ in range(60)]
    body = b"".join(pieces)
    line.sendall(f"PUT /digest HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    for piece in pieces:
        line.sendall(piece)
    answer = b""
    while not answer.endswith(b'"'):
        answer += line.recv(1 << 16)
    assert answer.endswith(f'"{hashlib.sha256(body).hexdigest()}"'.encode())
