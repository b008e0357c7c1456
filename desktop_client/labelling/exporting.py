"""Write what is known about images to a CSV that can be imported again and opened in Excel.

No patient's identifier is in it: the store has none to give, only keyed hashes.
"""

import csv
import io
import os
from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from desktop_client.durable import write_durably
from desktop_client.errors import ExportError
from desktop_client.labelling.files import absolute
from desktop_client.labelling.label_row import EXPORT_COLUMNS, LabelRow, to_cells
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.store import LabelStore

_BATCH_SIZE: Final = 500
EXCEL_MARK: Final = "\ufeff"
"""Without it Excel takes UTF-8 for the system's old encoding and spoils accents."""


@dataclass(frozen=True, slots=True)
class LabelExport:
    """What to write and how."""

    csv_path: Path
    sample_ids: frozenset[str] | None = None
    """The images to write; None for all."""
    paths: Literal["relative", "absolute"] = "relative"
    """Relative to the CSV's folder, so that both can be moved together."""
    is_for_excel: bool = True
    """Begin with the mark by which Excel knows UTF-8."""
    delimiter: Literal[",", ";"] = ","
    reader: str = ""
    """Who exports; kept in the audit trail."""


@dataclass(frozen=True, slots=True)
class RowsCollected:
    """So many rows are ready; nothing is written before all are."""

    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class LabelsExported:
    """The table is durably written."""

    path: Path
    row_count: int
    labelled_count: int


LabelExportEvent = RowsCollected | LabelsExported


def export_labels(store_path: Path, export: LabelExport) -> Generator[LabelExportEvent]:
    """Write the chosen images with labels, scanners, pseudonyms, readers, times and remarks.

    Closing the generator early leaves no file, or an earlier one as it was.

    Raises:
        ExportError: if the table cannot be written.
        LabelStoreError: if the store cannot be used.
    """
    with LabelStore(store_path) as store:
        rows = _rows(store, export)
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=export.delimiter)
        writer.writerow(EXPORT_COLUMNS)
        for number, row in enumerate(rows, start=1):
            writer.writerow(to_cells(row))
            if number % _BATCH_SIZE == 0:
                yield RowsCollected(number, len(rows))
        mark = EXCEL_MARK if export.is_for_excel else ""
        write_export(export.csv_path, (mark + text.getvalue()).encode())
        store.record_act("labels_exported", export.reader, {"image_count": len(rows)})
    labelled_count = sum(row.lesion is not None for row in rows)
    yield LabelsExported(export.csv_path, len(rows), labelled_count)


def write_export(path: Path, content: bytes) -> None:
    """Write a file that leaves the program, whole or not at all.

    Raises:
        ExportError: if it cannot be written; an earlier file is left as it was.
    """
    try:
        write_durably(path, content)
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written: {error.strerror or 'the disk does not answer'}. "
            "Choose a folder that exists and that you may write to."
        ) from error


def _rows(store: LabelStore, export: LabelExport) -> list[LabelRow]:
    classes = {c.class_id: c.name for c in store.class_book.classes()}
    domains = {d.domain_id: d.name for d in store.domains()}
    said = store.current_labels()
    folder = absolute(export.csv_path).parent
    rows = []
    for sample in _chosen(store, export.sample_ids):
        event = said.get(sample.sample_id) if sample.class_id else None
        rows.append(
            LabelRow(
                sample.sample_id,
                _written_path(sample.path, folder, export.paths),
                classes[sample.class_id] if sample.class_id else None,
                domains[sample.domain_id],
                sample.patient,
                event.reader if event else None,
                event.happened_at if event else None,
                sample.exclusion,
                sample.note or None,
            )
        )
    return rows


def _chosen(store: LabelStore, sample_ids: Collection[str] | None) -> Iterable[Sample]:
    samples = store.samples()
    return samples if sample_ids is None else [s for s in samples if s.sample_id in sample_ids]


def _written_path(path: Path, folder: Path, kind: Literal["relative", "absolute"]) -> str:
    if kind == "relative":
        try:
            # With forward slashes, which every system understands.
            return Path(os.path.relpath(path, folder)).as_posix()
        except ValueError:
            pass  # another drive of Windows: there is no way from one to the other
    return str(path)
