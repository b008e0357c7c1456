"""Whether a computer looks for newer versions is its IT department's to say."""

import logging
from pathlib import Path

import pytest

from desktop_client.updates.policy import (
    ADDRESS_VARIABLE,
    CHECK_VARIABLE,
    OFF,
    UpdatePolicy,
    load_policy,
    machine_settings_path,
)

ADDRESS = "https://software.st-anna.example/siteblind.json"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desktop.toml"


def test_where_nobody_says_anything_nobody_is_asked(path: Path) -> None:
    policy = load_policy(path, {})
    assert not policy.is_possible
    assert not policy.is_on(is_wanted=True)


def test_with_an_address_it_is_the_persons_choice_and_off_until_they_choose(path: Path) -> None:
    path.write_text(f'[updates]\naddress = "{ADDRESS}"\n')
    policy = load_policy(path, {})
    assert policy.host == "software.st-anna.example"
    assert not policy.is_on(is_wanted=False)
    assert policy.is_on(is_wanted=True)


def test_it_can_be_switched_on_or_off_for_everybody() -> None:
    assert UpdatePolicy(check="on", address=ADDRESS).is_on(is_wanted=False)
    assert not UpdatePolicy(check="off", address=ADDRESS).is_on(is_wanted=True)


def test_the_environment_says_it_where_the_file_is_silent_and_never_against_it(path: Path) -> None:
    environment = {ADDRESS_VARIABLE: ADDRESS, CHECK_VARIABLE: "on"}
    assert load_policy(path, environment) == UpdatePolicy(check="on", address=ADDRESS)
    path.write_text('[updates]\ncheck = "off"\n')
    assert load_policy(path, environment).check == "off"


@pytest.mark.parametrize(
    "text",
    [
        "[updates",
        "updates = 3",
        '[updates]\ncheck = "sometimes"',
        f'[updates]\nadress = "{ADDRESS}"',
        '[updates]\naddress = "http://software.st-anna.example/siteblind.json"',
        '[updates]\naddress = "https://ward:secret@software.st-anna.example/"',
        '[updates]\naddress = "https://"',
    ],
)
def test_what_is_wrong_switches_it_off_and_stands_in_the_log(
    path: Path, expected_warnings: list[logging.LogRecord], text: str
) -> None:
    path.write_text(text)
    assert load_policy(path, {}) == OFF
    assert str(path) in expected_warnings[0].getMessage()
    assert "secret" not in expected_warnings[0].getMessage()


def test_the_file_lies_where_only_an_administrator_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine_settings_path() == Path("/etc/siteblind/desktop.toml")
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("PROGRAMDATA", "C:/ProgramData")
    assert machine_settings_path() == Path("C:/ProgramData/SiteBlind/desktop.toml")
