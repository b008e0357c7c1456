from pathlib import Path

import pytest

from desktop_client.paths import Home
from desktop_client.project.recent import (
    LONGEST,
    forget_project,
    recent_projects,
    remember_project,
)


def names(path: Path) -> list[str]:
    return [project.home.name for project in recent_projects(path)]


def test_the_newest_comes_first_and_each_only_once(tmp_path: Path) -> None:
    path = tmp_path / "config" / "projects.json"
    for name in ("a", "b", "a"):
        remember_project(path, Home(tmp_path / name))
    assert names(path) == ["a", "b"]


def test_the_list_stays_short(tmp_path: Path) -> None:
    for number in range(20):
        remember_project(tmp_path / "list", Home(tmp_path / str(number)))
    assert len(names(tmp_path / "list")) == LONGEST


def test_a_project_can_be_taken_off_the_list(tmp_path: Path) -> None:
    remember_project(tmp_path / "list", Home(tmp_path / "a"))
    forget_project(tmp_path / "list", Home(tmp_path / "a"))
    assert names(tmp_path / "list") == []


@pytest.mark.parametrize("content", [b"", b"{", b"3", b"[3]", b'[{"path": 3, "opened": "x"}]'])
def test_a_damaged_list_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "list").write_bytes(content)
    assert recent_projects(tmp_path / "list") == []
