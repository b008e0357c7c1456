"""How much each package takes of an installer, unpacked and packed."""

import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Final

from installers import elf

COMPILED: Final = "Python code of all packages, compiled"
PYTHON: Final = "Python"
SYSTEM: Final = "libraries of the build machine"
LEAST_TOLD_BYTES: Final = 1_000_000
TOGETHER: Final = {"shiboken6": "PySide6", "python3.11": PYTHON, "base_library.zip": PYTHON}
"""What belongs to something of another name."""


def sizes(folder: Path) -> dict[str, dict[str, int]]:
    """Return the bytes of each package in a program's folder, the largest first.

    Packed is each by itself, as in the .deb; their sum is a little more than the .deb.
    """
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in elf.files_in(folder):
        groups[_package(path.relative_to(folder))].append(path)
    found = {
        name: {"unpacked": sum(path.stat().st_size for path in paths), "packed": _packed(paths)}
        for name, paths in groups.items()
    }
    return dict(sorted(found.items(), key=lambda one: -one[1]["packed"]))


def table(found: dict[str, dict[str, int]]) -> str:
    """Return the sizes as lines to read, in MB; what takes less than one is added up."""
    lines = [f"{'package':40} {'unpacked':>9} {'packed':>9}"]
    rest = {"unpacked": 0, "packed": 0}
    for name, size in found.items():
        if size["packed"] >= LEAST_TOLD_BYTES:
            lines.append(_line(name, size))
        else:
            rest = {kind: rest[kind] + size[kind] for kind in rest}
    everything = {kind: sum(size[kind] for size in found.values()) for kind in rest}
    return "\n".join([*lines, _line("others", rest), _line("together", everything)])


def _line(name: str, size: dict[str, int]) -> str:
    return f"{name:40} {size['unpacked'] / 1e6:9.1f} {size['packed'] / 1e6:9.1f}"


def _package(path: Path) -> str:
    if path.parts[0] != "_internal":
        return COMPILED if len(path.parts) == 1 and path.suffix != ".json" else "licences"
    if len(path.parts) == 2 and path.name.startswith("lib"):
        return PYTHON if path.name.startswith("libpython") else SYSTEM
    name = re.sub(r"(\.libs|-[^-]+\.dist-info)$", "", path.parts[1])
    return TOGETHER.get(name, name)


def _packed(paths: list[Path]) -> int:
    named = "".join(f"{path}\0" for path in paths)
    tar = subprocess.Popen(
        ["tar", "--create", "--null", "--files-from=-", "--use-compress-program=zstd -10"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # that it makes paths relative
    )
    return len(tar.communicate(named.encode())[0])
