"""What a project's folder is made of; whatever else lies in it is not ours and never touched."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_client.paths import Home

KEPT_PREFIX: Final = "before-restore-"
"""Folders in which a restore keeps what it replaced."""
STAGED_PREFIX: Final = ".restore-"
"""Folders in which a restore prepares what it puts in place."""


@dataclass(frozen=True)
class Part:
    """One part of a project, as a person understands it."""

    kind: str
    """``labels``, ``thumbnails``, ``models``, ``studies``, ``sample images`` or ``kept``."""
    paths: tuple[Path, ...]
    file_count: int
    size_bytes: int


def parts_of(home: Home) -> list[Part]:
    """Return the parts that are there, the labels last."""
    kept = sorted(
        p for prefix in (KEPT_PREFIX, STAGED_PREFIX) for p in home.path.glob(f"{prefix}*")
    )
    candidates = {
        "thumbnails": database_files(home.thumbnails_path),
        "models": [home.checkpoints_path],
        "studies": [home.memberships_path],
        "sample images": [home.sample_images_path],
        "kept": kept,
        "labels": database_files(home.labels_path),
    }
    parts = []
    for kind, paths in candidates.items():
        there = tuple(path for path in paths if path.exists() or path.is_symlink())
        if there:
            sizes = [_size_of(file) for path in there for file in files_below(path)]
            parts.append(Part(kind, there, len(sizes), sum(sizes)))
    return parts


def replaced_by_restore(home: Home) -> list[Path]:
    """Return what is there of what a restore sets aside: everything but images and the lock."""
    kinds = ("labels", "thumbnails", "models", "studies")
    return [path for part in parts_of(home) if part.kind in kinds for path in part.paths]


def database_files(path: Path) -> list[Path]:
    """Return an SQLite file and what SQLite keeps beside it while it is open."""
    return [path, *(path.with_name(f"{path.name}-{end}") for end in ("wal", "shm"))]


def files_below(path: Path) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders in order of their names, or the file."""
    if path.is_symlink() or not path.is_dir():
        yield path
        return
    for child in sorted(path.iterdir()):
        yield from files_below(child)


def _size_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:  # gone meanwhile, as SQLite's files beside an open one come and go
        return 0
