import json
import shutil
import sys
import zipfile
from collections import deque
from contextlib import closing
from pathlib import Path

import pytest

from desktop_client.errors import BackupError
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.project.backup import BackupAdvanced, BackupFinished, back_up
from desktop_client.project.restore import look_into


def test_a_back_up_holds_labels_models_and_memberships_and_no_image(backup: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        assert sorted(archive.namelist()) == [
            "labels.sqlite",
            "manifest.json",
            "models/own.safetensors",
            "studies/lesions/membership.json",
        ]


def test_it_says_what_is_in_it_and_when_it_was_made(backup: Path) -> None:
    manifest = look_into(backup)
    assert (manifest.project, manifest.image_count, manifest.labelled_count) == ("home", 5, 5)
    assert manifest.program.startswith("SiteBlind ")


def test_it_can_be_made_while_labels_are_being_written(home: Home, tmp_path: Path) -> None:
    with LabelStore(home.labels_path) as store:
        store.label([store.samples()[0].sample_id], None, "Dr. Grey")
        *_, finished = back_up(home, tmp_path / "b")
        assert isinstance(finished, BackupFinished)
        assert finished.manifest.labelled_count == 4


def test_progress_is_told_and_whoever_stops_leaves_nothing_behind(
    home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with closing(back_up(home, folder / "b")) as events:
        first = next(events)
        assert isinstance(first, BackupAdvanced)
        assert 0 < first.done_bytes < first.total_bytes
    assert list(folder.iterdir()) == []


def test_an_earlier_back_up_stays_until_the_new_one_is_whole(home: Home, backup: Path) -> None:
    before = backup.read_bytes()
    with closing(back_up(home, backup)) as events:
        next(events)
        assert backup.read_bytes() == before
    deque(back_up(home, backup), maxlen=0)
    assert look_into(backup).labelled_count == 5


def test_only_its_owner_may_read_it_for_it_holds_credentials(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="holds no project"):
        next(back_up(Home(tmp_path), tmp_path / "b"))


def test_a_place_that_cannot_be_written_is_a_sentence(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written"):
        next(back_up(home, tmp_path / "gone" / "b"))


def test_damaged_labels_are_told_instead_of_backed_up(home: Home, tmp_path: Path) -> None:
    home.labels_path.write_bytes(b"SQLite format 3\0" + b"?" * 5000)
    with pytest.raises(BackupError, match="cannot be"):
        deque(back_up(home, tmp_path / "b"), maxlen=0)
    assert not (tmp_path / "b").exists()


def test_a_project_copied_while_it_is_open_has_its_labels(home: Home, tmp_path: Path) -> None:
    with LabelStore(home.labels_path) as store:
        store.label([store.samples()[0].sample_id], None, "Dr. Grey")
        shutil.copytree(home.path, tmp_path / "copy")
    with LabelStore(Home(tmp_path / "copy").labels_path) as copied:
        assert copied.progress().labelled_count == 4


def test_a_link_out_of_the_project_is_not_followed(home: Home, tmp_path: Path) -> None:
    (tmp_path / "private").write_text("private")
    (home.checkpoints_path / "link.safetensors").symlink_to(tmp_path / "private")
    deque(back_up(home, tmp_path / "b"), maxlen=0)
    with zipfile.ZipFile(tmp_path / "b") as archive:
        assert "models/link.safetensors" not in archive.namelist()
        assert "link" not in json.dumps(json.loads(archive.read("manifest.json")))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_models_on_another_disk_are_backed_up_too(home: Home, tmp_path: Path) -> None:
    home.checkpoints_path.rename(tmp_path / "large disk")
    home.checkpoints_path.symlink_to(tmp_path / "large disk")
    deque(back_up(home, tmp_path / "ward.siteblind-backup"), maxlen=0)
    with zipfile.ZipFile(tmp_path / "ward.siteblind-backup") as archive:
        assert "models/own.safetensors" in archive.namelist()
