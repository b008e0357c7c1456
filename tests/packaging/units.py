"""The systemd units that are installed with the programs, as systemd itself judges them."""

import re
import subprocess
import sys
from pathlib import Path


def as_installed(unit: Path, folder: Path) -> Path:
    """Copy a unit into a folder as if this environment were its /opt/siteblind."""
    text = unit.read_text()
    installed = text.replace("/opt/siteblind/bin/", f"{Path(sys.executable).parent}/")
    assert installed != text
    path = folder / unit.name
    path.write_text(installed)
    return path


def verify(unit: Path) -> None:
    """Fail if systemd does not understand all of a unit."""
    _analyze("verify", str(unit))


def exposure_of(unit: Path) -> float:
    """Return how much harm a service could do, from 0 to 10."""
    told = _analyze("security", "--offline=true", "--no-pager", str(unit))
    exposure = re.search(r"Overall exposure level for \S+: (\d\.\d)", told)
    assert exposure is not None
    return float(exposure[1])


def _analyze(*words: str) -> str:
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "siteblind" not in done.stderr  # other units of the machine may be complained of
    return done.stdout
