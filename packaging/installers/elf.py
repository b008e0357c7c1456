"""What Linux libraries need of each other."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_NEEDED: Final = re.compile(r"\(NEEDED\).*\[(.+)\]")
_MAGIC: Final = b"\x7fELF"


def is_library(path: Path) -> bool:
    """Return whether a file is a Linux library or program."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def needs(path: Path) -> set[str]:
    """Return the names of the libraries that a library is linked with."""
    said = subprocess.run(
        ["readelf", "--dynamic", "--wide", str(path)], capture_output=True, text=True, check=True
    )
    return set(_NEEDED.findall(said.stdout))


def missing(folder: Path) -> set[str]:
    """Return what the libraries in a folder need and the system has to have."""
    libraries = [path for path in files_in(folder) if is_library(path)]
    there = {path.name for path in folder.rglob("*")}
    return set().union(*(needs(path) for path in libraries)) - there


def files_in(folder: Path) -> Iterable[Path]:
    """Return the folder's own files, links left out, in order."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
