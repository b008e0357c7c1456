"""The file of a site without a window: every mistake in it is a sentence of its own."""

from pathlib import Path
from typing import Any

import pytest
import tomli_w

from coordinator.invitation import Invitation, write_invitation
from desktop_client.errors import SettingsFileError
from desktop_client.federation.site_settings import SiteSettings, read_site_settings

INVITED = Invitation("https://study.example.org", "dots", "7K2M-0QZD-91AB-CDEF-GHJK")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    """Settings without a mistake."""
    return {
        "project": str(tmp_path),
        "invitation": write_invitation(INVITED),
        "site_name": "St. Anna",
        "consent": "Dr. Huber",
    }


def read(folder: Path, values: dict[str, Any], mode: int = 0o640) -> SiteSettings:
    path = folder / "site.toml"
    path.write_text(tomli_w.dumps(values))
    path.chmod(mode)
    return read_site_settings(path)


def mistakes(folder: Path, values: dict[str, Any], mode: int = 0o640) -> list[str]:
    with pytest.raises(SettingsFileError) as refused:
        read(folder, values, mode)
    lines = str(refused.value).splitlines()
    prefix = f"{folder / 'site.toml'}: "
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines]


def test_settings_without_a_mistake_hold_the_invitation(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    found = read(tmp_path, settings | {"classes": {"Naevus": "nevus", "Other": ""}})
    assert found.invited() == INVITED
    assert found.classes == {"Naevus": "nevus", "Other": ""}


def test_an_invitation_may_stand_in_a_file_of_its_own(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    mail = tmp_path / "mail.txt"
    mail.write_text(f"Dear colleagues,\n\n{settings.pop('invitation')}\n\nKind regards")
    mail.chmod(0o600)
    assert read(tmp_path, settings | {"invitation_file": str(mail)}).invited() == INVITED


def test_each_mistake_is_told_with_its_key_and_no_value_is_repeated(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    wrong = settings | {
        "projekt": "/srv",
        "device": "gpu-s3cret",
        "scanners": [],
        "network": {"prox": "http://x"},
    }
    told = mistakes(tmp_path, wrong)
    assert "projekt: there is no such key" in told
    assert "network.prox: there is no such key" in told
    assert any(line.startswith("device: ") and "'cuda'" in line for line in told)
    assert any(line.startswith("scanners: ") for line in told)
    assert "s3cret" not in "".join(told)


def test_what_does_not_exist_or_cannot_be_is_told_all_at_once(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    wrong = settings | {
        "project": "relative/folder",
        "invitation": "SITEBLIND1-0000",
        "network": {"proxy": "proxy:3128", "authorities": "/no/such.pem"},
    }
    told = mistakes(tmp_path, wrong)
    assert [line.split(":")[0] for line in told] == [
        "project",
        "invitation",
        "network.proxy",
        "network.authorities",
    ]


def test_a_project_that_is_not_there_is_told_how_to_bring_it(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    (told,) = mistakes(tmp_path, settings | {"project": str(tmp_path / "none")})
    assert "siteblind project restore" in told


@pytest.mark.parametrize("missing", ["site_name", "consent"])
def test_nobody_joins_without_a_name(
    tmp_path: Path, settings: dict[str, Any], missing: str
) -> None:
    del settings[missing]
    (told,) = mistakes(tmp_path, settings)
    assert missing in told


def test_nobody_chooses_classes_without_a_name_not_even_none(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, {"project": str(tmp_path), "classes": {}})
    assert "consent" in told


def test_a_secret_that_everybody_can_read_is_refused(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    (told,) = mistakes(tmp_path, settings, mode=0o644)
    assert "chmod o= " in told
    settings.pop("invitation")
    proxy = {"proxy": "http://ward:s3cret@proxy.example:3128"}
    (told,) = mistakes(tmp_path, settings | {"network": proxy}, mode=0o644)
    assert "s3cret" not in told


def test_a_file_that_is_no_toml_or_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsFileError, match=r"none\.toml: it cannot be read: No such file"):
        read_site_settings(tmp_path / "none.toml")
    (tmp_path / "site.toml").write_text("project = ")
    with pytest.raises(SettingsFileError, match="is not valid TOML"):
        read_site_settings(tmp_path / "site.toml")
