"""Processes of the benchmark, told what to do and heard from by one JSON object per line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

STOP_S: Final = 10.0


class Worker:
    """A module of this package at work in its own process."""

    def __init__(self, module: str, *arguments: object) -> None:
        self._name = f"{module} {arguments}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.{module}", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Tell the process that nothing more comes, and wait for its end."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def process_id(self) -> int:
        """The process's own number."""
        return self._process.pid

    def tell(self, **words: object) -> None:
        """Send the process one message."""
        if self._process.stdin is None:
            raise TypeError("the process was started without a way to tell it")
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Wait for the process's next message.

        Raises:
            RuntimeError: if it ended instead; what it said of that stands on stderr.
        """
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise RuntimeError(f"The benchmark's process {self._name} ended early")
        heard: dict[str, Any] = json.loads(line)
        return heard


def orders() -> Iterator[dict[str, Any]]:
    """Yield, in a worker's own process, what it is told, until nothing more comes."""
    for line in sys.stdin:
        yield json.loads(line)


def answer(**words: object) -> None:
    """Say one thing, in a worker's own process."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def peak_memory_bytes(process_id: int | str = "self") -> int:
    """Return the most memory that a process has ever had resident."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    raise RuntimeError(f"Process {process_id} has ended")


class FamilyMemory:
    """The most memory that a process and its descendants had at once, by repeated looks.

    Pages that several of them share count once. Between two looks more may have been resident:
    the figure is a lower bound.
    """

    def __init__(self, process_id: int) -> None:
        self._process_id = process_id
        self.peak_bytes = 0

    def look(self) -> None:
        """Note what the family has now."""
        now = sum(_proportional_bytes(one) for one in _family(self._process_id))
        self.peak_bytes = max(self.peak_bytes, now)


def _family(process_id: int) -> list[int]:
    children = [
        int(child)
        for task in Path(f"/proc/{process_id}/task").glob("*/children")
        for child in _text_of(task).split()
    ]
    return [process_id, *(one for child in children for one in _family(child))]


def _proportional_bytes(process_id: int) -> int:
    for line in _text_of(Path(f"/proc/{process_id}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return 1024 * int(line.split()[1])
    return 0


def _text_of(path: Path) -> str:
    """Return what a file says of a process, nothing if it has just ended."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
