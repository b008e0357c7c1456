"""Bodies that are cut on the way go on where they were, in both directions."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import requests

from coordinator import protocol
from desktop_client.errors import CoordinatorAwayError, CoordinatorRefusedError
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.download import Download

BODY = bytes(range(256)) * 4000
"""A million bytes."""


@dataclass
class Coordinator:
    """Sends and takes one body, a piece per line.

    Attributes:
        piece: Bytes that come through before a line is cut.
        cut_count: How many lines are cut.
        asked: The ranges and offsets that were asked for.
        etag: What the body to be sent is called.
        taken: What arrived.
        refusal: Answers the whole body, if anything.
    """

    piece: int = 1 << 18
    cut_count: int = 0
    asked: list[str | None] = field(default_factory=list)
    etag: str = '"one"'
    taken: bytearray = field(default_factory=bytearray)
    refusal: bytes | None = None

    def is_cut(self) -> bool:
        self.cut_count -= 1
        return self.cut_count >= 0


@contextmanager
def serving(coordinator: Coordinator) -> Iterator[CoordinatorClient]:  # noqa: C901  one handler
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 0.5  # an idle line would keep its thread

        def do_GET(self) -> None:
            if protocol.DIGEST_HEADER in self.headers:
                received = len(coordinator.taken)
                reply = protocol.UploadReply(received_bytes=received, is_accepted=False)
                self.answer(200, reply.model_dump_json().encode())
                return
            asked = self.headers.get("Range")
            coordinator.asked.append(asked)
            start = 0
            if asked is not None and self.headers.get("If-Range") == coordinator.etag:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start == len(BODY):
                self.answer(416, b"")
                return
            self.send_response(206 if start else 200)
            self.send_header("ETag", coordinator.etag)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
            self.send_header("Content-Length", str(len(BODY) - start))
            self.end_headers()
            if coordinator.is_cut():
                self.wfile.write(BODY[start : start + coordinator.piece])
                self.close_connection = True
            else:
                self.wfile.write(BODY[start:])

        def do_PUT(self) -> None:
            offset = int(self.headers[protocol.OFFSET_HEADER])
            coordinator.asked.append(str(offset))
            assert offset == len(coordinator.taken)
            if coordinator.is_cut():
                coordinator.taken += self.rfile.read(coordinator.piece)
                self.close_connection = True
                return
            coordinator.taken += self.rfile.read(int(self.headers["Content-Length"]))
            if coordinator.refusal is not None:
                coordinator.taken.clear()
                self.answer(409, coordinator.refusal)
                return
            assert hashlib.sha256(coordinator.taken).hexdigest() == self.headers["SiteBlind-Digest"]
            digest = self.headers["SiteBlind-Digest"]
            reply = protocol.UpdateReply(round_number=1, digest=digest)
            self.answer(200, reply.model_dump_json().encode())

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with CoordinatorClient(f"http://127.0.0.1:{server.server_port}", "secret") as client:
            yield client
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_download_that_is_cut_goes_on_where_it_was() -> None:
    coordinator = Coordinator(cut_count=2)
    with serving(coordinator) as client:
        assert client.download_parameters("s", 1, limit_bytes=2_000_000) == BODY
    assert coordinator.asked == [None, "bytes=262144-", "bytes=524288-"]


def test_download_whose_end_was_lost_begins_anew() -> None:
    coordinator = Coordinator()
    with serving(coordinator) as client:
        client._arriving = whole_without_its_end()
        with pytest.raises(CoordinatorAwayError):
            client.download_parameters("s", 1, limit_bytes=2_000_000)
        assert client.download_parameters("s", 1, limit_bytes=2_000_000) == BODY


def whole_without_its_end() -> Download:
    """What a proxy leaves that passes on all bytes and not that they were all."""
    download = Download(protocol.parameters_path("s", 1))
    response = requests.Response()
    response.status_code = 200
    response.headers["ETag"] = '"one"'
    assert download.is_gone_on_with_by(response)
    download.take(BODY)
    return download


def test_download_goes_on_even_after_an_absence() -> None:
    coordinator = Coordinator(cut_count=1)
    with serving(coordinator) as client:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(coordinator, "piece", 0)
            with pytest.raises(CoordinatorAwayError):
                client.download_parameters("s", 1, limit_bytes=2_000_000)
        coordinator.cut_count = 1
        assert client.download_parameters("s", 1, limit_bytes=2_000_000) == BODY
    assert coordinator.asked == [None, None, "bytes=262144-"]


def test_download_begins_anew_when_the_body_has_become_another() -> None:
    coordinator = Coordinator(cut_count=1)
    with serving(coordinator) as client, pytest.MonkeyPatch.context() as patched:
        # Every answer names another body, so that no rest fits.
        patched.setattr(Coordinator, "etag", property(lambda self: f'"{len(self.asked)}"'))
        assert client.download_parameters("s", 1, limit_bytes=2_000_000) == BODY
    assert coordinator.asked == [None, "bytes=262144-"]


def test_upload_that_is_cut_goes_on_where_it_was() -> None:
    coordinator = Coordinator(cut_count=2)
    with serving(coordinator) as client:
        reply = client.upload_update("s", 1, BODY)
    assert reply.digest == hashlib.sha256(BODY).hexdigest()
    assert coordinator.asked == ["0", "262144", "524288"]


def test_upload_of_which_nothing_comes_through_is_given_up_until_later() -> None:
    coordinator = Coordinator(cut_count=99, piece=0)
    with serving(coordinator) as client, pytest.raises(CoordinatorAwayError):
        client.upload_update("s", 1, BODY)
    assert coordinator.asked == ["0"]


def test_upload_that_arrived_broken_is_an_absence_and_another_refusal_is_final() -> None:
    coordinator = Coordinator(refusal=b'{"code": "upload_broken", "message": "again"}')
    with serving(coordinator) as client:
        with pytest.raises(CoordinatorAwayError, match="has to begin again: again"):
            client.upload_update("s", 1, BODY)
        coordinator.refusal = b'{"code": "round_closed", "message": "over"}'
        with pytest.raises(CoordinatorRefusedError, match="over"):
            client.upload_update("s", 1, BODY)
