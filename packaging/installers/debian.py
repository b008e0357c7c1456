"""Debian packages of what PyInstaller made."""

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from installers import elf

PACKAGING: Final = Path(__file__).parents[1]
LINUX: Final = PACKAGING / "linux"
RESOURCES: Final = PACKAGING.parent / "resources"
MAINTAINER: Final = "The SiteBlind authors <noreply@siteblind.invalid>"
C_LIBRARY: Final = "libc6 (>= 2.36)"
"""Debian 12's, with which it is built; an older one lacks what was linked."""
OF_DRIVERS: Final = frozenset({"libcuda.so.1"})
"""Come with a graphics card's driver, whoever installed that; without a card nothing loads them."""
_LIBRARY_PATH: Final = re.compile(r"(/usr)?/lib(64|/[a-z0-9_]+-linux-gnu)?/[^/]+")


@dataclass(frozen=True)
class Package:
    """What differs between the two."""

    name: str
    folder: str
    """Of ``/usr/lib``."""
    section: str
    description: str
    relations: str
    lay_out: Callable[[Path, str], None]


def main() -> None:
    """Make one: ``python -m installers.debian desktop FOLDER TARGET VERSION``."""
    parser = argparse.ArgumentParser(prog="installers.debian")
    parser.add_argument("program", choices=tuple(PACKAGES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("version")
    chosen = parser.parse_args()
    build(chosen.program, chosen.folder, chosen.target, chosen.version)


def build(program: str, folder: Path, target: Path, version: str, level: int = 10) -> Path:
    """Make a package and return its path.

    Args:
        program: ``desktop`` or ``coordinator``.
        folder: What PyInstaller made, with the licences in it.
        target: Where to put the package.
        version: The package's.
        level: Of compression; 1 for trying something out.
    """
    package = PACKAGES[program]
    tree = target / f"{package.name}.tree"
    shutil.rmtree(tree, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder, tree / "usr/lib" / package.folder, symlinks=True, copy_function=_link)
    package.lay_out(tree, version)
    _write_documents(tree, package)
    _write_control(tree, package, version)
    path = target / f"{package.name}_{version}_amd64.deb"
    options = ["--root-owner-group", "-Zzstd", f"-z{level}"]
    subprocess.run(["dpkg-deb", *options, "--build", str(tree), str(path)], check=True)
    shutil.rmtree(tree)
    return path


def dependencies(folder: Path) -> list[str]:
    """Return the Debian packages that have the libraries which a folder's own need.

    Raises:
        LookupError: if no package installed here has one of them.
    """
    names = sorted(elf.missing(folder) - OF_DRIVERS)
    said = subprocess.run(
        ["dpkg-query", "--search", *(f"*/{name}" for name in names)],
        capture_output=True,
        text=True,
        check=False,  # it fails if it does not know one; which, is seen below
    ).stdout
    owners = {}
    for line in said.splitlines():
        owner, _, path = line.partition(": ")
        if _LIBRARY_PATH.fullmatch(path):
            owners[Path(path).name] = owner.split(":")[0]
    unknown = [name for name in names if name not in owners]
    if unknown:
        raise LookupError(f"No Debian package that is installed here has {', '.join(unknown)}")
    return [C_LIBRARY, *sorted(set(owners.values()) - {"libc6"})]


def fill_in(source: Path, target: Path, version: str) -> None:
    """Copy a text with the version and today's date in it."""
    text = source.read_text(encoding="utf-8").replace("@VERSION@", version)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text.replace("@DATE@", f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")


def _link(source: str, target: str) -> None:
    """Have a file in two places, without writing a gigabyte where the disk is the same."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _lay_out_desktop(tree: Path, version: str) -> None:
    share, texts = tree / "usr/share", LINUX / "desktop"
    _link_commands(tree, "siteblind", "siteblind-desktop", "siteblind")
    fill_in(texts / "siteblind.desktop", share / "applications/siteblind.desktop", version)
    fill_in(texts / "siteblind.xml", share / "mime/packages/siteblind.xml", version)
    name = "org.siteblind.desktop.metainfo.xml"
    fill_in(texts / name, share / "metainfo" / name, version)
    icons = share / "icons/hicolor/scalable/apps"
    icons.mkdir(parents=True)
    shutil.copy(RESOURCES / "icons/siteblind.svg", icons)
    for page in ("siteblind.1", "siteblind-desktop.1"):
        _write_manual(texts / page, tree, version)
    _write_service(tree, texts / "siteblind-site@.service", texts / "siteblind-site.sysusers")
    _write_scripts(tree, texts)
    examples = tree / "usr/share/doc/siteblind/examples"
    examples.mkdir(parents=True)
    shutil.copy(texts / "site.toml", examples)


def _lay_out_coordinator(tree: Path, version: str) -> None:
    service = PACKAGING / "coordinator"
    _link_commands(tree, "siteblind-coordinator", "siteblind-coordinator")
    unit, user = (service / f"siteblind-coordinator.{kind}" for kind in ("service", "sysusers"))
    _write_service(tree, unit, user)
    settings = tree / "etc/siteblind"
    settings.mkdir(parents=True)
    shutil.copy(service / "coordinator.toml", settings)
    _write_manual(LINUX / "coordinator/siteblind-coordinator.1", tree, version)
    _write_scripts(tree, LINUX / "coordinator")
    (tree / "DEBIAN/conffiles").write_text("/etc/siteblind/coordinator.toml\n")


_DESKTOP: Final = Package(
    name="siteblind",
    folder="siteblind",
    section="science",
    description="""label lesions and train one model with other hospitals
 Hospitals train one lesion classifier together, and no image leaves a hospital.
 This is the program of a site: staff open and label their own images, train on
 them, and take part in the rounds of a study. PyTorch is in it.
 .
 Research use only. Not for diagnostic use.
""",
    # Fonts are not linked with, but without one there is no text.
    relations="Depends: {0}, fontconfig, fonts-dejavu-core | fonts-liberation\n"
    "Recommends: ca-certificates, desktop-file-utils, shared-mime-info, hicolor-icon-theme\n"
    "Suggests: siteblind-coordinator\n",
    lay_out=_lay_out_desktop,
)
PACKAGES: Final = {
    "desktop": _DESKTOP,
    # Instead of the other, and of another name, so that an upgrade never changes the edition.
    "desktop-gpu": replace(
        _DESKTOP,
        name="siteblind-gpu",
        relations=_DESKTOP.relations
        + "Conflicts: siteblind\nReplaces: siteblind\nProvides: siteblind\n",
    ),
    "coordinator": Package(
        name="siteblind-coordinator",
        folder="siteblind-coordinator",
        section="science",
        description="""server of federated studies of lesions
 Picks a few hospitals per round, averages the parameters that they send, and
 gives the result to all. No image reaches it. Its data are in
 /var/lib/siteblind-coordinator and stay there when it is removed.
 .
 Research use only. Not for diagnostic use.
""",
        relations="Depends: {0}, systemd\nSuggests: postgresql, nginx | caddy\n",
        lay_out=_lay_out_coordinator,
    ),
}


def _link_commands(tree: Path, folder: str, *names: str) -> None:
    commands = tree / "usr/bin"
    commands.mkdir(parents=True)
    for name in names:
        (commands / name).symlink_to(f"../lib/{folder}/{name}")


def _write_service(tree: Path, unit: Path, user: Path) -> None:
    """Put a unit, and the user that it runs as, where systemd looks for them."""
    units, users = tree / "usr/lib/systemd/system", tree / "usr/lib/sysusers.d"
    units.mkdir(parents=True)
    text = unit.read_text(encoding="utf-8").replace("/opt/siteblind/bin/", "/usr/bin/")
    (units / unit.name).write_text(text, encoding="utf-8")
    users.mkdir(parents=True)
    shutil.copy(user, users / f"{user.stem}.conf")


def _write_scripts(tree: Path, source: Path) -> None:
    control = tree / "DEBIAN"
    control.mkdir(exist_ok=True)
    for script in ("postinst", "prerm", "postrm"):
        shutil.copy(source / script, control)
        (control / script).chmod(0o755)


def _write_manual(source: Path, tree: Path, version: str) -> None:
    text = source.read_text(encoding="utf-8").replace("@VERSION@", version)
    pages = tree / "usr/share/man/man1"
    pages.mkdir(parents=True, exist_ok=True)
    (pages / f"{source.name}.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _write_documents(tree: Path, package: Package) -> None:
    documents = tree / "usr/share/doc" / package.name
    documents.mkdir(parents=True, exist_ok=True)
    shutil.copy(PACKAGING.parent / "LICENSE", documents / "copyright")
    for part in ("licences", "bill-of-materials.cdx.json"):
        (documents / part).symlink_to(f"../../../lib/{package.folder}/{part}")


def _write_control(tree: Path, package: Package, version: str) -> None:
    control = tree / "DEBIAN"
    control.mkdir(exist_ok=True)
    files = list(elf.files_in(tree / "usr"))
    depends = ", ".join(dependencies(tree / "usr/lib" / package.folder))
    (control / "control").write_text(
        f"Package: {package.name}\n"
        f"Version: {version}\n"
        "Architecture: amd64\n"
        f"Maintainer: {MAINTAINER}\n"
        f"Section: {package.section}\n"
        "Priority: optional\n"
        f"Installed-Size: {sum(file.stat().st_size for file in files) // 1024}\n"
        + package.relations.format(depends)
        + f"Description: {package.description}",
        encoding="utf-8",
    )
    sums = "".join(f"{_md5(file)}  {file.relative_to(tree)}\n" for file in files)
    (control / "md5sums").write_text(sums, encoding="utf-8")


def _md5(path: Path) -> str:
    """Return what dpkg compares files with; against accidents, not against people."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


if __name__ == "__main__":
    main()
