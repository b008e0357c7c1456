"""A TCP proxy on loopback that cuts lines where a test says, as a hospital's network does."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal, Self

Direction = Literal["up", "down"]
"""From the site to the coordinator, or back."""
Manner = Literal["cut", "reset", "stall"]
"""How a line ends: closed, with a reset as of a firewall, or not at all: nothing comes any more."""
Line = tuple[socket.socket, socket.socket]
"""To who asks, and to who answers."""

_CHUNK_BYTES: Final = 1 << 14


@dataclass
class CuttingProxy:
    """Passes everything on, until a cut is due.

    Attributes:
        port: Where it listens.
        passed: Bytes that went each way, on all lines together.
        cut_count: How many lines were cut.
        manner: How those that a test wants cut end.
        delay_s: How long each piece takes on its way.
    """

    target_port: int
    port: int = 0
    passed: dict[Direction, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    cut_count: int = 0
    manner: Manner = "cut"
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._lines: set[Line] = set()
        self._threads: list[threading.Thread] = []
        self._cuts: dict[Direction, list[int]] = {"up": [], "down": []}
        self._is_down = False
        self._is_over = threading.Event()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()
        for thread in self._threads:
            thread.join()

    @property
    def url(self) -> str:
        """Where sites find the coordinator."""
        return f"http://127.0.0.1:{self.port}"

    def cut_after(self, direction: Direction, byte_counts: list[int]) -> None:
        """Cut the line that carries the n-th byte from now on in one direction, for each n."""
        with self._lock:
            self._cuts[direction] = sorted(self.passed[direction] + n for n in byte_counts)

    def cut_all(self) -> None:
        """Cut every line there is."""
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            self._cut(line)

    def go_down(self) -> None:
        """Cut every line, and every new one at once, until it comes up again."""
        self._is_down = True
        self.cut_all()

    def come_up(self) -> None:
        """Take lines again."""
        self._is_down = False

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                site, _ = self._listener.accept()
            except OSError:
                return  # closed: the test is over
            if self._is_down:
                _hang_up(site)
                continue
            try:
                coordinator = self._reach()
            except OSError:
                _hang_up(site)
                continue
            line = (site, coordinator)
            with self._lock:
                self._lines.add(line)
            self._serve(line)

    def _reach(self) -> socket.socket:
        """Open the other half of a line."""
        return socket.create_connection(("127.0.0.1", self.target_port))

    def _serve(self, line: Line) -> None:
        """Let what comes pass both ways."""
        self._start(self._pass_on, line, "up")
        self._start(self._pass_on, line, "down")

    def _pass_on(self, line: Line, direction: Direction) -> None:
        giver, taker = line if direction == "up" else line[::-1]
        try:
            while chunk := giver.recv(_CHUNK_BYTES):
                self._is_over.wait(self.delay_s)
                if self._is_cut_due(direction, len(chunk)):
                    self._end(line)
                    break
                taker.sendall(chunk)
        except OSError:
            pass  # cut from the other direction's thread, or by one of the two ends
        self._cut(line)

    def _is_cut_due(self, direction: Direction, byte_count: int) -> bool:
        with self._lock:
            self.passed[direction] += byte_count
            cuts = self._cuts[direction]
            if not cuts or self.passed[direction] < cuts[0]:
                return False
            cuts.pop(0)
            self.cut_count += 1
            return True

    def _end(self, line: Line) -> None:
        """Do to a line what its cut does before it is closed."""
        if self.manner == "stall":
            wait_until_closed(line, self._is_over)
        elif self.manner == "reset":
            make_reset(line)

    def _cut(self, line: Line) -> None:
        with self._lock:
            if line not in self._lines:
                return
            self._lines.discard(line)
        for end in line:
            _hang_up(end)


def make_reset(line: Line) -> None:
    """Let a line end with a reset as soon as it is closed."""
    for end in line:
        with suppress(OSError):  # the other direction may have closed it
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def wait_until_closed(line: Line, is_over: threading.Event) -> None:
    """Let nothing pass until one of the two ends has had enough."""
    while not is_over.wait(0.1):
        for end in line:
            with suppress(BlockingIOError):
                try:
                    if not end.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                        return
                except OSError as error:
                    if isinstance(error, BlockingIOError):
                        raise
                    return


def _hang_up(end: socket.socket) -> None:
    """Close a line; what it has passed on still arrives, so that a test can count the bytes."""
    with suppress(OSError):  # the other side may be quicker
        end.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads from it
    end.close()
