"""Back up a project into one file: labels, models and memberships; no images, no thumbnails.

The file is a zip with a manifest. It appears under its name only when it is whole.
"""

import hashlib
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from desktop_client.durable import sync_folder
from desktop_client.errors import BackupError
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.project.contents import files_below
from desktop_client.project.manifest import (
    FOLDERS,
    LABELS_NAME,
    MANIFEST_NAME,
    BackedUpFile,
    Manifest,
    is_safe_name,
)

SUFFIX: Final = ".siteblind-backup"
CHUNK_BYTES: Final = 1 << 20
"""After each chunk the work can be stopped."""


@dataclass(frozen=True, slots=True)
class BackupAdvanced:
    """So much was written, or checked."""

    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class BackupFinished:
    """The back-up is durable under its name."""

    path: Path
    size_bytes: int
    manifest: Manifest


def back_up(
    home: Home, path: Path, *, is_meant: Callable[[str], bool] | None = None
) -> Generator[BackupAdvanced | BackupFinished]:
    """Write a back-up of a project, which may be open and in use; ceasing to iterate leaves none.

    Args:
        home: The project.
        path: Where to; an earlier file of this name is replaced once the new one is whole.
        is_meant: Whether a file, given its name in the back-up, is to be in it; all if not given.

    Raises:
        BackupError: if the project cannot be read or the file cannot be written.
    """
    if not home.is_project:
        raise BackupError(f"The folder {home.path} holds no project; there is nothing to back up.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".siteblind-") as folder:
            new_path = Path(folder) / path.name
            labels_copy = Path(folder) / LABELS_NAME
            manifest = yield from _write(home, new_path, labels_copy, is_meant)
            finished = BackupFinished(path, new_path.stat().st_size, manifest)
            new_path.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BackupError(
            f"The back-up {path} cannot be written: {error.strerror or error}. Check that its "
            "folder exists, is writable and has room."
        ) from error
    yield finished


def copy_labels(source_path: Path, copy_path: Path) -> None:
    """Copy a label store as it is at one moment, though others may be writing to it.

    Raises:
        BackupError: if it is damaged or cannot be read.
    """
    try:
        with (
            closing(
                sqlite3.connect(f"{source_path.absolute().as_uri()}?mode=ro", uri=True)
            ) as source,
            closing(sqlite3.connect(copy_path)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # the copy is one file, nothing beside it
    except sqlite3.Error as error:
        raise BackupError(f"The labels {source_path} cannot be read: {error}.") from error


def _write(
    home: Home, new_path: Path, labels_copy: Path, is_meant: Callable[[str], bool] | None
) -> Generator[BackupAdvanced, None, Manifest]:
    copy_labels(home.labels_path, labels_copy)
    named = {
        name: source
        for name, source in _named_files(home).items()
        if is_meant is None or is_meant(name)
    }
    sources = {LABELS_NAME: labels_copy, **named}
    total_bytes = sum(source.stat().st_size for source in sources.values())
    done_bytes, files = 0, []
    with zipfile.ZipFile(new_path, "x", compresslevel=1) as archive:
        for name, source in sources.items():
            added = _Added(name)
            for count in added.chunks(archive, source):
                done_bytes += count
                yield BackupAdvanced(done_bytes, max(done_bytes, total_bytes))
            files.append(added.listed())
        manifest = _manifest(home, labels_copy, files)
        archive.writestr(MANIFEST_NAME, manifest.model_dump_json(indent=2))
    new_path.chmod(0o600)  # it holds this site's credentials
    with new_path.open("rb+") as file:
        os.fsync(file.fileno())
    return manifest


class _Added:
    """One file on its way into the archive."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._digest = hashlib.sha256()
        self._size = 0

    def chunks(self, archive: zipfile.ZipFile, source: Path) -> Generator[int]:
        """Copy the file and yield the length of each chunk."""
        entry = zipfile.ZipInfo(self._name)
        # Parameters are noise to a compressor, labels and memberships are not.
        is_noise = self._name.endswith(".safetensors")
        entry.compress_type = zipfile.ZIP_STORED if is_noise else zipfile.ZIP_DEFLATED
        with source.open("rb") as file, archive.open(entry, "w", force_zip64=True) as into:
            while chunk := file.read(CHUNK_BYTES):
                into.write(chunk)
                self._digest.update(chunk)
                self._size += len(chunk)
                yield len(chunk)

    def listed(self) -> BackedUpFile:
        """Return what the manifest says of the file."""
        return BackedUpFile(name=self._name, size=self._size, sha256=self._digest.hexdigest())


def _named_files(home: Home) -> dict[str, Path]:
    """Return models and memberships by their names in the archive."""
    found = {}
    for folder in FOLDERS:
        place = home.path / folder
        # The folder itself may be a link, to a disk with more room; links in it are passed over.
        children = sorted(place.iterdir()) if place.is_dir() else []
        for path in (path for child in children for path in files_below(child)):
            name = path.relative_to(home.path).as_posix()
            if path.is_file() and not path.is_symlink() and is_safe_name(name):
                found[name] = path
    return found


def _manifest(home: Home, labels_copy: Path, files: Iterable[BackedUpFile]) -> Manifest:
    images, labelled = _counts(labels_copy)
    return Manifest(
        program=f"SiteBlind {metadata.version('siteblind')}",
        created=datetime.now(UTC),
        project=home.name,
        image_count=images,
        labelled_count=labelled,
        files=tuple(files),
    )


def _counts(labels_path: Path) -> tuple[int, int]:
    """Return how many images a label store knows, and how many of them are labelled."""
    with LabelStore(labels_path) as store:
        progress = store.progress()
    return progress.total_count, progress.labelled_count
