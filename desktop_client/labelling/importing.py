"""Take images and their labels into the store, from folders, files or a CSV, as events.

Files are decoded in a thread pool; the store is touched only by the thread that iterates. To
cancel, close the generator: what was imported stays, and importing again goes on from there.
"""

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.origin import Scanner
from desktop_client.labelling.duplicates import alike_looks
from desktop_client.labelling.files import (
    FileRead,
    FileToImport,
    absolute,
    read_files,
    refusal_of,
)
from desktop_client.labelling.gathering import FilesSeen, gather
from desktop_client.labelling.identity import ImageRecord
from desktop_client.labelling.sample import LesionClass, Sample
from desktop_client.labelling.store import LabelStore
from desktop_client.labelling.table import read_table

IMPORT_READER: Final = "import"
"""Who is recorded for labels that a folder's or table's word gives."""

_BATCH_SIZE: Final = 64
_BATCH_S: Final = 0.25
"""A batch is committed when either is reached; each commit waits for the disk."""


@dataclass(frozen=True, slots=True)
class FilesFound:
    """So many files are to be imported."""

    count: int


@dataclass(frozen=True, slots=True)
class ImageImported:
    """An image is durably in the store, new or known; a file of several frames gives several."""

    sample: Sample
    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class ImageRefused:
    """A file, or a row of a table, that was left out, and why; the rest goes on."""

    path: Path
    reason: str
    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class ImportFinished:
    """The sums of an import; duplicates are images that the store had already."""

    imported_count: int
    refused_count: int
    duplicate_count: int
    labelled_count: int
    look_alike_count: int = 0
    """New images that look like another one, saved in another way."""


ImportEvent = FilesSeen | FilesFound | ImageImported | ImageRefused | ImportFinished

Outcome = tuple[FileToImport, FileRead | ImageUnreadableError]
"""What became of reading a file."""


def import_folder(
    store_path: Path,
    folder: Path,
    *,
    labels_from_folders: bool,
    domain_name: str | None = None,
) -> Generator[ImportEvent]:
    """Import the images of a folder and its subfolders; what is hidden is passed over.

    Args:
        store_path: The label store.
        folder: Where to look. A folder without any image is no error.
        labels_from_folders: Whether the name of the folder a file lies in is its lesion class;
            classes are made as needed, and what people labelled stays as it is.
        domain_name: The scanner that the images come from whose files do not name one.

    Raises:
        ImageUnreadableError: if there is no such folder.
        LabelStoreError: if the store cannot be used.
    """
    folder = absolute(folder)
    if not folder.is_dir():
        reason = "it is not a folder" if folder.exists() else "there is no such folder"
        raise ImageUnreadableError(folder, reason)
    yield from import_paths(
        store_path, [folder], labels_from_folders=labels_from_folders, domain_name=domain_name
    )


def import_paths(
    store_path: Path,
    opened: Sequence[Path],
    *,
    labels_from_folders: bool = False,
    domain_name: str | None = None,
) -> Generator[ImportEvent]:
    """Import the images of any folders, files and DICOMDIRs.

    Args:
        store_path: The label store.
        opened: What was chosen or dropped.
        labels_from_folders: As for ``import_folder``.
        domain_name: As for ``import_folder``.

    Raises:
        LabelStoreError: if the store cannot be used.
    """
    gathered = yield from gather(opened)
    files = [
        FileToImport(path, path.parent.name if labels_from_folders else None, domain_name)
        for path in gathered.paths
    ]
    yield from _import(store_path, files, gathered.refusals, IMPORT_READER)


def import_table(
    store_path: Path, csv_path: Path, *, reader: str = IMPORT_READER
) -> Generator[ImportEvent]:
    """Import the images that a CSV names, with what it says of lesion, scanner and patient.

    Args:
        store_path: The label store.
        csv_path: Columns ``file`` and, if wanted, ``lesion``, ``domain`` and ``patient``.
        reader: Who is recorded as having given the labels.

    Raises:
        ImportTableError: if the table as a whole cannot be understood.
        LabelStoreError: if the store cannot be used.
    """
    table = read_table(csv_path)
    yield from _import(store_path, table.files, table.refusals, reader)


