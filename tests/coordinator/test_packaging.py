"""The files that an operator starts from say what this program understands."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from coordinator.server.settings import Settings, read_settings
from tests.packaging.units import as_installed, exposure_of, verify

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "packaging" / "coordinator"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    return as_installed(FOLDER / "siteblind-coordinator.service", tmp_path)


def test_unit_is_understood_by_systemd(unit: Path) -> None:
    verify(unit)


def test_unit_gives_the_service_little_to_do_harm_with(unit: Path) -> None:
    assert exposure_of(unit) < 2  # of 10; what is left is the network, which it is there for


def test_service_stops_in_the_time_that_systemd_gives_it() -> None:
    text = (FOLDER / "siteblind-coordinator.service").read_text()
    given_s = re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert given_s is not None
    assert int(given_s[1]) > 2 * read_settings().stop_within_s


def test_example_settings_are_valid_as_they_stand() -> None:
    settings = read_settings(FOLDER / "coordinator.toml")
    assert settings.log_format == "json"
    assert settings.is_loopback


def test_every_line_of_the_example_settings_can_be_activated(tmp_path: Path) -> None:
    text = (FOLDER / "coordinator.toml").read_text()
    active = re.sub(r"^#(\w+ = )", r"\1", text, flags=re.MULTILINE)
    pem = tmp_path / "any.pem"
    pem.touch()
    active = re.sub(r"/etc/siteblind/\w+\.pem", str(pem), active)
    path = tmp_path / "coordinator.toml"
    path.write_text(active)
    assert read_settings(path).model_fields_set == tomllib.loads(active).keys()
    assert len(tomllib.loads(active)) > len(tomllib.loads(text))


def test_container_is_made_of_what_there_is() -> None:
    text = (FOLDER / "Containerfile").read_text()
    assert (FOLDER / "Containerfile.dockerignore").is_file()
    from_here = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ")]
    for source in (source for sources in from_here for source in sources):
        assert (
            source.startswith("--from=") or source == "/opt/siteblind" or (ROOT / source).exists()
        )
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", text)
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(extras.split(",")) <= known.keys()


def test_container_sets_only_settings_and_does_not_run_as_root() -> None:
    text = (FOLDER / "Containerfile").read_text()
    names = re.findall(r"SITEBLIND_COORDINATOR_(\w+)=", text)
    assert {name.lower() for name in names} <= Settings.model_fields.keys()
    assert re.findall(r"^USER (\d+)$", text, re.MULTILINE) == ["8470"]


def test_container_without_tls_or_proxy_refuses_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (FOLDER / "Containerfile").read_text()
    for name, value in re.findall(r"(SITEBLIND_COORDINATOR_\w+)=(\S+)", text):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SITEBLIND_COORDINATOR_DATA_FOLDER", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "coordinator", "serve"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert done.returncode == 1
    assert "would carry credentials unencrypted" in done.stderr


@pytest.mark.parametrize(
    ("name", "size_limit"),
    [("nginx.conf", r"client_max_body_size (\d+)m;"), ("Caddyfile", r"(\d+)MB")],
)
def test_front_passes_on_to_the_coordinators_port_whatever_it_would_take(
    name: str, size_limit: str
) -> None:
    text = (FOLDER / name).read_text()
    settings = read_settings()
    assert f"127.0.0.1:{settings.port}" in text
    limit = re.search(size_limit, text)
    assert limit is not None
    assert int(limit[1]) * 1_000_000 > settings.proposal_limit_bytes
