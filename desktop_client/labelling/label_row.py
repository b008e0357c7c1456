"""One row of an exported table of labels: to cells, and back from cells to the same values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

EXPORT_COLUMNS: Final = (
    "file",
    "lesion",
    "domain",
    "pseudonym",
    "reader",
    "time",
    "exclusion",
    "note",
    "sample",
)
"""In the order in which they are written; ``sample`` is what tells an exported table."""

_SAMPLE: Final = re.compile(r"[0-9a-f]{64}:[0-9]{1,9}")
_PSEUDONYM: Final = re.compile(r"[0-9a-f]{64}")
# Source: OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_DISARMED_FORMULA: Final = re.compile(r"'+[=+\-@\t\r]")


class LabelRowError(ValueError):
    """A row cannot be taken over; the text says why, without naming the row."""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """What is said about one image; None where nothing is."""

    sample_id: str
    file: str
    lesion: str | None = None
    domain: str | None = None
    pseudonym: str | None = None
    """The patient's group as the store keeps it: a keyed hash, never hashed again."""
    reader: str | None = None
    said_at: datetime | None = None
    exclusion: str | None = None
    """Why the image must not be trained on."""
    note: str | None = None
    row_number: int | None = None
    """As a spreadsheet counts; None in a row that is to be written."""


def to_cells(row: LabelRow) -> list[str]:
    """Return the cells of a row in the order of ``EXPORT_COLUMNS``, safe to open in Excel."""
    said_at = None if row.said_at is None else row.said_at.isoformat()
    about = (row.file, row.lesion, row.domain, row.pseudonym, row.reader, said_at)
    return [disarm(cell or "") for cell in (*about, row.exclusion, row.note, row.sample_id)]


def from_cells(row_number: int, cells: Mapping[str, str]) -> LabelRow:
    """Read a row back.

    Args:
        row_number: As a spreadsheet counts.
        cells: By the column's name; what is empty or left out says nothing.

    Raises:
        LabelRowError: if a cell cannot be what its column says.
    """
    said = {name: rearm(cell) or None for name, cell in cells.items()}
    sample_id = said.get("sample")
    if sample_id is None or not _SAMPLE.fullmatch(sample_id):
        raise LabelRowError("its cell 'sample' does not identify an image; export the table again")
    pseudonym = said.get("pseudonym")
    if pseudonym is not None and not _PSEUDONYM.fullmatch(pseudonym):
        raise LabelRowError(
            "its pseudonym is none that SiteBlind wrote; write patients' own identifiers into a "
            "column 'patient' of a table without the column 'sample'"
        )
    return LabelRow(
        sample_id,
        said.get("file") or "",
        said.get("lesion"),
        said.get("domain"),
        pseudonym,
        said.get("reader"),
        _time(said.get("time")),
        said.get("exclusion"),
        said.get("note"),
        row_number,
    )


def disarm(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula and carry out."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def rearm(cell: str) -> str:
    """Undo ``disarm``; any other cell stays as it is."""
    return cell[1:] if _DISARMED_FORMULA.match(cell) else cell


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        said_at = datetime.fromisoformat(text)
    except ValueError as error:
        raise LabelRowError(f"its time {text!r} is none like 2026-03-31T14:05:00+00:00") from error
    if said_at.tzinfo is None:
        raise LabelRowError(f"its time {text!r} does not say in which zone, like +00:00 for UTC")
    return said_at
