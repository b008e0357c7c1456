import hashlib
import json
import shutil
import sys
import zipfile
from collections import deque
from contextlib import closing
from pathlib import Path

import pytest

from desktop_client.errors import BackupError, ProjectError, ProjectInUseError
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.project.lock import ProjectLock
from desktop_client.project.opening import open_project
from desktop_client.project.restore import look_into, restore
from tests.project.conftest import CREDENTIAL


def put_back(backup: Path, home: Home, *, replaces: bool = False) -> None:
    deque(restore(backup, home, replaces=replaces), maxlen=0)


def labelled_count(home: Home) -> int:
    with LabelStore(home.labels_path) as store:
        return store.progress().labelled_count


def change(home: Home) -> None:
    """Take one label away."""
    with LabelStore(home.labels_path) as store:
        store.label([store.samples()[0].sample_id], None, "Dr. Grey")


def rewrite(backup: Path, changes: dict[str, bytes | None], *, is_listed: bool = False) -> None:
    """Change, add or (with None) remove entries; the list of files follows if asked to."""
    with zipfile.ZipFile(backup) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries.update({name: content for name, content in changes.items() if content is not None})
    entries = {n: c for n, c in entries.items() if changes.get(n, b"") is not None}
    if is_listed:
        manifest = json.loads(entries["manifest.json"])
        manifest["files"] = [
            {"name": n, "size": len(c), "sha256": hashlib.sha256(c).hexdigest()}
            for n, c in entries.items()
            if n != "manifest.json"
        ]
        entries["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(backup, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def test_a_restored_project_has_the_labels_models_and_memberships(
    backup: Path, tmp_path: Path
) -> None:
    new = Home(tmp_path / "new")
    put_back(backup, new)
    assert labelled_count(new) == 5
    assert (new.checkpoints_path / "own.safetensors").stat().st_size == 3_000_000
    assert (new.memberships_path / "lesions" / "membership.json").read_bytes() == CREDENTIAL
    assert sorted(p.name for p in new.path.iterdir()) == [
        "labels.sqlite",
        "models",
        "project.lock",
        "studies",
    ]


def test_a_project_is_only_replaced_when_somebody_confirmed(home: Home, backup: Path) -> None:
    change(home)
    with pytest.raises(ProjectError, match="a project in"):
        put_back(backup, home)
    assert labelled_count(home) == 4


def test_what_is_replaced_is_kept_beside(home: Home, backup: Path) -> None:
    change(home)
    put_back(backup, home, replaces=True)
    assert labelled_count(home) == 5
    (kept,) = home.path.glob("before-restore-*")
    assert labelled_count(Home(kept)) == 4
    assert (kept / "models" / "own.safetensors").exists()


def test_a_project_that_is_open_is_not_replaced(home: Home, backup: Path) -> None:
    with ProjectLock(home.lock_path, "the window"), pytest.raises(ProjectInUseError):
        put_back(backup, home, replaces=True)


def test_a_file_is_no_place_for_a_project(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(ProjectError, match="cannot be used: Not a directory"):
        put_back(backup, Home(tmp_path / "photo.jpg"))


def test_a_folder_with_other_things_in_it_is_refused(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    with pytest.raises(ProjectError, match="not empty"):
        put_back(backup, Home(tmp_path / "photos"))


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "models/../../outside.txt",
        "/tmp/outside.txt",  # noqa: S108  where it would lead
        "models//outside.txt",
        "models\\..\\outside.txt",
        "C:/outside.txt",
        "models/C:outside.txt",
        "settings.json",
        "models",
        "models/a\nb",
        "models/trailing. /x",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_and_nothing_is_written(
    name: str, backup: Path, tmp_path: Path
) -> None:
    rewrite(backup, {name: b"owned"}, is_listed=True)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BackupError, match=r"do not trust|not those it lists"):
        put_back(backup, Home(tmp_path / "new"))
    left = set(tmp_path.rglob("*")) - set(before)
    assert left <= {tmp_path / "new", tmp_path / "new" / "project.lock"}
    assert not Path("/tmp/outside.txt").exists()  # noqa: S108


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"models/own.safetensors": b"other bytes"}, "is damaged"),
        ({"models/own.safetensors": b"x" * 3_000_000}, "is damaged"),
        ({"models/own.safetensors": None}, "not those it lists"),
        ({"models/more.safetensors": b"more"}, "not those it lists"),
        ({"manifest.json": None}, "no back-up"),
        ({"manifest.json": b"{}"}, "damaged or was written by a newer"),
        ({"manifest.json": b'{"format": 2}'}, "newer"),
    ],
)
def test_a_back_up_that_is_not_as_it_was_made_changes_nothing(
    home: Home, backup: Path, changes: dict[str, bytes | None], reason: str
) -> None:
    rewrite(backup, changes)
    change(home)
    with pytest.raises(BackupError, match=reason):
        put_back(backup, home, replaces=True)
    assert labelled_count(home) == 4
    assert not list(home.path.glob("*restore*"))


def test_labels_that_are_no_labels_are_refused_though_their_digest_is_right(
    home: Home, backup: Path
) -> None:
    rewrite(backup, {"labels.sqlite": b"SQLite format 3\0" + b"?" * 5000}, is_listed=True)
    change(home)
    with pytest.raises(BackupError, match="labels in the back-up"):
        put_back(backup, home, replaces=True)
    assert labelled_count(home) == 4


@pytest.mark.parametrize("keep", [0, 10, 2_000, 3_000_000])
def test_a_file_cut_short_is_refused(backup: Path, tmp_path: Path, keep: int) -> None:
    backup.write_bytes(backup.read_bytes()[:keep])
    with pytest.raises(BackupError, match="damaged or is no back-up"):
        look_into(backup)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be read: No such file"):
        look_into(tmp_path / "gone")


def test_whoever_stops_a_restore_keeps_what_was_there(home: Home, backup: Path) -> None:
    change(home)
    with closing(restore(backup, home, replaces=True)) as events:
        next(events)
    assert labelled_count(home) == 4
    assert not list(home.path.glob("*restore*"))


@pytest.mark.parametrize("fails_at", range(1, 9))
def test_a_restore_that_dies_anywhere_while_placing_goes_on_when_the_project_is_opened(
    home: Home, backup: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """What a killed process leaves is what a rename that never returns leaves."""
    change(home)
    renames = 0
    rename = Path.rename

    def dying_rename(self: Path, target: Path) -> Path:
        nonlocal renames
        renames += 1
        if renames == fails_at:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(shutil, "rmtree", lambda *_args, **_options: None)  # dead men
    monkeypatch.setattr(Path, "rename", dying_rename)
    try:
        put_back(backup, home, replaces=True)
    except KeyboardInterrupt:
        pass
    else:
        assert renames < fails_at  # there are no more places to die at
    monkeypatch.undo()
    open_project(home, "the window").release()
    # Before it was known to be whole it is forgotten; from then on it is finished.
    assert labelled_count(home) == (4 if fails_at == 1 else 5)
    assert not list(home.path.glob(".restore-*"))
    if fails_at > 1:
        (kept,) = home.path.glob("before-restore-*")
        assert labelled_count(Home(kept)) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for files")
def test_a_disk_that_refuses_is_named_and_not_the_back_up(backup: Path, tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(ProjectError, match=r"own\.safetensors cannot be written .*large"):
            put_back(backup, Home(tmp_path / "new"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list((tmp_path / "new").glob(".restore-*"))


def test_a_disk_without_room_is_told_before_anything_is_written(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(ProjectError, match="only 1 MB are free"):
        put_back(backup, Home(tmp_path / "new"))
