"""Flower's side: superlink and supernodes as its users start them, in an environment of their own.

Source:
    Beutel et al. 2020, https://arxiv.org/abs/2007.14390; the commands are those of flwr 1.41.
"""

import json
import os
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from tests.benchmarks.exchange.arrays import initial_arrays
from tests.benchmarks.exchange.workers import STOP_S, FamilyMemory
from tests.faults.process import free_port

PROGRAMS: Final = Path("build/flower/bin").absolute()
APP: Final = Path(__file__).parent / "flower_app"
NAME: Final = "bench"
START_TIMEOUT_S: Final = 60.0
RUN_TIMEOUT_S: Final = 900.0
LOOK_S: Final = 0.05
"""How often the server's memory is looked at."""


class FlowerFigures(NamedTuple):
    """What was measured of a run."""

    seconds: list[float]
    """For each round."""
    memory_bytes: int
    """The most that superlink and server app were seen to have at once."""


def run_flower(site_count: int, round_count: int, folder: Path) -> FlowerFigures:
    """Start superlink and supernodes, take the rounds, stop everything.

    Raises:
        RuntimeError: if there is no Flower here, or it does not do its rounds.
    """
    if not (PROGRAMS / "flwr").exists():
        raise RuntimeError(f"Flower is not in {PROGRAMS}; `make bench` puts it there")
    with ExitStack() as stack:
        programs = _Programs(folder, stack)
        superlink = programs.start_superlink()
        for _ in range(site_count):
            programs.start_supernode()
        figures_path = programs.run_app(site_count, round_count)
        memory = FamilyMemory(superlink.pid)
        deadline = time.monotonic() + RUN_TIMEOUT_S
        while not figures_path.exists():
            if time.monotonic() > deadline:
                raise RuntimeError(f"Flower has not done its rounds; see {folder}/*.log")
            memory.look()
            time.sleep(LOOK_S)
    return FlowerFigures(json.loads(figures_path.read_text())["seconds"], memory.peak_bytes)


class _Programs:
    """Flower's programs, all ended with the stack."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._port = free_port()
        search = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"  # they start each other by name
        home = folder / "home"
        home.mkdir()
        self._environment = {
            **os.environ,
            "FLWR_HOME": str(home),
            "FLWR_TELEMETRY_ENABLED": "0",
            "PATH": search,
        }

    def start_superlink(self) -> "subprocess.Popen[bytes]":
        """Start the server, and wait until it takes connections."""
        superlink = self._start(
            "flower-superlink", self._port, "--disable-runtime-dependency-installation"
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port)).close()
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return superlink

    def start_supernode(self) -> None:
        """Start a site."""
        self._start("flower-supernode", free_port(), "--superlink", f"127.0.0.1:{self._port}")

    def run_app(self, node_count: int, round_count: int) -> Path:
        """Hand the app over; return where its figures will be once it is done."""
        home = Path(self._environment["FLWR_HOME"])
        connection = f'[superlink.{NAME}]\naddress = "127.0.0.1:{self._port}"\ninsecure = true\n'
        (home / "config.toml").write_text(connection)
        arrays_path, figures_path = self._folder / "arrays.npz", self._folder / "flower.json"
        with arrays_path.open("wb") as file:
            np.savez(file, allow_pickle=False, **initial_arrays())
        settings = (
            f"arrays-path='{arrays_path}' figures-path='{figures_path}' "
            f"node-count={node_count} round-count={round_count}"
        )
        subprocess.run(
            [PROGRAMS / "flwr", "run", APP, NAME, "--run-config", settings],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return figures_path

    def _start(self, program: str, port: int, *options: str) -> "subprocess.Popen[bytes]":
        address = ("--insecure", "--host", "127.0.0.1", "--port", str(port))
        with (self._folder / f"{program}-{port}.log").open("wb") as log:
            process = subprocess.Popen(
                [PROGRAMS / program, *address, *options],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._stack.callback(_stop, process)
        return process


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
