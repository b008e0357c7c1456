"""Faults beneath a process: which of its durable operations goes wrong, and how.

The process carries ``durable.c``; a control file tells it what to do, before it starts or while it
runs. Nothing of the program under test knows.
"""

import errno
import mmap
import os
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, NamedTuple, Self

_SOURCE: Final = Path(__file__).with_name("durable.c")
_LAYOUT: Final = struct.Struct("<QQQIIII104s")
"""``struct control``: matched, at, fired, action, error, is_lasting, unused, label."""


class Action(IntEnum):
    """What happens at the chosen operation."""

    KILL_BEFORE = 1
    KILL_MIDWAY = 2
    """With half of the bytes written, where the operation writes bytes."""
    KILL_AFTER = 3
    FAIL = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, at the n-th operation of a label or at the n-th of all."""

    action: Action
    at: int = 1
    label: str = ""
    error: int = 0
    is_lasting: bool = False
    """Whether every later operation fails as well, but those that free space."""

    def __str__(self) -> str:
        what = errno.errorcode.get(self.error, self.action.name)
        return f"{what} at {self.label or 'operation'} {self.at}"


class Operation(NamedTuple):
    """One line of a trace."""

    label: str
    """Such as ``fsync parameters/``."""
    path: str
    """Below the data folder, with a leading slash."""
    source: str
    """What a file was called before it was renamed; empty for other operations."""
    offset: int
    """Where the bytes of a write go, or the new size of what is truncated."""
    size: int
    """How many bytes are written."""

    @property
    def name(self) -> str:
        """What is done."""
        return self.label.split(" ", 1)[0]


class Faults:
    """The faults of one data folder's process, whichever process serves it at the moment.

    Args:
        library: ``durable.c``, compiled.
        folder: Whose operations count.
        aside: An existing folder outside of ``folder``, for control file and trace.
    """

    def __init__(self, library: Path, folder: Path, aside: Path) -> None:
        self._library = library
        self._prefix = str(folder.resolve())
        self._control_path = aside / "control"
        self._trace_path = aside / "trace"
        self._data_path = aside / "written"
        self._control_path.write_bytes(bytes(_LAYOUT.size))
        with self._control_path.open("r+b") as file:
            self._control = mmap.mmap(file.fileno(), _LAYOUT.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()

    def environment(self, *, is_data_kept: bool = False) -> Mapping[str, str]:
        """Return what a process must be started with."""
        data = {"FAULTS_DATA": str(self._data_path)} if is_data_kept else {}
        return {
            **data,
            "LD_PRELOAD": str(self._library),
            "FAULTS_FOLDER": self._prefix,
            "FAULTS_CONTROL": str(self._control_path),
            "FAULTS_TRACE": str(self._trace_path),
        }

    @property
    def fired_count(self) -> int:
        """How many operations went wrong since the fault was armed."""
        return int(_LAYOUT.unpack(self._control[:])[2])

    def arm(self, fault: Fault) -> None:
        """Let a fault happen from now on."""
        self._write(0, fault)  # unarmed while it changes, for it changes byte by byte
        self._write(fault.at, fault)

    def disarm(self) -> None:
        """Let nothing more go wrong."""
        self._write(0, Fault(Action.FAIL))

    def trace(self) -> list[Operation]:
        """Return all operations so far, in order; the last line may be being written still."""
        whole, _, _ = self._trace_path.read_text().rpartition("\n")
        fields = (line.split("\t") for line in whole.splitlines())
        return [
            Operation(label, path, source.removeprefix(self._prefix), int(offset), int(size))
            for label, path, source, offset, size in fields
        ]

    def written(self) -> bytes:
        """Return the bytes of all writes in the trace, one after the other."""
        return self._data_path.read_bytes()

    def forget_trace(self) -> None:
        """Begin the trace anew."""
        os.truncate(self._trace_path, 0)

    def _write(self, at: int, fault: Fault) -> None:
        self._control[:] = _LAYOUT.pack(
            0, at, 0, fault.action, fault.error, fault.is_lasting, 0, fault.label.encode()
        )


def compile_library(folder: Path) -> Path:
    """Compile ``durable.c`` into a folder and return the library."""
    library = folder / "durable.so"
    flags = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["cc", *flags, "-o", library, _SOURCE, "-ldl"], check=True)
    return library
