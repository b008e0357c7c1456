"""A study that is handed over, together with the project that it was trained in.

What the file brings goes again if the study cannot be taken. Nothing else is ever removed, whoever
put it there and when. Never loads torch.
"""

from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path

from desktop_client.federation.handing_over import TakenOver, study_in, take_over
from desktop_client.federation.membership import MEMBERSHIP_FILE
from desktop_client.paths import Home
from desktop_client.project.backup import BackupAdvanced
from desktop_client.project.contents import database_files
from desktop_client.project.restore import RestoreFinished, opened_target, unpack


def bring_over(
    home: Home, path: Path, reader: str
) -> Generator[BackupAdvanced | RestoreFinished | TakenOver]:
    """Make a project of the file that hands a study over, and take part in the study from there.

    If that fails, or whoever iterates ceases before the study is taken, the folder is as it was.

    Args:
        home: A new or empty folder.
        path: The file.
        reader: Who decided it.

    Raises:
        ProjectError: if the folder cannot be used, or is not empty.
        ClientError: as for ``take_over``.
    """
    membership_path = home.memberships_path / study_in(path) / MEMBERSHIP_FILE
    was_there = home.path.exists()
    with opened_target(home, "siteblind membership take", replaces=False):
        names: list[str] = []
        brought = b""
        try:
            manifest = yield from unpack(path, home)
            names, brought = [file.name for file in manifest.files], membership_path.read_bytes()
            yield RestoreFinished(home, manifest)
            yield from take_over(home, path, reader)
        except BaseException:
            is_here = membership_path.exists()  # else a taking was cut, and can be done again
            if not names or (is_here and membership_path.read_bytes() == brought):
                _take_away(home, names, was_there=was_there)
            raise


def _take_away(home: Home, names: Sequence[str], *, was_there: bool) -> None:
    """Remove the files that were brought, and the folders that this leaves empty; nothing else.

    Whoever has put something of their own there meanwhile keeps it.
    """
    files = [home.path / name for name in names]
    folders = {folder for file in files for folder in file.relative_to(home.path).parents[:-1]}
    beside = database_files(home.labels_path) if names else []
    for file in (*files, *beside):
        with suppress(OSError):
            file.unlink(missing_ok=True)
    for folder in sorted(folders, reverse=True):  # the deeper before what they are in
        with suppress(OSError):
            (home.path / folder).rmdir()
    if was_there:
        return
    with suppress(OSError):  # Windows keeps a file that is locked
        if set(home.path.iterdir()) == {home.lock_path}:
            home.lock_path.unlink()
            home.path.rmdir()
