"""Which drives a project may lie on: SQLite needs locks that network drives do not keep."""

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from desktop_client.errors import ProjectPlaceError

MOUNTS_PATH: Final = Path("/proc/self/mounts")
NETWORK_TYPES: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs"}
    | {"nfs", "nfs4", "ocfs2", "smb3", "smbfs"}
)
LOCAL_FUSE_TYPES: Final = frozenset(
    {"fuse.cryfs", "fuse.encfs", "fuse.exfat", "fuse.ext2", "fuse.gocryptfs", "fuse.ntfs"}
    | {"fuse.ntfs-3g", "fuse.veracrypt"}
)
"""Drives in user space that are disks of this computer; the others (sshfs, rclone) are not."""

_DRIVE_REMOTE: Final = 4
"""What Windows' ``GetDriveTypeW`` says of a network drive."""
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


def check_place(folder: Path) -> None:
    """Refuse a folder that is not on a disk of this computer; it need not exist yet.

    Raises:
        ProjectPlaceError: if it is on a network drive.
    """
    kind = network_drive(folder)
    if kind:
        raise ProjectPlaceError(
            f"The folder {folder} is on a network drive ({kind}). There, two computers could write "
            "to the labels at the same time and damage them. Keep the project on a disk of this "
            "computer, and put its back-ups on the network drive; the images may stay there."
        )


def network_drive(folder: Path) -> str:
    """Return what kind of network drive a folder is on, or nothing if it is on a local disk."""
    if sys.platform == "win32":
        return _windows_network_drive(folder)
    try:
        lines = MOUNTS_PATH.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:  # not Linux: nobody tells
        return ""
    kind = mount_type(Path(os.path.realpath(folder)), lines)
    is_remote = kind in NETWORK_TYPES or (kind.startswith("fuse.") and kind not in LOCAL_FUSE_TYPES)
    return kind.removeprefix("fuse.") if is_remote else ""


def mount_type(folder: Path, mounts: Iterable[str]) -> str:
    """Return the type of the innermost file system that a folder is in.

    Args:
        folder: Without symbolic links.
        mounts: Lines as in ``/proc/self/mounts``; of two at one place the later hides the earlier.
    """
    best, kind = Path("/"), ""
    for line in mounts:
        _, place, this_kind, *_ = line.split(" ")
        path = Path(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), place))
        if folder.is_relative_to(path) and path.is_relative_to(best):
            best, kind = path, this_kind
    return kind


def _windows_network_drive(folder: Path) -> str:
    drive = Path(os.path.realpath(folder)).drive
    if drive.startswith("\\\\") and not drive.startswith("\\\\?\\"):
        return drive
    if sys.platform == "win32":
        import ctypes

        if ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == _DRIVE_REMOTE:
            return drive
    return ""
