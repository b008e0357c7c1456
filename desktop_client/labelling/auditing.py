"""Check the audit trail and write it out, for whoever must show what was done here.

No words of notes are written, nor own words about an exclusion: they may speak of a patient.
"""

import csv
import io
import json
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.audit import AuditEntry, AuditTrail, details_of
from desktop_client.labelling.exporting import write_export
from desktop_client.labelling.label_row import disarm
from desktop_client.labelling.sample import EXCLUSION_REASONS
from desktop_client.labelling.store import LabelStore

COLUMNS: Final = (
    "entry",
    "time",
    "reader",
    "act",
    "sample",
    "what",
    "value",
    "previous",
    "details",
    "digest",
)
OWN_WORDS: Final = "(own words)"

_TOLD_EVERY: Final = 500


@dataclass(frozen=True, slots=True)
class EntriesSeen:
    """So many entries were checked or collected."""

    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class AuditTrailWhole:
    """Nothing is missing or altered; the digest is to be kept elsewhere."""

    entry_count: int
    digest: str


@dataclass(frozen=True, slots=True)
class AuditTrailExported:
    """The trail is durably written."""

    path: Path
    entry_count: int


AuditEvent = EntriesSeen | AuditTrailWhole | AuditTrailExported


def check_audit_trail(store_path: Path) -> Generator[AuditEvent]:
    """Check every entry, every event and every label that is shown.

    Raises:
        AuditTrailBrokenError: naming the first entry that is missing or altered.
        LabelStoreError: if the store cannot be used.
    """
    with _opened(store_path) as store:
        total_count = store.audit.entry_count()
        for end in store.audit.verifying():
            if end.entry_count % _TOLD_EVERY == 0:
                yield EntriesSeen(end.entry_count, total_count)
        yield AuditTrailWhole(end.entry_count, end.digest)


def export_audit_trail(store_path: Path, output: Path) -> Generator[AuditEvent]:
    """Write the trail as a CSV with a row per image, or as JSON lines with one per entry.

    The file's name decides: ``.jsonl`` or ``.json`` gives JSON lines, from which the chain can be
    computed again. Closing the generator early leaves no file, or an earlier one as it was.

    Raises:
        ExportError: if the file cannot be written.
        LabelStoreError: if the store cannot be used.
    """
    is_json = output.suffix.lower() in {".jsonl", ".json"}
    text, count = io.StringIO(newline=""), 0
    writer = csv.writer(text)
    if not is_json:
        writer.writerow(COLUMNS)
    with _opened(store_path) as store:
        names = {str(c.class_id): c.name for c in store.class_book.classes()}
        total_count = store.audit.entry_count()
        for entry in store.audit.entries():
            count += 1
            if is_json:
                text.write(json.dumps(_as_object(store.audit, entry, names)) + "\n")
            else:
                writer.writerows(_as_rows(store.audit, entry, names))
            if count % _TOLD_EVERY == 0:
                yield EntriesSeen(count, total_count)
    write_export(output, text.getvalue().encode())
    yield AuditTrailExported(output, count)


def _opened(store_path: Path) -> LabelStore:
    if not store_path.exists():
        raise LabelStoreError(f"There is no label database {store_path}; check the folder.")
    return LabelStore(store_path)


def _as_object(audit: AuditTrail, entry: AuditEntry, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "entry": entry.sequence,
        "time": entry.happened_at,
        "reader": entry.reader,
        "act": entry.kind,
        "details": details_of(entry),
        "changes": [
            dict(zip(("sample", "what", "value", "previous"), change, strict=True))
            for change in _changes(audit, entry, names)
        ],
        "digest": entry.digest,
    }


def _as_rows(audit: AuditTrail, entry: AuditEntry, names: Mapping[str, str]) -> Iterator[list[str]]:
    for change in list(_changes(audit, entry, names)) or [("", "", "", "")]:
        cells = (entry.sequence, entry.happened_at, entry.reader, entry.kind, *change)
        yield [disarm(str(cell or "")) for cell in (*cells, entry.details, entry.digest)]


def _changes(
    audit: AuditTrail, entry: AuditEntry, names: Mapping[str, str]
) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Yield sample, what of it changed, its new value and the one before; classes by name."""
    for what, *event in audit.events_of(entry):
        match what:
            case "label":
                sample_id, class_id, _, previous, _ = event
                yield str(sample_id), "label", _name(class_id, names), _name(previous, names)
            case "read":
                _, sample_id, class_id, previous = event
                yield str(sample_id), "read", _name(class_id, names), _name(previous, names)
            case _:
                sample_id, words, previous = event
                yield str(sample_id), str(what), _discreet(words), _discreet(previous)


def _name(class_id: str | int | None, names: Mapping[str, str]) -> str | None:
    return None if class_id is None else names.get(str(class_id), str(class_id))


def _discreet(words: str | int | None) -> str | None:
    return OWN_WORDS if words is not None and words not in EXCLUSION_REASONS else _text(words)


def _text(words: str | int | None) -> str | None:
    return None if words is None else str(words)
