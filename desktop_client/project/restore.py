"""Restore a project from a back-up: checked as a whole before anything is replaced.

The file may come from anywhere: names lead nowhere but into the project, no entry grows beyond the
size it is listed with, and every byte has the digest it is listed with.
"""

import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

from desktop_client.errors import BackupError, LabelStoreError, ProjectError
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.project.backup import CHUNK_BYTES, BackupAdvanced
from desktop_client.project.manifest import (
    LABELS_NAME,
    LARGEST_MANIFEST_BYTES,
    MANIFEST_NAME,
    BackedUpFile,
    Manifest,
    read_manifest,
)
from desktop_client.project.opening import open_project
from desktop_client.project.placing import place, staged_path

_DAMAGES: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
"""What the library says of a file that is no zip, or is cut, changed or encrypted."""


@dataclass(frozen=True, slots=True)
class RestoreFinished:
    """The project is as it was when the back-up was made."""

    home: Home
    manifest: Manifest


def look_into(path: Path) -> Manifest:
    """Return what a back-up says of itself; its files are only checked by ``restore``.

    Raises:
        BackupError: if it is no back-up, or is damaged.
    """
    with _opened(path) as archive:
        return _manifest_in(archive)


def restore(
    path: Path, home: Home, *, replaces: bool = False
) -> Generator[BackupAdvanced | RestoreFinished]:
    """Put a back-up in a project's place; ceasing to iterate before its end changes nothing.

    Args:
        path: The back-up.
        home: Where to: a new or empty folder, or, if it ``replaces``, a project, whose parts are
            kept in a folder of it.
        replaces: Whether somebody confirmed that the project there is to be replaced.

    Raises:
        BackupError: if the back-up is damaged or cannot be trusted.
        ProjectError: if the folder cannot be used, or holds a project and nobody confirmed.
    """
    with opened_target(home, "a restore", replaces=replaces):
        manifest = yield from unpack(path, home)
    yield RestoreFinished(home, manifest)


def unpack(path: Path, home: Home) -> Generator[BackupAdvanced, None, Manifest]:
    """Put a back-up in the place of whatever project is there, whose lock must be held.

    Raises:
        BackupError: if the back-up is damaged or cannot be trusted.
        ProjectError: if the disk refuses.
    """
    with _opened(path) as archive:
        manifest = _manifest_in(archive)
        _check_room(home, manifest)
        staged = staged_path(home, f"{datetime.now(UTC):%Y%m%d-%H%M%S}")
        try:
            yield from _extract(archive, manifest, staged)
            _check_labels(staged / LABELS_NAME)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        place(home, staged)
    return manifest


def extract(path: Path, folder: str, target: Path) -> Generator[BackupAdvanced]:
    """Put the files that a back-up has in one of its folders into a new one, checked.

    Args:
        path: The back-up.
        folder: Its name in the back-up, such as ``studies/STUDY_ID``.
        target: A folder that is not there yet; it is none again if this fails.

    Raises:
        BackupError: if the back-up is damaged or cannot be trusted.
        ProjectError: if the disk refuses.
    """
    with _opened(path) as archive:
        manifest = _manifest_in(archive)
        files = [file for file in manifest.files if file.name.startswith(f"{folder}/")]
        meant = manifest.model_copy(update={"files": tuple(files)})
        try:
            yield from _extract(archive, meant, target, folder)
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise


@contextmanager
def opened_target(home: Home, program: str, *, replaces: bool) -> Iterator[None]:
    """Hold the lock of a folder that a back-up may be put in.

    Raises:
        ProjectError: if it may not.
    """
    check_target(home, replaces=replaces)  # so that no lock is left in somebody's folder
    with open_project(home, program):
        check_target(home, replaces=replaces)  # another program may have been first
        yield


def check_target(home: Home, *, replaces: bool) -> None:
    """Refuse a folder that holds something else, or a project that nobody agreed to replace.

    Raises:
        ProjectError: with what to do instead.
    """
    if home.is_project:
        if not replaces:
            raise ProjectError(
                f"There is a project in {home.path} already. Choose another folder, or confirm "
                "that it is to be replaced."
            )
        return
    try:
        is_used = home.path.exists() and bool(set(home.path.iterdir()) - {home.lock_path})
    except OSError as error:
        raise ProjectError(
            f"{home.path} cannot be used: {error.strerror}. Choose a new or empty folder."
        ) from error
    if is_used:
        raise ProjectError(f"The folder {home.path} is not empty. Choose a new or empty one.")


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror or error}.") from error
    except _DAMAGES as error:
        raise BackupError(
            f"{path.name} is damaged or is no back-up of a project. Nothing was changed."
        ) from error


def _manifest_in(archive: zipfile.ZipFile) -> Manifest:
    try:
        entry = archive.getinfo(MANIFEST_NAME)
    except KeyError:
        raise BackupError("This file is no back-up of a project. Nothing was changed.") from None
    if entry.file_size > LARGEST_MANIFEST_BYTES:
        raise BackupError("The back-up's list of files is too long to be true.")
    with archive.open(entry) as file:
        manifest = read_manifest(file.read(LARGEST_MANIFEST_BYTES))
    listed = sorted([MANIFEST_NAME, *(file.name for file in manifest.files)])
    if sorted(archive.namelist()) != listed:
        raise BackupError("The back-up's files are not those it lists. Nothing was changed.")
    return manifest


def _check_room(home: Home, manifest: Manifest) -> None:
    free = shutil.disk_usage(home.path).free
    if manifest.size > free:
        raise ProjectError(
            f"The back-up needs {manifest.size / 1e6:,.0f} MB, but only {free / 1e6:,.0f} MB are "
            f"free where {home.path} is. Make room, or choose a folder on another disk."
        )


def _extract(
    archive: zipfile.ZipFile, manifest: Manifest, staged: Path, folder: str = ""
) -> Generator[BackupAdvanced]:
    done_bytes = 0
    for file in manifest.files:
        target = staged / PurePosixPath(file.name).relative_to(folder)
        with _asking_the_disk(staged):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            target.touch(mode=0o600)
        for count in _copy(archive, file, target):
            done_bytes += count
            yield BackupAdvanced(done_bytes, manifest.size)


def _copy(archive: zipfile.ZipFile, file: BackedUpFile, target: Path) -> Generator[int]:
    digest, size = hashlib.sha256(), 0
    with archive.open(file.name) as source, target.open("wb") as into:
        while chunk := source.read(CHUNK_BYTES):
            size += len(chunk)
            if size > file.size:
                break
            digest.update(chunk)
            with _asking_the_disk(target):
                into.write(chunk)
            yield len(chunk)
        with _asking_the_disk(target):
            into.flush()
            os.fsync(into.fileno())
    if size != file.size or digest.hexdigest() != file.sha256:
        raise BackupError(
            f"{file.name} in the back-up is damaged: its content is not what was backed up. "
            "Nothing was changed; use another back-up."
        )


@contextmanager
def _asking_the_disk(target: Path) -> Iterator[None]:
    """Tell what the disk of the project refuses; without this the back-up would be blamed."""
    try:
        yield
    except OSError as error:
        raise ProjectError(
            f"The back-up cannot be unpacked: {target} cannot be written ({error.strerror}). "
            "Nothing was changed; make room, or choose a folder on another disk."
        ) from error


def _check_labels(path: Path) -> None:
    """Open the labels once, which checks them and brings them up to this program's version."""
    try:
        LabelStore(path).close()
    except LabelStoreError as error:
        raise BackupError(f"The labels in the back-up cannot be used: {error}") from error
