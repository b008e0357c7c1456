import sys
from pathlib import Path

import pytest

from desktop_client.demo.processes import DemoError, coordinator_command, site_command


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed program, which nothing else is on the way to commands with."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "siteblind-desktop"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_an_installed_program_starts_its_own_command_as_a_site(installed: Path) -> None:
    assert site_command() == [str(installed / "siteblind")]


def test_and_the_installed_coordinator(installed: Path) -> None:
    (installed / "siteblind-coordinator").touch(0o755)
    assert coordinator_command() == [str(installed / "siteblind-coordinator")]


def test_a_coordinator_that_is_not_installed_is_asked_for(installed: Path) -> None:
    with pytest.raises(DemoError, match="install siteblind-coordinator"):
        coordinator_command()
