"""The server under load: the coordinator itself, or the bare peer, and what its process took."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests

from tests.faults.process import END_TIMEOUT_S, CoordinatorProcess, free_port

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


def processor_s(pid: int) -> float:
    """Return the processor time that a process and its children have taken.

    Those that have ended count, too; grandchildren only when they have.
    """
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_own_s(one) for one in (str(pid), *children))


def _own_s(pid: str) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except FileNotFoundError:  # it has ended meanwhile, and its parent has what it took
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS_PER_S


@contextmanager
def coordinator(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Serve a data folder; yield port and process id."""
    with CoordinatorProcess(folder, folder.with_name(f"{folder.name}.log"), environment) as process:
        process.start()
        yield process.port, process.pid
        process.end(signal.SIGTERM)


@contextmanager
def bare(model: Path, answer: bytes) -> Iterator[tuple[int, int]]:
    """Serve the bare peer; yield port and process id."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.load.bare", str(port), str(model)]
    process = subprocess.Popen([*command, answer.decode()])
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except requests.RequestException:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.05)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(END_TIMEOUT_S)
