"""The files that a hospital's server starts from say what this program understands."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest

from desktop_client.commands import service
from desktop_client.federation.site_settings import SiteSettings, read_site_settings
from tests.packaging.units import as_installed, exposure_of, verify

FOLDER: Final = Path(__file__).parents[2] / "packaging" / "linux" / "desktop"
UNIT: Final = FOLDER / "siteblind-site@.service"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    return as_installed(UNIT, tmp_path)


def test_unit_is_understood_by_systemd(unit: Path) -> None:
    verify(unit)


def test_unit_gives_the_service_little_to_do_harm_with(unit: Path) -> None:
    assert exposure_of(unit) < 2.5  # of 10; the network, graphics cards, and PyTorch's own code


def test_unit_starts_again_but_where_only_a_person_can_help() -> None:
    text = UNIT.read_text()
    (codes,) = re.findall(r"^RestartPreventExitStatus=(.+)$", text, re.MULTILINE)
    assert set(map(int, codes.split())) == {service.NO_MEMBER, service.MISCONFIGURED}
    (given_s,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert int(given_s) > 2 * service.GRACE_S


def test_package_makes_the_folder_that_a_project_is_brought_to(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    for program in ("systemd-sysusers", "install", "systemctl"):
        path = tmp_path / program
        path.write_text(f'#!/bin/sh\necho "{program} $*" >> {asked}\n[ $1 != try-restart ]\n')
        path.chmod(0o755)
    # With the version before, as on an upgrade; that no service starts then is no obstacle.
    subprocess.run(
        ["/bin/sh", FOLDER / "postinst", "configure", "0.1.0"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
    )
    assert asked.read_text().splitlines()[:2] == [
        "systemd-sysusers siteblind-site.conf",
        "install -d -m 700 -o siteblind-site -g siteblind-site /var/lib/siteblind-site",
    ]
    (folder,) = re.findall(r"^StateDirectory=(.+)$", UNIT.read_text(), re.MULTILINE)
    assert f"/var/lib/{folder}" in asked.read_text()


def test_example_settings_are_valid_with_every_line_activated(tmp_path: Path) -> None:
    text = (FOLDER / "site.toml").read_text()
    told = re.sub(r'^#(\w+ = |\[|"\w+" = )', r"\1", text, flags=re.MULTILINE)
    told = re.sub(r"^invitation = .*$", "", told, flags=re.MULTILINE)  # one of two ways
    for path in re.findall(r'"(/\S+)"', told):
        here = tmp_path / Path(path).name
        here.mkdir() if "project" in path else here.touch(mode=0o600)
        told = told.replace(path, str(here))
    path = tmp_path / "site.toml"
    path.write_text(told)
    path.chmod(0o640)
    known = SiteSettings.model_fields.keys()
    assert tomllib.loads(told).keys() == known - {"invitation"}
    with pytest.raises(Exception, match=r"^\S+: invitation: There is no invitation") as refused:
        read_site_settings(path)  # the file with the invitation is empty, all else is in order
    assert len(str(refused.value).splitlines()) == 1
