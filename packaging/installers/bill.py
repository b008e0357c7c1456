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

_EXPRESSION: Final = re.compile(r"\(?[\w.+-]+\)?( (AND|OR|WITH) \(?[\w.+-]+\)?)*")
_VAGUE: Final = ("BSD", "Apache")
"""Names that are no identifiers of SPDX."""

Component = dict[str, object]


def bill_of(program: str, debian_packages: list[str]) -> dict[str, object]:
    """Return the bill of ``desktop`` or ``coordinator``.

    Args:
        program: Which.
        debian_packages: Those that libraries are taken along from.
    """
    ours, *others = [_python_package(package) for package in distributions.shipped(program)]
    ours["type"] = "application"
    parts = [
        *others,
        _component("generic", "cpython", platform.python_version(), "PSF-2.0"),
        *(_component("deb", f"debian/{name}", _debian_version(name)) for name in debian_packages),
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
