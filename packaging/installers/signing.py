"""Signs Windows programs: ``python -m installers.signing FILE...``.

The certificate is named by the environment, so that it lies in no repository:

SITEBLIND_SIGNING_CERTIFICATE  a PFX file; without it nothing is signed, and that is said
SITEBLIND_SIGNING_PASSWORD     its password
SITEBLIND_SIGNING_TIMESTAMPS   who confirms when it was signed; empty for nobody
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

TIMESTAMPS: Final = "http://timestamp.digicert.com"
NAME: Final = "SiteBlind"


def sign(path: Path) -> None:
    """Sign a file in its place, with signtool on Windows and osslsigncode elsewhere."""
    certificate = os.environ.get("SITEBLIND_SIGNING_CERTIFICATE")
    if not certificate:
        print(f"{path.name} is not signed: no certificate is named", file=sys.stderr)  # noqa: T201
        return
    if sys.platform == "win32":
        _with_signtool(path, certificate)
    else:
        _with_osslsigncode(path, certificate)


def _with_signtool(path: Path, certificate: str) -> None:
    timestamps = ["/tr", _timestamps(), "/td", "SHA256"] if _timestamps() else []
    secret = ["/f", certificate, "/p", _password()]
    subprocess.run(
        ["signtool", "sign", *secret, "/fd", "SHA256", "/d", NAME, *timestamps, str(path)],
        check=True,
    )


def _with_osslsigncode(path: Path, certificate: str) -> None:
    signed = path.with_name(f"{path.name}.signed")
    timestamps = ["-ts", _timestamps()] if _timestamps() else []
    secret = ["-pkcs12", certificate, "-readpass", "/dev/stdin"]
    files = ["-in", str(path), "-out", str(signed)]
    subprocess.run(
        ["osslsigncode", "sign", *secret, "-h", "sha256", "-n", NAME, *timestamps, *files],
        input=_password(),
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    signed.replace(path)


def _password() -> str:
    return os.environ.get("SITEBLIND_SIGNING_PASSWORD", "")


def _timestamps() -> str:
    return os.environ.get("SITEBLIND_SIGNING_TIMESTAMPS", TIMESTAMPS)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sign(Path(name))
