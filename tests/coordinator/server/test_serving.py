import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from coordinator import protocol
from coordinator.errors import SettingsInvalidError
from coordinator.rounds.life import Rounds
from coordinator.server.serving import check_exposure, listen
from coordinator.server.settings import read_settings
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.store import Store
from tests.coordinator.conftest import (
    Clock,
    LiveCoordinator,
    refusal,
    tiny_parameters,
    upload_headers,
    wait_until,
)


class ServerProcess:
    """``siteblind-coordinator serve`` on a data folder, started and killed by the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log_path = folder.with_suffix(".log")
        self.running: subprocess.Popen[str] | None = None

    def start(self, *options: str) -> str:
        command = [sys.executable, "-m", "coordinator", "--data-folder", str(self.folder), "serve"]
        with self.log_path.open("a") as log:
            self.running = subprocess.Popen(
                [*command, "--port", "0", *options], stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.running.stdout is not None
        line = self.running.stdout.readline()
        assert line.startswith("Listening on "), line
        return line.removeprefix("Listening on ").strip()

    def log(self) -> str:
        return self.log_path.read_text()

    def tell(self, which: signal.Signals) -> None:
        assert self.running is not None
        self.running.send_signal(which)

    def end(self, how: signal.Signals) -> int:
        self.tell(how)
        return self.wait()

    def wait(self) -> int:
        assert self.running is not None
        code = self.running.wait(timeout=20)
        assert self.running.stdout is not None
        self.running.stdout.close()
        self.running = None
        return code


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "data")
    yield process
    if process.running is not None:
        process.end(signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_server_says_where_it_listens_and_stops_cleanly(
    server: ServerProcess, how: signal.Signals
) -> None:
    url = server.start()
    assert requests.get(f"{url}/healthz", timeout=20).json()["status"] == "ok"
    assert server.end(how) == 0


def test_round_goes_on_after_the_server_was_killed(server: ServerProcess, tmp_path: Path) -> None:
    url = server.start()
    store = Store(f"sqlite:///{server.folder / 'coordinator.sqlite'}")
    blobs = BlobFolder(server.folder / "parameters")
    clock = Clock()
    rounds = Rounds(store, blobs, clock)
    live = LiveCoordinator(url, store, blobs, rounds, server.folder / "parameters", clock)
    live.clock.show_real_time()  # as the server process does
    first, second = live.running_study(2)
    before = first.round()
    body = first.update_body(tiny_parameters(1.0))
    reply = first.send(1, body)
    assert reply.status_code == 200

    assert server.end(signal.SIGKILL) == -signal.SIGKILL
    live.session.close()
    live.url = server.start()

    after = second.round()
    assert (after.round_number, after.deadline_at) == (1, before.deadline_at)
    assert (after.picked_count, after.update_count) == (2, 1)
    assert first.round().is_update_accepted
    assert first.send(1, body).content == reply.content
    assert second.send_value(2.0).status_code == 200
    arrays, _ = second.download(1)
    assert {name: float(array.ravel()[0]) for name, array in arrays.items()} == dict.fromkeys(
        tiny_parameters(), 1.5
    )
    live.session.close()
    store.close()


def test_upload_that_the_servers_death_cut_goes_on_where_it_was(server: ServerProcess) -> None:
    url = server.start()
    store = Store(f"sqlite:///{server.folder / 'coordinator.sqlite'}")
    blobs = BlobFolder(server.folder / "parameters")
    clock = Clock()
    clock.show_real_time()
    rounds = Rounds(store, blobs, clock)
    live = LiveCoordinator(url, store, blobs, rounds, server.folder / "parameters", clock)
    site, _ = live.running_study(2)
    body = b"\0" * 800_000  # written down in pieces of 256 KiB
    path, headers = protocol.update_path(site.study_id, 1), upload_headers(body)
    assert site.round().is_picked
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=20) as line:
        head = [f"PUT {path} HTTP/1.1", "Host: coordinator", f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        head += [f"Authorization: Bearer {site.credential}", "", ""]
        line.sendall("\r\n".join(head).encode() + body[:600_000])
        arriving = server.folder / "arriving"
        wait_until(lambda: any(one.stat().st_size >= 1 << 18 for one in arriving.iterdir()))
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
    live.session.close()

    live.url = server.start()

    asked = site.request("GET", path, headers=dict(headers))
    received = protocol.UploadReply.model_validate_json(asked.content).received_bytes
    assert 1 << 18 <= received <= 600_000
    rest = {**headers, protocol.OFFSET_HEADER: str(received)}
    whole = site.request("PUT", path, data=body[received:], headers=rest)
    # It came whole and with the digest that was said: what is refused is what these zeros are.
    assert refusal(whole)[1] == "malformed_body"
    live.session.close()
    store.close()


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for the loopback address, which the settings name."""
    path = tmp_path / "certificate.pem"
    make_certificate(path)
    monkeypatch.setenv("SITEBLIND_COORDINATOR_TLS_CERTIFICATE", str(path))
    monkeypatch.setenv("SITEBLIND_COORDINATOR_TLS_KEY", str(path.with_suffix(".key")))
    return path


