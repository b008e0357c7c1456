"""The software bill of materials, CycloneDX 1.6 in JSON: what is shipped, for programs to read."""

import json
import platform
import re
import subprocess
from importlib import metadata
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from installers import distributions
from installers.distributions import licence_of
from installers.libraries import DEBIAN, Library, is_guest

_EXPRESSION: Final = re.compile(r"\(?[\w.+-]+\)?( (AND|OR|WITH) \(?[\w.+-]+\)?)*")
_VAGUE: Final = ("BSD", "Apache")
"""Names that are no identifiers of SPDX."""

Component = dict[str, object]


def bill_of(program: str, libraries: list[Library]) -> dict[str, object]:
    """Return the bill of ``desktop`` or ``coordinator``.

    Args:
        program: Which.
        libraries: Those in its folder.
    """
    ours, *others = [_python_package(package) for package in distributions.shipped(program)]
    ours["type"] = "application"
    parts = [
        *others,
        _component("generic", "cpython", platform.python_version(), "PSF-2.0"),
        *_guests(libraries),
    ]
    told = json.dumps([ours, parts])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # Of what is in it, so that the same contents have the same number.
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, told)}",
        "version": 1,
        "metadata": {"component": ours},
        "components": parts,
        "dependencies": [
            {"ref": ours["bom-ref"], "dependsOn": [part["bom-ref"] for part in parts]}
        ],
    }


def _python_package(package: metadata.Distribution) -> Component:
    name = re.sub(r"[-_.]+", "-", package.name).lower()
    return _component("pypi", name, package.version, licence_of(package))


def _guests(libraries: list[Library]) -> list[Component]:
    """Return what packages bring along, each once per package, and the packages of Debian."""
    guests = {(one.origin, one.name): one.licence for one in libraries if is_guest(one)}
    components = []
    for (origin, name), licence in sorted(guests.items()):
        if origin.startswith(DEBIAN):
            components.append(_component("deb", origin, _debian_version(name), licence))
        else:  # which version it is, only its own builder knows
            reference = f"{origin}/{name}"
            part = {"type": "library", "bom-ref": reference, "name": name, "group": origin}
            components.append({**part, "licenses": [_licence(licence)]})
    return components


def _component(kind: str, name: str, version: str, licence: str = "") -> Component:
    purl = f"pkg:{kind}/{name}@{version}"
    component: Component = {
        "type": "library",
        "bom-ref": purl,
        "name": name.rsplit("/", 1)[-1],
        "version": version,
        "purl": purl,
    }
    if licence:
        component["licenses"] = [_licence(licence)]
    return component


def _licence(words: str) -> dict[str, object]:
    if _EXPRESSION.fullmatch(words) and words not in _VAGUE:
        return {"expression": words}
    return {"license": {"name": words}}


def _debian_version(package: str) -> str:
    said = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Version}", package],
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout
