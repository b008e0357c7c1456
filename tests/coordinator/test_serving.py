import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from coordinator.blobs import BlobFolder
from coordinator.errors import SettingsInvalidError
from coordinator.serving import check_exposure, listen
from coordinator.settings import read_settings
from coordinator.store import Store
from tests.coordinator.conftest import Clock, LiveCoordinator, tiny_parameters


class ServerProcess:
    """``siteblind-coordinator serve`` on a data folder, started and killed by the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: subprocess.Popen[str] | None = None

    def start(self, *options: str) -> str:
        command = [sys.executable, "-m", "coordinator", "--data-folder", str(self.folder), "serve"]
        self.running = subprocess.Popen(
            [*command, "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.running.stdout is not None
        line = self.running.stdout.readline()
        assert line.startswith("Listening on "), line
        return line.removeprefix("Listening on ").strip()

    def end(self, how: signal.Signals) -> int:
        assert self.running is not None
        self.running.send_signal(how)
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
    live = LiveCoordinator(url, store, blobs, server.folder / "parameters", Clock())
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


def test_server_speaks_tls_with_the_given_certificate(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the test's certificate, is not installed")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    request = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*request, *names, *files], check=True, capture_output=True)
    monkeypatch.setenv("SITEBLIND_COORDINATOR_TLS_CERTIFICATE", str(certificate))
    monkeypatch.setenv("SITEBLIND_COORDINATOR_TLS_KEY", str(key))
    url = server.start()
    assert url.startswith("https://127.0.0.1:")
    with requests.Session() as session:
        answer = session.get(f"{url}/healthz", verify=str(certificate), timeout=20)
    assert answer.status_code == 200


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
