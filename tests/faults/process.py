"""``siteblind-coordinator serve`` as a process that may be killed at any moment."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import requests

START_TIMEOUT_S: Final = 60.0
END_TIMEOUT_S: Final = 30.0
UNHURRIED: Final = {
    f"SITEBLIND_COORDINATOR_{name}": "100000000"
    for name in (
        "REQUESTS_PER_MINUTE",
        "REQUESTS_PER_MINUTE_PER_ADDRESS",
        "FAILURES_PER_MINUTE_PER_ADDRESS",
    )
}
"""Scripted sites ask far more often than hospitals."""


class CoordinatorProcess:
    """One coordinator on one data folder, always on the same port, however often it starts.

    Args:
        folder: The data folder.
        log_path: Gets all that every one of its processes says.
        environment: Added to the test's own.
        options: Further options of ``serve``.
    """

    def __init__(
        self,
        folder: Path,
        log_path: Path,
        environment: Mapping[str, str] | None = None,
        options: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log_path = log_path
        self._environment = {**os.environ, **UNHURRIED, **(environment or {})}
        self._options = options
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            self.end(signal.SIGKILL)

    @property
    def pid(self) -> int:
        """Number of the running process."""
        assert self._running is not None
        return self._running.pid

    @property
    def was_started(self) -> bool:
        """Whether there is a process whose end nobody has waited for."""
        return self._running is not None

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._running is not None and self._running.poll() is None

    def launch(self) -> None:
        """Start the process, and go on without waiting for it."""
        assert not self.is_running
        command = [sys.executable, "-m", "coordinator", "--data-folder", str(self.folder), "serve"]
        with self._log_path.open("ab") as log:
            self._running = subprocess.Popen(
                [*command, "--port", str(self.port), *self._options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
            )

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self.launch()
        assert self.answers(), self.log()[-3000:]

    def answers(self) -> bool:
        """Wait until it answers or has ended, and return whether it answers."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.is_running:
            try:
                if requests.get(f"{self.url}/healthz", timeout=5).ok:
                    return True
            except requests.RequestException:
                time.sleep(0.02)
            assert time.monotonic() < deadline, self.log()[-3000:]
        return False

    def wait(self) -> int:
        """Wait for its end, however that comes, and return its exit code."""
        assert self._running is not None
        code = self._running.wait(timeout=END_TIMEOUT_S)
        self._running = None
        return code

    def end(self, how: signal.Signals) -> int:
        """Send it a signal and return its exit code."""
        assert self._running is not None
        self._running.send_signal(how)
        return self.wait()

    def log(self) -> str:
        """Return all it has said."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def memory_mb(self, figure: str = "VmRSS") -> float:
        """Return its resident memory now, or the highest there was (``VmHWM``), in 10**6 bytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{figure}:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise AssertionError(f"the kernel does not tell {figure}")


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
