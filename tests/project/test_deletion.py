from pathlib import Path

import pytest

from desktop_client.errors import ProjectError, ProjectInUseError
from desktop_client.paths import Home
from desktop_client.project.contents import parts_of
from desktop_client.project.deletion import delete_project
from desktop_client.project.lock import ProjectLock


def test_a_deleted_project_leaves_nothing_but_the_images(home: Home, tmp_path: Path) -> None:
    images = sorted((tmp_path / "images").rglob("*.png"))
    delete_project(home)
    assert not home.path.exists()
    assert sorted((tmp_path / "images").rglob("*.png")) == images


def test_what_is_deleted_is_listed_before_with_its_size(home: Home) -> None:
    home.thumbnails_path.write_bytes(b"cache")
    parts = {part.kind: part for part in parts_of(home)}
    assert list(parts) == ["thumbnails", "models", "studies", "labels"]
    assert (parts["models"].file_count, parts["models"].size_bytes) == (1, 3_000_000)


def test_whatever_else_lies_in_the_folder_stays(home: Home) -> None:
    (home.path / "notes.txt").write_text("mine")
    (home.path / "photos").mkdir()
    delete_project(home)
    assert sorted(p.name for p in home.path.iterdir()) == ["notes.txt", "photos"]


def test_a_link_is_removed_and_what_it_leads_to_stays(home: Home, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "model.safetensors").touch()
    (home.path / "models" / "link").symlink_to(tmp_path / "server")
    delete_project(home)
    assert (tmp_path / "server" / "model.safetensors").exists()


def test_a_project_that_is_open_is_not_deleted(home: Home) -> None:
    with ProjectLock(home.lock_path, "the window"), pytest.raises(ProjectInUseError):
        delete_project(home)
    assert home.is_project


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no project"):
        delete_project(Home(tmp_path))
