"""Each library in the programs' folder has an origin and a licence, or there is no installer."""

import shutil
from collections.abc import Callable
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

from installers import libraries, licences
from installers.distributions import UnlawfulError, is_shippable
from installers.libraries import debian_licence, is_guest, libraries_in

FORMAT: Final = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"

Put = Callable[[str], str]


def brought_by(package: str, pattern: str) -> str:
    """Return the place of a library of an installed package, as PyInstaller would give it."""
    files = [file.as_posix() for file in metadata.distribution(package).files or []]
    return next(file for file in files if fnmatch(file, pattern))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "siteblind"


@pytest.fixture
def put(folder: Path) -> Put:
    """Put a program of a few bytes in the place of a library."""

    def put_it(inside: str) -> str:
        path = folder / "_internal" / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", path)
        return path.relative_to(folder).as_posix()

    return put_it


def test_a_module_is_under_the_licence_of_its_package(folder: Path, put: Put) -> None:
    put(brought_by("pillow", "PIL/_imaging.*.so"))
    put("python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so")
    pillow, python = libraries_in(folder, "desktop")
    assert (pillow.name, pillow.licence) == ("pillow", "MIT-CMU")
    assert (python.name, python.licence) == ("Python", "PSF-2.0")
    assert not is_guest(pillow)


def test_what_a_package_brings_along_is_under_its_own_and_is_listed(folder: Path, put: Put) -> None:
    place = put(brought_by("numpy", "numpy.libs/libgfortran-*"))
    (guest,) = found = libraries_in(folder, "coordinator")
    assert (guest.name, guest.origin) == ("GCC's runtime libraries", "numpy")
    assert guest.licence == "GPL-3.0-or-later WITH GCC-exception-3.1"
    (folder / "licences").mkdir()
    licences.collect_libraries(found, folder / "licences")
    listed = (folder / "licences/README.txt").read_text()
    assert f"{place}: GCC's runtime libraries, GPL-3.0-or-later WITH GCC-exception-3.1\n" in listed


@pytest.mark.parametrize("inside", ["numpy.libs/libnobody-knows-it.so", "libnobody-knows-it.so"])
def test_a_library_that_nobody_knows_ends_the_build(folder: Path, put: Put, inside: str) -> None:
    put(inside)
    with pytest.raises(UnlawfulError, match=rf"{inside}: whose it is"):
        libraries_in(folder, "coordinator")


def test_one_that_nobody_has_reviewed_ends_the_build(
    folder: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(brought_by("numpy", "numpy.libs/libgfortran-*"))
    monkeypatch.setitem(libraries.REVIEWED, "library", [])
    with pytest.raises(UnlawfulError, match=r"libgfortran.*: whose it is"):
        libraries_in(folder, "coordinator")


def test_one_under_the_gpl_without_an_exception_ends_the_build(
    folder: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(brought_by("numpy", "numpy.libs/libgfortran-*"))
    table = [{"name": "it", "files": ["*"], "licence": "GPL-3.0-or-later"}]
    monkeypatch.setitem(libraries.REVIEWED, "library", table)
    with pytest.raises(UnlawfulError, match=r"libgfortran.* is under GPL-3\.0-or-later"):
        libraries_in(folder, "coordinator")


def test_the_desktop_programs_packages_are_none_of_the_coordinators(folder: Path, put: Put) -> None:
    put(brought_by("pillow", "PIL/_imaging.*.so"))
    with pytest.raises(UnlawfulError, match="PIL/_imaging"):
        libraries_in(folder, "coordinator")


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="no Debian")
def test_a_library_of_debian_comes_with_its_packages_copyright(folder: Path, put: Put) -> None:
    put("libxcb-cursor.so.0")
    (library,) = found = libraries_in(folder, "coordinator")
    assert (library.origin, library.licence) == ("debian/libxcb-cursor0", "MIT/X")
    (folder / "licences").mkdir()
    licences.collect_libraries(found, folder / "licences")
    assert (folder / "licences/libxcb-cursor0/copyright").is_file()


class TestCopyrightFilesOfDebian:
    def test_every_licence_of_the_software_counts_and_not_that_of_the_packaging(self) -> None:
        text = (
            f"{FORMAT}Files: *\nCopyright: Anna\nLicense: MIT\n Permission is hereby granted\n .\n"
            " and so on.\n\nFiles: src/a.c\n src/b.c\nLicense: BSD-2 or GPL-2+\n\n"
            "Files: debian/*\nLicense: GPL-3\n\nLicense: GPL-3\n On Debian systems, see ...\n"
        )
        assert debian_licence("libanna1", text) == "(BSD-2 OR GPL-2+) AND MIT"

    def test_the_gpl_is_seen(self) -> None:
        told = debian_licence("libanna1", f"{FORMAT}Files: *\nLicense: GPL-2+\n")
        assert told is not None
        assert not is_shippable(told)

    def test_what_only_people_can_read_has_been_read_by_one_or_is_unknown(self) -> None:
        assert debian_licence("libpython3.11", "This package was put together by ...") == "PSF-2.0"
        assert debian_licence("libanna1", "This package was put together by ...") is None
