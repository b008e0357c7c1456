"""Find image files again that were moved or renamed, by their content."""

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_client.labelling.files import (
    FileRead,
    FileToImport,
    absolute,
    read_files,
    stamp_of,
)
from desktop_client.labelling.gathering import FilesSeen, gather
from desktop_client.labelling.importing import FilesFound, Outcome, in_batches
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore

_CHECKED_AT_ONCE: Final = 200

_REST_S: Final = 0.1
"""Between two looks at the disk, which the first thumbnails of a window need more urgently."""


@dataclass(frozen=True, slots=True)
class FilesChecked:
    """Whether the files are where they were was looked at for so many of them."""

    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class MissingFound:
    """So many images have no file any more where it was."""

    sample_count: int


@dataclass(frozen=True, slots=True)
class ImageFound:
    """A missing image's file was found in another place."""

    sample: Sample
    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class RelinkFinished:
    """How many missing images were found, and how many still are missing."""

    found_count: int
    missing_count: int


def find_missing(store_path: Path) -> Generator[FilesChecked | MissingFound]:
    """Look whether every file is where it was; the store remembers which are not.

    Raises:
        LabelStoreError: if the store cannot be used.
    """
    with LabelStore(store_path) as store:
        paths = store.provenance.paths()
        missing: list[Path] = []
        for start in range(0, len(paths), _CHECKED_AT_ONCE):
            if start:
                time.sleep(_REST_S)
            chunk = paths[start : start + _CHECKED_AT_ONCE]
            missing += (path for path in chunk if not path.is_file())
            yield FilesChecked(start + len(chunk), len(paths))
        store.provenance.note_missing(missing)
        yield MissingFound(len(store.provenance.missing()))


def relink(
    store_path: Path, folder: Path
) -> Generator[FilesSeen | FilesFound | FilesChecked | ImageFound | RelinkFinished]:
    """Look for missing files in a folder and its subfolders, whatever they are called now.

    Only files of the right size are read. Labels and everything else stay as they are.

    Raises:
        LabelStoreError: if the store cannot be used.
    """
    gathered = yield from gather([folder])
    with LabelStore(store_path) as store:
        search = _Search(store, gathered.paths)
        yield FilesFound(len(search.candidates))
        files = [FileToImport(path) for path in search.candidates]
        with closing(read_files(files, store.file_digests())) as outcomes:
            for batch in in_batches(outcomes):
                yield from search.take(batch)
        yield search.summary()


class _Search:
    """What is still missing, and where it may be."""

    def __init__(self, store: LabelStore, paths: Sequence[Path]) -> None:
        self._store = store
        self._missing_ids = set(store.provenance.missing())
        self._missing_count = len(self._missing_ids)
        self._sizes = store.provenance.missing_sizes()
        self._done_count = 0
        self.candidates = [path for path in paths if self._may_be(path)]

    def take(self, batch: Sequence[Outcome]) -> list[FilesChecked | ImageFound]:
        """Note durably which of these files are missing ones; then tell."""
        with self._store.transaction():
            found = [
                sample
                for file, outcome in batch
                if isinstance(outcome, FileRead)
                for sample in self._take_file(file.path, outcome)
            ]
        self._done_count += len(batch)
        total_count = len(self.candidates)
        return [
            *(ImageFound(sample, self._done_count, total_count) for sample in found),
            FilesChecked(self._done_count, total_count),
        ]

    def summary(self) -> RelinkFinished:
        """Return the sums."""
        left_count = len(self._missing_ids)
        return RelinkFinished(self._missing_count - left_count, left_count)

    def _may_be(self, path: Path) -> bool:
        try:
            return None in self._sizes or stamp_of(path).size_bytes in self._sizes
        except OSError:
            return False

    def _take_file(self, path: Path, read: FileRead) -> list[Sample]:
        ids = {sample.sample_id for sample in self._store.samples_of_file(read.digest)}
        if not ids & self._missing_ids:
            return []
        self._missing_ids -= ids
        self._store.provenance.note_file(absolute(path), read.digest, read.stamp)
        return self._store.add_known_file(path, read.digest)
