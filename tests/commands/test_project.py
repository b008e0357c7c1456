"""Projects by command: kept safe, listed, and never two programs at one."""

from pathlib import Path

import pytest

from desktop_client.paths import HOME_VARIABLE, Home
from desktop_client.project.lock import ProjectLock
from desktop_client.project.recent import remember_project
from tests.commands.conftest import Command
from tests.scenes import new_site


def test_a_project_is_backed_up_and_restored(siteblind: Command, tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 2, "ring": 1})
    backup = tmp_path / "ward.siteblind-backup"
    code, out, _ = siteblind("project", "backup", backup, "--home", home.path)
    assert (code, "3 of 3 known images labelled" in out) == (0, True)
    code, out, _ = siteblind("project", "restore", backup, "--home", tmp_path / "new")
    assert code == 0
    assert "“home” of " in out
    assert "Restored 3 labels" in out
    code, _, err = siteblind("project", "restore", backup, "--home", home.path)
    assert (code, "There is a project" in err) == (1, True)
    code, _, _ = siteblind("project", "restore", backup, "--home", home.path, "--replace")
    assert code == 0


def test_recent_projects_are_listed(
    siteblind: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    remember_project(tmp_path / "projects.json", Home(tmp_path / "Ward 4"))
    code, out, _ = siteblind("project", "list")
    assert code == 0
    assert out.strip().endswith("Ward 4  (not there now)")


@pytest.mark.parametrize(
    "command",
    [
        ("import", "images"),
        ("export-labels", "labels.csv"),
        ("export-images", "copies"),
        ("join",),
        ("rotate-credential",),
    ],
)
def test_no_command_writes_to_a_project_that_a_window_has_open(
    siteblind: Command, tmp_path: Path, command: tuple[str, ...]
) -> None:
    home = Home(tmp_path / "home").create()
    with ProjectLock(home.lock_path, "the window"):
        code, _, err = siteblind(*command, "--home", home.path)
    assert code == 1
    assert "is open already" in err
    assert "the window" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--output", "m"),
        ("train", "--output", "m", "--resume"),
        ("predict", "m", "--csv", "answers.csv"),
        ("rotate-credential",),
    ],
)
def test_a_mistyped_project_is_said_to_be_none_and_makes_no_folder(
    siteblind: Command, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    code, _, err = siteblind(*arguments, "--home", tmp_path / "hme")
    assert (code, f"There is no project in {tmp_path / 'hme'}" in err) == (1, True)
    assert not (tmp_path / "hme").exists()
