"""Take an exported table of labels back in; images are found by content, wherever they are now.

Three places are looked at in turn: the store itself, the files that the table names, and all
other images beneath the table's folder, for those that were moved or renamed.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from desktop_client.errors import ImageUnreadableError
from desktop_client.labelling.files import (
    FileRead,
    FileToImport,
    read_files,
    refusal_of,
    walk,
)
from desktop_client.labelling.gathering import FilesSeen
from desktop_client.labelling.importing import (
    IMPORT_READER,
    FilesFound,
    ImageImported,
    ImageRefused,
    ImportEvent,
    ImportFinished,
    Outcome,
    import_table,
    in_batches,
)
from desktop_client.labelling.label_row import EXPORT_COLUMNS, LabelRow, LabelRowError, from_cells
from desktop_client.labelling.store import LabelStore
from desktop_client.labelling.table import locate, read_header, read_rows

_BATCH_SIZE: Final = 500


def import_csv(store_path: Path, csv_path: Path) -> Generator[ImportEvent]:
    """Import a table that people wrote, or one that ``export_labels`` did.

    Of an exported table, labels come with their readers and times; pseudonyms become patient
    groups as they are. Labels, exclusions and notes that people gave here stay as they are.

    Raises:
        ImportTableError: if the table as a whole cannot be understood.
        LabelStoreError: if the store cannot be used.
    """
    if "sample" in read_header(csv_path):
        yield from _restore(store_path, csv_path)
    else:
        yield from import_table(store_path, csv_path)


def _restore(store_path: Path, csv_path: Path) -> Generator[ImportEvent]:
    rows, refusals = _read_exported(csv_path)
    yield FilesFound(len(rows) + len(refusals))
    with LabelStore(store_path) as store:
        run = _Restoring(store, csv_path.parent, rows, len(refusals))
        for refusal in refusals:
            yield run.refuse(refusal)
        yield from run.take_known()
        yield from run.take_files(run.named_files())
        yield from run.take_files(walk(csv_path.parent, []))
        yield from run.refuse_missing()
        yield run.summary()


def _read_exported(csv_path: Path) -> tuple[list[LabelRow], list[ImageUnreadableError]]:
    """Read rows that this program wrote; of two about the same image the first is kept."""
    numbered, refusals = read_rows(csv_path, EXPORT_COLUMNS)
    rows: dict[str, LabelRow] = {}
    for row_number, cells in numbered:
        try:
            row = from_cells(row_number, cells)
            first = rows.setdefault(row.sample_id, row)
            if first is not row:
                raise LabelRowError(f"it is about the same image as row {first.row_number}")
        except LabelRowError as error:
            named = csv_path.parent / (cells.get("file") or csv_path.name)
            refusals.append(refusal_of(FileToImport(named, row_number=row_number), str(error)))
    return list(rows.values()), refusals


class _Restoring:
    """The rows that still wait for their image, and the counts of one import."""

    def __init__(
        self, store: LabelStore, folder: Path, rows: Sequence[LabelRow], refusal_count: int
    ) -> None:
        self._store = store
        self._folder = folder
        self._waiting = {row.sample_id: row for row in rows}
        self._read_paths: set[Path] = set()
        self._total_count = len(rows) + refusal_count
        self._done_count = 0
        self._imported_count = 0
        self._known_count = 0
        self._labelled_count = 0

    def named_files(self) -> list[Path]:
        """Return the files at which the waiting rows' images were when they were exported."""
        named = (locate(self._folder, row.file) for row in self._waiting.values() if row.file)
        return [path for path in dict.fromkeys(named) if path.is_file()]

    def take_known(self) -> Generator[ImportEvent]:
        """Take over the rows whose images are in the store."""
        ids = [s.sample_id for s in self._store.samples() if s.sample_id in self._waiting]
        self._known_count = len(ids)
        for start in range(0, len(ids), _BATCH_SIZE):
            yield from self._take(ids[start : start + _BATCH_SIZE])

    def take_files(self, paths: Iterable[Path]) -> Generator[ImportEvent]:
        """Look into files for images that rows wait for, until none does."""
        if not self._waiting:
            return
        with closing(read_files(self._unread(paths), frozenset())) as outcomes:
            for batch in in_batches(outcomes):
                yield from self._take_outcomes(batch)
                if not self._waiting:
                    return
                yield FilesSeen(len(self._read_paths))  # so that one can stop here

    def refuse_missing(self) -> Generator[ImportEvent]:
        """Refuse the rows whose image is nowhere."""
        for row in self._waiting.values():
            file = FileToImport(locate(self._folder, row.file), row_number=row.row_number)
            is_there = file.path in self._read_paths
            yield self.refuse(
                refusal_of(
                    file,
                    ("it is another image now" if is_there else "there is no such file")
                    + f", and no other file beneath {self._folder} is the image that was exported",
                )
            )

    def refuse(self, refusal: ImageUnreadableError) -> ImageRefused:
        """Count a row that is left out."""
        self._done_count += 1
        return ImageRefused(refusal.path, refusal.reason, self._done_count, self._total_count)

    def summary(self) -> ImportFinished:
        """Return the sums."""
        refused_count = self._total_count - self._known_count - self._imported_count
        return ImportFinished(
            self._imported_count, refused_count, self._known_count, self._labelled_count
        )

    def _unread(self, paths: Iterable[Path]) -> Iterator[FileToImport]:
        for path in paths:
            if path not in self._read_paths:
                self._read_paths.add(path)
                yield FileToImport(path)

    def _take_outcomes(self, batch: Sequence[Outcome]) -> list[ImportEvent]:
        """Add the files that hold an image some row waits for, with all of their frames."""
        with self._store.transaction():
            found: dict[str, None] = {}  # in order; two files may hold the same image
            for file, read in batch:
                if isinstance(read, FileRead):
                    found |= dict.fromkeys(self._add(file.path, read))
            self._imported_count += len(found)
            return self._take(list(found))

    def _add(self, path: Path, read: FileRead) -> list[str]:
        wanted = [r.sample_id for r in read.records if r.sample_id in self._waiting]
        if not wanted:
            return []
        # Frames that the table does not list belong to the same patient as those it does.
        pseudonym = self._waiting[wanted[0]].pseudonym
        for record in read.records:
            self._store.add_record(path, read.digest, record)
            self._store.describe(record.sample_id, patient_group=pseudonym)
        return wanted

    def _take(self, sample_ids: Sequence[str]) -> list[ImportEvent]:
        """Make what the rows of these images say durable; then tell of it."""
        rows = [self._waiting.pop(sample_id) for sample_id in sample_ids]
        with self._store.transaction():
            for row in rows:
                domain_id = self._store.domain_named(row.domain).domain_id if row.domain else None
                self._store.describe(
                    row.sample_id, domain_id=domain_id, patient_group=row.pseudonym
                )
            self._label(rows)
            excluded = {row.sample_id: row.exclusion for row in rows if row.exclusion}
            noted = {row.sample_id: row.note for row in rows if row.note}
            self._store.import_remarks(excluded, "exclusion", IMPORT_READER)
            self._store.import_remarks(noted, "note", IMPORT_READER)
            if rows:
                details = {"image_count": len(rows)}
                self._store.record_act("images_imported", IMPORT_READER, details)
            samples = [self._store.sample(row.sample_id) for row in rows]
        events: list[ImportEvent] = []
        for sample in samples:
            self._done_count += 1
            events.append(ImageImported(sample, self._done_count, self._total_count))
        return events

    def _label(self, rows: Sequence[LabelRow]) -> None:
        """Give the labels, those of one reader and one moment as one act, as they once were."""
        acts: defaultdict[tuple[str, datetime | None], dict[str, UUID]] = defaultdict(dict)
        for row in rows:
            if row.lesion is not None:
                known = self._store.class_named(row.lesion)
                lesion = known or self._store.add_class(row.lesion)
                act = (row.reader or IMPORT_READER, row.said_at)
                acts[act][row.sample_id] = lesion.class_id
        for (reader, said_at), labels in acts.items():
            self._labelled_count += self._store.import_labels(labels, reader, said_at)
