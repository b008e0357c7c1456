"""Certificate authorities and the certificates that they sign, made for one test run."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from coordinator.invitation import fingerprint_of


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key."""

    path: Path
    key_path: Path

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.path.read_text())


@dataclass(frozen=True)
class Authority:
    """Who signs."""

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}.pem"

    def sign(
        self,
        name: str,
        host: str = "localhost",
        days: int = 30,
        environment: Mapping[str, str] | None = None,
    ) -> Certificate:
        """Return a new certificate for a host; one of ``days`` below 0 has expired.

        ``environment`` may give the signing program another clock.
        """
        made = Certificate(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-subj", f"/CN={name}", "-keyout", made.key_path,
                 "-out", self.folder / f"{name}.csr")  # fmt: skip
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n")
        _openssl("x509", "-req", "-in", self.folder / f"{name}.csr", "-CA", self.path,
                 "-CAkey", self.folder / f"{self.name}.key", "-CAcreateserial",
                 "-days", days, "-extfile", extensions, "-out", made.path,
                 environment=environment)  # fmt: skip
        return made


def new_authority(folder: Path, name: str) -> Authority:
    made = Authority(folder, name)
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", 30, "-subj", f"/CN={name}", "-addext", "keyUsage=keyCertSign",
             "-keyout", folder / f"{name}.key", "-out", made.path)  # fmt: skip
    return made


def _openssl(*words: object, environment: Mapping[str, str] | None = None) -> None:
    command, env = ["openssl", *map(str, words)], os.environ | dict(environment or {})
    subprocess.run(command, check=True, capture_output=True, env=env)
