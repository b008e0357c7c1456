"""A wall clock that is wrong, and jumps when a test says so; for one process at a time."""

import struct
import subprocess
from pathlib import Path
from typing import Final

_SOURCE: Final = Path(__file__).with_suffix(".c")


class WallClock:
    """The clock of one process.

    Args:
        folder: Gets the library and the file that both sides look at.
        ahead_s: How far it is ahead of the right time; behind, if negative.
    """

    def __init__(self, folder: Path, ahead_s: float = 0) -> None:
        self._library = folder / "wall_clock.so"
        self._file = folder / "ahead"
        command = ["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(self._library)]
        subprocess.run([*command, str(_SOURCE), "-ldl"], check=True)
        self._file.write_bytes(struct.pack("<q", 0))
        self.jump(ahead_s)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to go by it."""
        return {"LD_PRELOAD": str(self._library), "SITEBLIND_TEST_CLOCK": str(self._file)}

    def jump(self, ahead_s: float) -> None:
        """Let it be so far ahead from now on."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("<q", int(ahead_s)))
