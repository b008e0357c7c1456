import json
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_client.errors import ProjectError, ProjectInUseError
from desktop_client.project.lock import Holder, ProjectLock

HOLD = """
import sys
from pathlib import Path
from desktop_client.project.lock import ProjectLock
lock = ProjectLock(Path(sys.argv[1]), "the window")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "Ward 4").mkdir()
    return tmp_path / "Ward 4" / "project.lock"


def test_a_second_one_is_told_who_has_the_project_open_where_and_since_when(path: Path) -> None:
    with (
        ProjectLock(path, "the window"),
        pytest.raises(ProjectInUseError) as refused,
    ):
        ProjectLock(path, "siteblind import")
    mine = Holder.this_process("the window")
    assert "“Ward 4”" in str(refused.value)
    for word in (mine.user, mine.computer, "the window", " since "):
        assert word in refused.value.holder


def test_the_project_is_free_again_once_it_is_closed(path: Path) -> None:
    ProjectLock(path, "the window").release()
    ProjectLock(path, "the window").release()
    assert path.read_bytes() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk as Linux has it")
def test_a_full_disk_keeps_nobody_from_opening_the_project(path: Path) -> None:
    path.symlink_to("/dev/full")
    with ProjectLock(path, "the window"), pytest.raises(ProjectInUseError, match="somebody"):
        ProjectLock(path, "siteblind import")
    ProjectLock(path, "siteblind import").release()


def test_a_killed_process_leaves_no_lock_behind(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ProjectInUseError):
            ProjectLock(path, "the window")
        other.kill()
        other.wait()
    assert json.loads(path.read_text())["process_id"] == other.pid  # it had no time to tidy up
    ProjectLock(path, "the window").release()


@pytest.mark.parametrize("told", [b"", b"{", b"[1]", b'{"user": 3, "age": 7}', b"\xff" * 9000])
def test_whatever_the_file_says_the_lock_is_what_counts(path: Path, told: bytes) -> None:
    with ProjectLock(path, "the window"):
        path.write_bytes(told)
        with pytest.raises(ProjectInUseError, match="somebody"):
            ProjectLock(path, "the window")


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="right to write"):
        ProjectLock(tmp_path / "gone" / "project.lock", "the window")