def make_certificate(path: Path) -> None:
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(path.with_suffix(".key")), "-out", str(path)]
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*request, *names, *files], check=True, capture_output=True)


def shown_certificate(port: int) -> str:
    return ssl.get_server_certificate(("127.0.0.1", port), timeout=20).strip()


def health_over(line: HTTPSConnection) -> str:
    line.request("GET", "/healthz")
    status: str = json.load(line.getresponse())["status"]
    return status


def test_server_speaks_tls_with_the_given_certificate(
    server: ServerProcess, certificate: Path
) -> None:
    url = server.start()
    assert url.startswith("https://127.0.0.1:")
    with requests.Session() as session:
        answer = session.get(f"{url}/healthz", verify=str(certificate), timeout=20)
    assert answer.status_code == 200


def test_renewed_certificate_is_shown_after_a_hangup_and_open_lines_stay(
    server: ServerProcess, certificate: Path
) -> None:
    port = int(server.start().rpartition(":")[2])
    trusted = ssl.create_default_context(cafile=str(certificate))
    line = HTTPSConnection("127.0.0.1", port, timeout=20, context=trusted)
    assert health_over(line) == "ok"
    line.auto_open = 0  # from here on it must do with the line that it has
    make_certificate(certificate)
    server.tell(signal.SIGHUP)
    wait_until(lambda: "loaded anew" in server.log())
    assert health_over(line) == "ok"
    line.close()
    assert shown_certificate(port) == certificate.read_text().strip()


def test_certificate_that_does_not_fit_its_key_leaves_the_old_one_in_use(
    server: ServerProcess, certificate: Path
) -> None:
    port = int(server.start().rpartition(":")[2])
    before = shown_certificate(port)
    assert before == certificate.read_text().strip()
    key = certificate.with_suffix(".key").read_bytes()
    make_certificate(certificate)
    certificate.with_suffix(".key").write_bytes(key)
    server.tell(signal.SIGHUP)
    wait_until(lambda: "the old one stays" in server.log())
    assert shown_certificate(port) == before


def test_request_that_is_open_when_the_server_is_told_to_stop_is_answered(
    server: ServerProcess,
) -> None:
    url = server.start()
    port = int(url.rpartition(":")[2])
    body = b'{"protocol_version": 1, "code": "any", "credential": "%s", "site_name": "s"}'
    body %= b"c" * 43
    head = f"POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head.encode() + body[:10])
        wait_until(lambda: requests.get(f"{url}/healthz", timeout=20).status_code == 200)
        server.tell(signal.SIGTERM)
        wait_until(lambda: is_refused(port))
        line.sendall(body[10:])
        assert line.recv(1000).startswith(b"HTTP/1.1 403")
    assert server.wait() == 0


def test_line_that_stalls_does_not_hold_up_a_stop_for_ever(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITEBLIND_COORDINATOR_STOP_WITHIN_S", "1")
    url = server.start()
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(b"POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
        wait_until(lambda: requests.get(f"{url}/healthz", timeout=20).status_code == 200)
        assert server.end(signal.SIGTERM) == 0


def test_site_that_waits_on_an_open_tls_line_does_not_hold_up_a_stop(
    server: ServerProcess, certificate: Path
) -> None:
    port = int(server.start().rpartition(":")[2])
    trusted = ssl.create_default_context(cafile=str(certificate))
    line = HTTPSConnection("127.0.0.1", port, timeout=20, context=trusted)
    assert health_over(line) == "ok"
    told_at = time.monotonic()
    assert server.end(signal.SIGTERM) == 0
    assert time.monotonic() - told_at < 5  # of the 10 that open requests may take
    line.close()


def is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=20).close()
    except ConnectionRefusedError:
        return True
    return False


def test_port_that_is_taken_is_a_sentence() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsInvalidError, match=f"127.0.0.1 port {port}: Address already"):
            listen("127.0.0.1", port)


def test_small_replies_leave_at_once() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_credentials_do_not_cross_a_network_in_clear() -> None:
    with pytest.raises(SettingsInvalidError, match=r"10\.0\.0\.1 would carry.*--behind-proxy"):
        check_exposure(read_settings(host="10.0.0.1"))
    check_exposure(read_settings(host="10.0.0.1", behind_proxy=True))
    check_exposure(read_settings(host="127.0.0.1"))
