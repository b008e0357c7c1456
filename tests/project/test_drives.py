from pathlib import Path

import pytest

from desktop_client.errors import ProjectPlaceError
from desktop_client.paths import Home
from desktop_client.project import drives
from desktop_client.project.drives import check_place, mount_type, network_drive
from desktop_client.project.opening import open_project

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
//files/ward /mnt/ward\\0404 cifs rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local ext4 rw 0 0
me@host:/ /mnt/far fuse.sshfs rw 0 0
/dev/sdc1 /mnt/stick fuse.exfat rw 0 0
none /mnt/share 9p rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/opt/project", ""),
        ("/mnt/ward 4/project", "cifs"),
        ("/mnt/ward 44/project", ""),
        ("/home/anna/project", "nfs4"),
        ("/home/local/project", ""),
        ("/mnt/far", "sshfs"),
        ("/mnt/stick/project", ""),
        ("/mnt/share/project", "9p"),
    ],
)
def test_the_innermost_mount_tells_whether_a_folder_is_on_a_network_drive(
    folder: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    monkeypatch.setattr(drives, "MOUNTS_PATH", tmp_path / "mounts")
    assert network_drive(Path(folder)) == kind


def test_what_is_mounted_over_a_place_hides_what_was_there() -> None:
    assert mount_type(Path("/a/b"), ["x /a ext4 rw 0 0", "y /a nfs rw 0 0"]) == "nfs"


def test_a_network_drive_is_refused_with_the_reason_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mounts").write_text(f"server:/x {tmp_path} nfs rw 0 0\n")
    monkeypatch.setattr(drives, "MOUNTS_PATH", tmp_path / "mounts")
    with pytest.raises(ProjectPlaceError) as refused:
        open_project(Home(tmp_path / "new"), "the window")
    assert "network drive (nfs)" in str(refused.value)
    assert "disk of this computer" in str(refused.value)
    assert not (tmp_path / "new").exists()


def test_a_link_does_not_hide_the_network_drive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "local").symlink_to(tmp_path / "server")
    (tmp_path / "mounts").write_text(f"s:/x {tmp_path / 'server'} nfs rw 0 0\n")
    monkeypatch.setattr(drives, "MOUNTS_PATH", tmp_path / "mounts")
    assert network_drive(tmp_path / "local" / "project") == "nfs"


def test_this_computers_own_disk_is_fine(tmp_path: Path) -> None:
    check_place(tmp_path)