def _import(
    store_path: Path,
    files: Sequence[FileToImport],
    refusals: Sequence[ImageUnreadableError],
    reader: str,
) -> Generator[ImportEvent]:
    total_count = len(files) + len(refusals)
    yield FilesFound(total_count)
    with LabelStore(store_path) as store:
        run = _ImportRun(store, reader, total_count)
        for refusal in refusals:
            yield run.refuse(refusal)
        outcomes = read_files(files, store.file_digests(), store.provenance.known_files())
        with closing(outcomes):
            for batch in in_batches(outcomes):
                yield from run.take(batch)
        yield run.summary()


def in_batches(outcomes: Iterable[Outcome]) -> Generator[list[Outcome]]:
    """Gather what is to be committed together: so many files, or those of so many seconds."""
    batch: list[Outcome] = []
    began = time.monotonic()
    for outcome in outcomes:
        batch.append(outcome)
        if len(batch) >= _BATCH_SIZE or time.monotonic() - began >= _BATCH_S:
            yield batch
            batch, began = [], time.monotonic()
    if batch:
        yield batch


class _ImportRun:
    """The counts and names of one import."""

    def __init__(self, store: LabelStore, reader: str, total_count: int) -> None:
        self._store = store
        self._reader = reader
        self._total_count = total_count
        self._done_count = 0
        self._imported_count = 0
        self._refused_count = 0
        self._duplicate_count = 0
        self._labelled_count = 0
        self._known_ids = {sample.sample_id for sample in store.samples()}
        self._new_ids: set[str] = set()
        self._classes: dict[str, LesionClass] = {}
        self._domain_ids: dict[str, UUID] = {}
        self._scanner_ids: dict[Scanner, UUID] = {}
        self._said: dict[str, tuple[LesionClass, Path]] = {}
        """The class that this import gives each sample, and the file that it is told by."""

    def take(self, batch: Sequence[Outcome]) -> list[ImportEvent]:
        """Make a batch durable; then tell what became of each of its files."""
        with self._store.transaction():
            taken = [self._take_file(file, outcome) for file, outcome in batch]
            ids = [sample_id for file_ids, _ in taken for sample_id in file_ids]
            labels = {i: self._said[i][0].class_id for i in ids if i in self._said}
            self._labelled_count += self._store.import_labels(labels, self._reader)
            if ids:
                self._store.record_act("images_imported", self._reader, {"image_count": len(ids)})
            samples = {i: self._store.sample(i) for i in ids}
        events: list[ImportEvent] = []
        for file_ids, refusal in taken:
            if refusal is not None:
                events.append(self.refuse(refusal))
                continue
            self._done_count += 1
            events += (
                ImageImported(samples[i], self._done_count, self._total_count) for i in file_ids
            )
        return events

    def refuse(self, refusal: ImageUnreadableError) -> ImageRefused:
        """Count a file that is left out."""
        self._done_count += 1
        self._refused_count += 1
        return ImageRefused(refusal.path, refusal.reason, self._done_count, self._total_count)

    def summary(self) -> ImportFinished:
        """Return the sums so far."""
        return ImportFinished(
            self._imported_count,
            self._refused_count,
            self._duplicate_count,
            self._labelled_count,
            self._look_alike_count() if self._new_ids else 0,
        )

    def _look_alike_count(self) -> int:
        pairs = [pair for pair in alike_looks(self._store.provenance.looks()) if pair is not None]
        alike = {look.sample_id for pair in pairs for look in pair}
        return len(alike & self._new_ids)

    def _take_file(
        self, file: FileToImport, read: FileRead | ImageUnreadableError
    ) -> tuple[list[str], ImageUnreadableError | None]:
        """Add a file's frames; return their ids, or none and why the file is refused."""
        if isinstance(read, ImageUnreadableError):
            return [], refusal_of(file, read.reason)
        ids = [sample.sample_id for sample in self._add(file, read)]
        if file.lesion is not None:
            reason = self._note_lesion(ids, file.lesion, file.path)
            if reason:
                return [], refusal_of(file, reason)
        for sample_id in ids:
            if sample_id in self._known_ids:
                self._duplicate_count += 1
            else:
                self._imported_count += 1
                self._known_ids.add(sample_id)
                self._new_ids.add(sample_id)
        return ids, None

    def _add(self, file: FileToImport, read: FileRead) -> list[Sample]:
        domain_id = self._domain_of(file, read)
        if not read.records:
            samples = self._store.add_known_file(
                file.path, read.digest, domain_id=domain_id, patient_identifier=file.patient
            )
        else:
            samples = [self._add_record(file, read, record, domain_id) for record in read.records]
        self._store.provenance.note_file(absolute(file.path), read.digest, read.stamp)
        return samples

    def _add_record(
        self, file: FileToImport, read: FileRead, record: ImageRecord, domain_id: UUID | None
    ) -> Sample:
        known = self._store.provenance.known_instance(record)
        if known is not None and known != record.sample_id:
            # An archive gave the same picture out again; the first file stays the one to look at.
            self._store.add_alias(known, read.digest, record.frame)
            if not self._store.sample(known).path.is_file():
                self._store.add_known_file(file.path, read.digest)
            return self._store.sample(known)
        return self._store.add_record(
            file.path,
            read.digest,
            record,
            domain_id=domain_id,
            patient_identifier=file.patient or _patient_of(record, read),
        )

    def _domain_of(self, file: FileToImport, read: FileRead) -> UUID | None:
        """Return where a file was acquired: a table's word, the header's, then the folder's."""
        is_said_of_this_file = file.row_number is not None and file.domain is not None
        origin = read.records[0].origin if read.records else None
        if origin is not None and origin.scanner is not None and not is_said_of_this_file:
            if origin.scanner not in self._scanner_ids:
                self._scanner_ids[origin.scanner] = self._store.domain_of_scanner(origin.scanner)
            return self._scanner_ids[origin.scanner]
        # Of a file that is known already, what its header said is known, too.
        if file.domain is None or not (read.records or is_said_of_this_file):
            return None
        return self._domain_id(file.domain)

    def _note_lesion(self, sample_ids: Iterable[str], name: str, path: Path) -> str | None:
        """Remember what a file says of its frames; return the contradiction, if there is one.

        The same image may lie in two folders; then nobody can tell which of them is right, and
        the first one is kept.
        """
        lesion = self._class_named(name)
        for sample_id in sample_ids:
            said, said_by = self._said.setdefault(sample_id, (lesion, path))
            if said != lesion:
                return f"it is the same image as {said_by.name}, which is {said.name!r}"
        return None

    def _class_named(self, name: str) -> LesionClass:
        if name not in self._classes:
            known = self._store.class_named(name)
            self._classes[name] = known or self._store.add_class(name, reader=self._reader)
        return self._classes[name]

    def _domain_id(self, name: str) -> UUID:
        if name not in self._domain_ids:
            self._domain_ids[name] = self._store.domain_named(name).domain_id
        return self._domain_ids[name]


def _patient_of(record: ImageRecord, read: FileRead) -> str | None:
    """Return what keeps images of one patient together when nobody says who it is.

    Without a patient, images of one examination belong together, and the frames of one file.
    """
    origin = record.origin
    if origin is not None and origin.patient_identifier:
        return origin.patient_identifier
    if origin is not None and origin.dicom_study_uid:
        return f"dicom_study {origin.dicom_study_uid}"
    return f"file {read.digest}" if len(read.records) > 1 else None
