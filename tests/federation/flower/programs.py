"""Flower's superlink and supernodes as real processes, from whichever environment has Flower."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from desktop_client.federation.flower.silence import SILENT
from tests.faults.process import free_port

RUN_TIMEOUT_S = 400.0
START_TIMEOUT_S = 120.0


@contextmanager
def running_programs(python: Path, folder: Path) -> Iterator["Programs"]:
    """Give programs of one superlink, which all end on leaving."""
    folder.mkdir()
    with ExitStack() as stack:
        yield Programs(python, folder, stack)


class Programs:
    """Flower's programs as `siteblind flower` starts them, all ended with the stack."""

    def __init__(self, python: Path, folder: Path, stack: ExitStack) -> None:
        self._python, self._folder, self._stack = python, folder, stack
        self._port = free_port()
        self._environment = {**os.environ, "FLWR_HOME": str(folder), "OMP_NUM_THREADS": "1"}
        for name in SILENT:
            self._environment.pop(name, None)

    def start_superlink(self) -> None:
        self._start("superlink", self._port)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not takes_connections(self._port):
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.2)

    def start_supernode(self, settings: dict[str, Any]) -> "subprocess.Popen[bytes]":
        told = " ".join(f"{name}='{value}'" for name, value in settings.items())
        address = ("--superlink", f"127.0.0.1:{self._port}")
        return self._start("supernode", free_port(), *address, "--node-config", told)

    def run_study(self, output: Path, **settings: Any) -> None:
        """Run a study until its model is written."""
        self.begin_study(output=output, **settings)
        deadline = time.monotonic() + RUN_TIMEOUT_S
        while not output.exists():
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.5)

    def begin_study(self, **settings: Any) -> str:
        """Hand a study over; return what `siteblind flower run` says."""
        connection = f'[superlink.here]\naddress = "127.0.0.1:{self._port}"\ninsecure = true\n'
        (self._folder / "config.toml").write_text(connection)
        told = " ".join(
            f"{name}={value if isinstance(value, int) else repr(str(value))}"
            for name, value in settings.items()
        )
        done = subprocess.run(
            [*self._siteblind("run"), "here", "--run-config", told],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def _siteblind(self, program: str) -> list[str]:
        return [str(self._python), "-m", "desktop_client", "flower", program]

    def left_running(self) -> list[str]:
        """Return the commands of these programs and theirs, started by whatever, that still run."""
        return [
            command
            for process in Path("/proc").glob("[0-9]*")
            if f"FLWR_HOME={self._folder}\0" in _read(process / "environ")
            and (command := _read(process / "cmdline").replace("\0", " "))
        ]

    def _start(self, program: str, port: int, *options: str) -> "subprocess.Popen[bytes]":
        address = ("--insecure", "--host", "127.0.0.1", "--port", str(port))
        with (self._folder / f"{program}-{port}.log").open("wb") as log:
            process = subprocess.Popen(
                [*self._siteblind(program), *address, *options],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._stack.callback(stop, process)
        return process


def _read(path: Path) -> str:
    """Return what a file of /proc says, nothing of a process that is gone."""
    try:
        return path.read_text(errors="replace") + "\0"
    except OSError:
        return ""


def takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a program and those that it has started."""
    os.killpg(process.pid, 15)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
