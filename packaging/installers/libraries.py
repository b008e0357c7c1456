"""Whose each shared library is that is shipped, and under which licence.

A package's metadata speak of its own code; the libraries that it brings along are others'. What
nobody has looked at ends the build, as does what is under the GPL without an exception.
"""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Final

from installers import distributions, elf
from installers.distributions import UnlawfulError, is_shippable, licence_of

REVIEWED: Final = tomllib.loads(
    (Path(__file__).parents[1] / "licences/libraries.toml").read_text(encoding="utf-8")
)
PROGRAM_START: Final = "GPL-2.0-or-later WITH Bootloader-exception"
"""PyInstaller's, of which each program is a copy."""
INSIDE: Final = "_internal"
DEBIAN: Final = "debian/"
_READABLE: Final = re.compile(r"Format: *https?://www\.debian\.org/doc/packaging-manuals/copyright")


@dataclass(frozen=True)
class Library:
    """A library or program in the folder.

    Attributes:
        place: Where in the folder it is.
        name: By which people know it: the package's, or of whom it brings along.
        origin: The Python package that it comes with, or ``debian/`` and a package of Debian.
        licence: In SPDX's words, as far as those who wrote it down use them.
    """

    place: str
    name: str
    origin: str
    licence: str


def libraries_in(folder: Path, program: str) -> list[Library]:
    """Return the libraries in the folder of ``desktop`` or ``coordinator``, by place.

    Raises:
        UnlawfulError: naming each of which nobody knows whose it is, or that may not be shipped.
    """
    packages = {
        file.as_posix(): package
        for package in distributions.shipped(program)
        for file in package.files or []
    }
    found, troubles = [], []
    for path in elf.files_in(folder):
        if not elf.is_library(path):
            continue
        place = path.relative_to(folder).as_posix()
        library = _library(place, packages.get(place.removeprefix(f"{INSIDE}/")))
        if library is None:
            troubles.append(f"{place}: whose it is, and its licence, are not known")
        elif not is_shippable(library.licence):
            troubles.append(f"{place} is under {library.licence}")
        else:
            found.append(library)
    if troubles:
        raise UnlawfulError("Not to be shipped, see libraries.toml:\n" + "\n".join(troubles))
    return found


def is_guest(library: Library) -> bool:
    """Return whether a library is neither its package's own nor Python's."""
    return library.name != library.origin and library.name not in ("Python", "PyInstaller")


def debian_licence(package: str, text: str) -> str | None:
    """Return the licence of a package of Debian, given its copyright file.

    That of the files of Debian's maintainers, which make the package and are not in it, is no
    matter. Of a file that is not written for programs, the reviewed licence is returned, if any.
    """
    if not _READABLE.match(text):
        table: dict[str, str] = REVIEWED["debian"]
        return next((told for pattern, told in table.items() if fnmatch(package, pattern)), None)
    licences = set()
    for paragraph in re.split(r"\n[ \t]*\n", text):
        fields = message_from_string(paragraph)
        files = str(fields.get("Files", "debian/*")).split()
        if any(not name.startswith("debian/") for name in files):
            told = str(fields.get("License", "")).split("\n")[0].strip()
            told = told.replace(" or ", " OR ").replace(" and ", " AND ")
            licences.add(f"({told})" if " OR " in told else told)
    return " AND ".join(sorted(licences)) or None


def _library(place: str, package: metadata.Distribution | None) -> Library | None:
    inside = place.removeprefix(f"{INSIDE}/")
    if inside == place:
        return Library(place, "PyInstaller", "pyinstaller", PROGRAM_START)
    if "lib-dynload/" in place:
        return Library(place, "Python", "cpython", "PSF-2.0")
    if package is None:
        return None if "/" in inside else _of_debian(place, inside)
    if told := next(_reviewed(inside), None):
        return Library(place, told["name"], package.name, told["licence"])
    is_own = any(fnmatch(inside, pattern) for pattern in REVIEWED["own"])
    is_module = not Path(inside).name.startswith("lib") and ".libs/" not in inside
    if is_own or is_module:
        return Library(place, package.name, package.name, licence_of(package))
    return None


def _reviewed(inside: str) -> Iterator[dict[str, str]]:
    return (
        one
        for one in REVIEWED["library"]
        if any(fnmatch(inside, pattern) for pattern in one["files"])
    )


def _of_debian(place: str, name: str) -> Library | None:
    package = debian_package(name)
    if not package:
        return None
    copyright_file = Path("/usr/share/doc") / package / "copyright"
    licence = debian_licence(package, copyright_file.read_text(encoding="utf-8"))
    return Library(place, package, f"{DEBIAN}{package}", licence) if licence else None


def debian_package(name: str) -> str:
    """Return the package of Debian that has a library of this name; empty if none has."""
    said = subprocess.run(
        ["dpkg-query", "--search", f"*/{name}"], capture_output=True, text=True, check=False
    )
    return said.stdout.split(":", 1)[0]
