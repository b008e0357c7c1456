"""The bare loop: the same bytes both ways over plain sockets, summed, written and fsynced.

No protocol, no checks, nothing kept but the average: what the machine itself needs for a round.
The plain loop serves one site after the other; the tuned one sends from a second thread meanwhile,
and sums in blocks that fit the processor's cache. Started as a program it is the server or a site.
"""

import os
import socket
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

import numpy as np

from tests.benchmarks.exchange.arrays import (
    Arrays,
    Floats,
    initial_arrays,
    sample_count,
    site_arrays,
)
from tests.benchmarks.exchange.workers import Worker, answer, orders, peak_memory_bytes

BLOCK: Final = 1 << 18
"""Numbers summed at once: few enough to stay in the processor's cache."""


class BareLoop:
    """A server and its sites, each in a process of its own."""

    def __init__(self, site_count: int, folder: Path) -> None:
        self._stack = ExitStack()
        self._path = folder / "average.f32"
        server = Worker("bare", "server", site_count, self._path)
        self._server = self._stack.enter_context(server)
        port = self._server.hear()["port"]
        for number in range(site_count):
            self._stack.enter_context(Worker("bare", "site", number, port))
        self._server.hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def round_s(self, *, is_tuned: bool = False) -> float:
        """Take a round; return how long it took from the first byte sent to the file synced."""
        self._server.tell(is_tuned=is_tuned)
        return float(self._server.hear()["seconds"])

    def memory_bytes(self) -> int:
        """Return the most memory that the server has had."""
        return peak_memory_bytes(self._server.process_id)

    def averaged(self) -> Arrays:
        """Return the average that the last round wrote."""
        initial = initial_arrays()
        ends = np.cumsum([array.size for array in initial.values()])
        parts = np.split(np.fromfile(self._path, np.float32), ends[:-1])
        return {
            name: part.reshape(array.shape)
            for (name, array), part in zip(initial.items(), parts, strict=True)
        }


def serve(site_count: int, path: Path) -> None:
    """Be the server: take a round for each order."""
    parameters, weights = _flat(initial_arrays()), [sample_count(n) for n in range(site_count)]
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:
        answer(port=listener.getsockname()[1])
        connected = [stack.enter_context(listener.accept()[0]) for _ in range(site_count)]
        sites = sorted(connected, key=lambda site: site.recv(1))
        answer(is_ready=True)
        for order in orders():
            exchange = _exchange_tuned if order["is_tuned"] else _exchange
            begun = time.perf_counter()
            _write_durably(path, exchange(sites, weights, parameters))
            answer(seconds=time.perf_counter() - begun)


def take_part(number: int, port: int) -> None:
    """Be a site: each round, receive the parameters and send others."""
    own = _flat(site_arrays(number))
    received = np.empty_like(own)
    with socket.create_connection(("127.0.0.1", port)) as server:
        server.sendall(bytes([number]))
        while _receive(server, received):
            server.sendall(own.data)


def _exchange(sites: list[socket.socket], weights: list[int], parameters: Floats) -> Floats:
    """Send to one site, receive from it, add, then the same with the next."""
    total, received = np.zeros(parameters.size), np.empty_like(parameters)
    for site, weight in zip(sites, weights, strict=True):
        site.sendall(parameters.data)
        _receive(site, received)
        total += np.multiply(received, weight, dtype=np.float64)
    return (total / sum(weights)).astype(np.float32)


def _exchange_tuned(sites: list[socket.socket], weights: list[int], parameters: Floats) -> Floats:
    """Send to one site after another, and meanwhile sum up what comes back, in the same order."""

    def send() -> None:
        for site in sites:
            site.sendall(parameters.data)

    sender = threading.Thread(target=send)
    sender.start()
    total, received = np.zeros(parameters.size), np.empty_like(parameters)
    for site, weight in zip(sites, weights, strict=True):
        _receive(site, received)
        for begin in range(0, total.size, BLOCK):
            block = slice(begin, begin + BLOCK)
            total[block] += np.multiply(received[block], weight, dtype=np.float64)
    sender.join()
    return (total / sum(weights)).astype(np.float32)


def _receive(connection: socket.socket, into: Floats) -> bool:
    """Fill the array; return False if the other end has hung up."""
    left = into.data.cast("B")
    while left:
        size = connection.recv_into(left)
        if size == 0:
            return False
        left = left[size:]
    return True


def _write_durably(path: Path, array: Floats) -> None:
    with path.open("wb") as file:
        file.write(array.data)
        file.flush()
        os.fsync(file.fileno())


def _flat(arrays: Arrays) -> Floats:
    return np.concatenate([array.ravel() for array in arrays.values()])


if __name__ == "__main__":
    role, first, second = sys.argv[1:]
    if role == "server":
        serve(int(first), Path(second))
    else:
        take_part(int(first), int(second))
