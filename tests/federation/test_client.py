"""The site's half of the protocol: which addresses it trusts, and what it makes of answers."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from coordinator.rounds.presence import program_of
from desktop_client.demo.processes import Coordinator
from desktop_client.errors import (
    CoordinatorAddressError,
    CoordinatorAwayError,
    CoordinatorRefusedError,
)
from desktop_client.federation.client import CoordinatorClient, check_address


@contextmanager
def answering(
    status: int, body: bytes, headers: Mapping[str, str] | None = None
) -> Iterator[tuple[str, list[str | None]]]:
    """Serve one fixed answer on a loopback port; give its address and what was authorised."""
    seen: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("", "is not an address"),
        ("coordinator.example.org", "should look like https://"),
        ("ftp://example.org", "should look like https://"),
        ("https://example.org/siteblind", "more than host and port"),
        ("https://user:secret@example.org", "more than host and port"),
        ("https://example.org:99999", "is not an address"),
        ("https://coordinator..example.org", "is not an address: a part of the name is empty"),
        (f"https://{'a' * 64}.example.org", "or longer than 63 letters"),
        ("http://example.org", "unencrypted; use https"),
        ("http://192.168.1.5:8470", "unencrypted; use https"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_the_reason(
    address: str, complaint: str
) -> None:
    with pytest.raises(CoordinatorAddressError, match=complaint):
        check_address(address)


@pytest.mark.parametrize(
    "address",
    ["https://example.org", "https://example.org:8470", "http://127.0.0.1:1", "http://localhost:1"],
)
def test_https_anywhere_and_http_on_this_machine_are_accepted(address: str) -> None:
    assert check_address(f" {address}/ ") == address


def test_nobody_listening_is_absence_with_the_address() -> None:
    with (
        CoordinatorClient("http://127.0.0.1:9") as client,
        pytest.raises(CoordinatorAwayError, match=r"127\.0\.0\.1:9 cannot be reached"),
    ):
        client.study("s")


@pytest.mark.parametrize("status", [200, 404, 500])
def test_another_web_server_is_told_from_a_coordinator(status: int) -> None:
    with (
        answering(status, b"<html>It works</html>") as (url, _),
        CoordinatorClient(url) as client,
        pytest.raises(CoordinatorAwayError, match="SiteBlind coordinator"),
    ):
        client.study("s")


def test_a_refusal_carries_the_coordinators_code_and_sentence() -> None:
    body = b'{"code": "round_closed", "message": "Round 3 was averaged"}'
    with (
        answering(409, body) as (url, _),
        CoordinatorClient(url) as client,
        pytest.raises(CoordinatorRefusedError, match="Round 3 was averaged") as caught,
    ):
        client.round("s")
    assert caught.value.code == "round_closed"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_without_its_coordinator_is_no_wrong_address(status: int) -> None:
    with (
        answering(status, b"<html>Bad gateway</html>") as (url, _),
        CoordinatorClient(url) as client,
        pytest.raises(CoordinatorAwayError, match="busy or being restarted") as caught,
    ):
        client.study("s")
    assert "check the address" not in str(caught.value)


@pytest.mark.parametrize("status", [413, 429, 503])
def test_a_server_cannot_make_a_site_sleep(status: int) -> None:
    begun = time.monotonic()
    with (
        answering(status, b"", {"Retry-After": "20"}) as (url, _),
        CoordinatorClient(url) as client,
        pytest.raises(CoordinatorAwayError, match=f"HTTP status {status}"),
    ):
        client.round("s")
    assert time.monotonic() - begun < 10  # the quick retries take 1.2 s


@pytest.mark.parametrize(("status", "code"), [(429, "too_many_requests"), (408, "slow_body")])
def test_a_refusal_of_the_moment_is_absence_that_passes(status: int, code: str) -> None:
    body = b'{"code": "%s", "message": "Ask again in 12 s"}' % code.encode()
    with (
        answering(status, body) as (url, _),
        CoordinatorClient(url) as client,
        pytest.raises(CoordinatorAwayError, match="wants a pause: Ask again in 12 s"),
    ):
        client.round("s")


def test_an_endless_answer_is_cut_off() -> None:
    with (
        answering(200, b"x" * 3_000) as (url, _),
        CoordinatorClient(url) as client,
        pytest.raises(CoordinatorAwayError, match="more than the 2000 bytes"),
    ):
        client.download_parameters("s", 1, limit_bytes=2_000)


def test_a_redirect_is_not_followed_with_the_credential() -> None:
    with (
        answering(302, b"") as (url, _),
        CoordinatorClient(url, "secret") as client,
        pytest.raises(CoordinatorAwayError, match="HTTP status 302"),
    ):
        client.round("s")


def test_the_credential_is_sent_even_where_a_netrc_knows_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with answering(404, b"") as (url, seen):
        with (
            CoordinatorClient(url, "our-credential") as client,
            pytest.raises(CoordinatorAwayError),
        ):
            client.round("s")
        assert seen == ["Bearer our-credential"]


def test_another_protocol_is_refused_by_name_before_anything_is_parsed(
    coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coordinator.protocol.PROTOCOL_VERSION", 99)
    with (
        CoordinatorClient(coordinator.url, "A" * 43) as client,
        pytest.raises(CoordinatorRefusedError, match="protocol 99; the coordinator serves 1"),
    ):
        client.round("s")


def test_every_request_names_the_program_and_its_version(coordinator: Coordinator) -> None:
    with CoordinatorClient(coordinator.url) as client:
        named = client._session.headers["User-Agent"]
    assert program_of(str(named)) == named
