"""How long the installed program takes to its first paint, and that PyTorch has no part in it."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

COLD_COUNT: Final = 3
WARM_COUNT: Final = 5
COLD_S: Final = 3.0
WARM_S: Final = 1.0


def time_starts(program: str, folder: Path, home: Path) -> dict[str, object]:
    """Start a program again and again and return how many seconds each start took.

    From its command until it says that the window is painted. Cold is with none of the program's
    own files in memory; those of the system stay there. What else the machine does has to wait
    for these few seconds, as far as Linux lets it.
    """
    command = [program, "--home", str(home), "--until-painted"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # makes the project
    cold = []
    with _going_first():
        for _ in range(COLD_COUNT):
            forget(folder)
            cold.append(_timed(command))
        warm = [_timed(command) for _ in range(WARM_COUNT)]
    return {
        "cold_s": cold,
        "warm_s": warm,
        "best_cold_s": min(cold),
        "best_warm_s": min(warm),
        "budget_cold_s": COLD_S,
        "budget_warm_s": WARM_S,
    }


def forget(folder: Path) -> None:
    """Let the system drop a folder's files from its memory."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def loaded_libraries(process_id: int) -> set[str]:
    """Return the names of the libraries that a process has loaded."""
    lines = Path(f"/proc/{process_id}/maps").read_text(encoding="utf-8").splitlines()
    return {Path(line.split()[-1]).name for line in lines if ".so" in line}


def _timed(command: list[str]) -> float:
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "painted\n"
        painted = time.monotonic()
    assert process.returncode == 0
    return round(painted - begun, 3)


@contextmanager
def _going_first() -> Iterator[None]:
    """Have the highest priority there is; on Linux, that of the session counts, too."""
    group = Path("/proc/self/autogroup")
    before = os.getpriority(os.PRIO_PROCESS, 0)
    group_before = group.read_text(encoding="ascii").split()[-1] if group.exists() else None
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -20)
        if group_before is not None:
            group.write_text("-20", encoding="ascii")
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, before)
        if group_before is not None:
            group.write_text(group_before, encoding="ascii")
