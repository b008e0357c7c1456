"""The licence texts of everything that is shipped, collected into one folder."""

import platform
import shutil
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Final

from installers import distributions
from installers.distributions import UnlawfulError, licence_of
from installers.libraries import DEBIAN, Library, is_guest

TEXTS: Final = Path(__file__).parents[1] / "licences"
"""Of what comes without its own: Qt for Python only refers to the GNU project."""
BY_REFERENCE: Final = {
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
}
"""The LGPL is written as an addition to the GPL, so that both texts belong to it."""
WORDS: Final = ("licen", "copying", "notice", "authors")


def collect(program: str, folder: Path) -> None:
    """Write the licence texts of ``desktop`` or ``coordinator`` into a new folder.

    Raises:
        UnlawfulError: if a package has no text, or may not be shipped.
    """
    packages = distributions.shipped(program)
    distributions.check_licences(packages)
    shutil.rmtree(folder, ignore_errors=True)
    lines = []
    for package in packages:
        _collect_one(package, folder)
        lines.append(f"{package.name} {package.version}: {licence_of(package)}\n")
    _collect_python(folder)
    lines.append(f"Python {platform.python_version()}: PSF-2.0\n")
    introduction = (TEXTS / "README.txt").read_text(encoding="utf-8")
    told = introduction.replace("@VERSION@", packages[0].version) + "".join(lines)
    (folder / "README.txt").write_text(told, encoding="utf-8")


def collect_libraries(libraries: list[Library], folder: Path) -> None:
    """Add what the libraries brought along are, and the copyright files of those of Debian."""
    for package in sorted({one.origin for one in libraries if one.origin.startswith(DEBIAN)}):
        name = package.removeprefix(DEBIAN)
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path("/usr/share/doc") / name / "copyright", target)
    lines = [f"{one.place}: {one.name}, {one.licence}\n" for one in libraries if is_guest(one)]
    if lines:
        with (folder / "README.txt").open("a", encoding="utf-8") as file:
            file.write("\nLibraries that these bring along, and those of Debian:\n\n")
            file.writelines(lines)


def _collect_one(package: metadata.Distribution, folder: Path) -> None:
    texts = [file for file in package.files or [] if _is_licence(file.as_posix())]
    target = folder / package.name
    target.mkdir(parents=True)
    for number, text in enumerate(texts):
        source = Path(str(package.locate_file(text)))
        taken = target / text.name
        shutil.copy(source, taken if not taken.exists() else target / f"{number} {text.name}")
    for name in BY_REFERENCE.get(package.name.lower().replace("_", "-"), ()):
        shutil.copy(TEXTS / name, target)
    if not any(target.iterdir()):
        raise UnlawfulError(f"{package.name} comes without the text of its licence")


def _collect_python(folder: Path) -> None:
    target = folder / "Python"
    target.mkdir()
    places = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE"]
    debian = Path(
        f"/usr/share/doc/python{sys.version_info.major}.{sys.version_info.minor}/copyright"
    )
    for place in (*places, Path(sys.base_prefix) / "LICENSE.txt", debian):
        if place.is_file():
            shutil.copy(place, target / "LICENSE.txt")
            return
    raise UnlawfulError("Python comes without the text of its licence")


def _is_licence(path: str) -> bool:
    parts = path.lower().split("/")
    is_named_so = any(word in parts[-1] for word in WORDS) and not parts[-1].endswith(
        (".py", ".pyc")
    )
    return is_named_so or "licenses" in parts[:-1]
