"""Read a CSV of files and what is known about them; what is wrong is told by column or row."""

import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_client.errors import ImageUnreadableError, ImportTableError
from desktop_client.labelling.files import FileToImport, absolute, refusal_of
from desktop_client.labelling.label_row import rearm

COLUMNS: Final = ("file", "lesion", "domain", "patient")

_DELIMITERS: Final = (",", ";", "\t")
"""Comma first; Excel writes semicolons where the comma is the decimal sign."""

_LINE_END: Final = re.compile(r"\r\n?|\n")

NumberedRow = tuple[int, dict[str, str]]
"""A row's number, as a spreadsheet counts, and its cells by their column's name."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that can be imported, and the refusals of those that cannot."""

    files: list[FileToImport]
    refusals: list[ImageUnreadableError]


def read_table(path: Path) -> Table:
    """Read a CSV whose first row names its columns: ``file``, and any of the others.

    ``file`` is relative to the CSV's folder. A path that leads elsewhere is followed: whoever
    chose the table may read these files anyway, and archives export absolute paths.

    Raises:
        ImportTableError: if the table as a whole cannot be understood.
    """
    rows, refusals = read_rows(path, COLUMNS)
    files: list[FileToImport] = []
    for row_number, cells in rows:
        if cells.get("file"):
            files.append(_file(path.parent, row_number, cells))
        else:
            refusals.append(_row_refusal(path, row_number, "it names no file"))
    _check_any_exists(path, files)
    reasons = _contradictions(files)
    refusals += [refusal_of(file, reasons[file.path]) for file in files if file.path in reasons]
    return Table([file for file in files if file.path not in reasons], refusals)


def read_header(path: Path) -> list[str]:
    """Return the names of a CSV's columns in small letters, whatever they are.

    Raises:
        ImportTableError: if it is no CSV.
    """
    return _column_names(_parse(path, _read_text(path))[0])


def read_rows(
    path: Path, allowed: Sequence[str]
) -> tuple[list[NumberedRow], list[ImageUnreadableError]]:
    """Return the rows of a CSV that say something, and the refusals of those too long.

    Args:
        path: The CSV; its delimiter is recognised.
        allowed: The names that its columns may have; ``file`` must be among those it has.

    Raises:
        ImportTableError: if the table as a whole cannot be understood.
    """
    header, *lines = _parse(path, _read_text(path))
    names = _check_header(path, header, allowed)
    rows: list[NumberedRow] = []
    refusals: list[ImageUnreadableError] = []
    for row_number, line in enumerate(lines, start=2):
        cells = [cell.strip() for cell in line]
        if any(cells[len(names) :]):
            refusals.append(_row_refusal(path, row_number, "it has more cells than the header"))
        elif any(cells):
            rows.append((row_number, dict(zip(names, cells, strict=False))))
    return rows, refusals


def locate(folder: Path, cell: str) -> Path:
    """Return where a cell leads; a table written on Windows works elsewhere too."""
    path = absolute(folder / cell)
    if "\\" in cell and not path.exists():
        return absolute(folder / cell.replace("\\", "/"))
    return path


def _row_refusal(path: Path, row_number: int, reason: str) -> ImageUnreadableError:
    return refusal_of(FileToImport(path, row_number=row_number), reason)


def _read_text(path: Path) -> str:
    try:
        # Excel marks UTF-8 by an invisible character at the start. Line ends inside of quotes
        # belong to what was written; Path.read_text would change them.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportTableError(
            f'{path.name} is not written in UTF-8. Save it as "CSV UTF-8" and import it again.'
        ) from error
    except OSError as error:
        raise ImportTableError(f"{path.name} cannot be read: {error.strerror}.") from error
    if "\0" in text:
        raise ImportTableError(f'{path.name} is not a text table. Save it as "CSV UTF-8".')
    return text


def _parse(path: Path, text: str) -> list[list[str]]:
    """Split into rows of cells by the delimiter that gives the header most columns."""
    header = _LINE_END.split(text, maxsplit=1)[0]
    if not header.strip():
        columns = ", ".join(COLUMNS)
        raise ImportTableError(f"{path.name} has no first row that names its columns: {columns}.")
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise ImportTableError(
            f"{path.name} is not a sound CSV; line {reader.line_num}: {error}."
        ) from error


def _column_names(header: Sequence[str]) -> list[str]:
    """Return the columns' names in small letters; empty ones at the end are passed over."""
    names = [cell.strip().casefold() for cell in header]
    while names and not names[-1]:
        names.pop()
    return names


def _check_header(path: Path, header: Sequence[str], allowed: Sequence[str]) -> list[str]:
    names = _column_names(header)
    unknown = [repr(name) for name in names if name not in allowed]
    if unknown:
        raise ImportTableError(
            f"{path.name} has an unknown column: {', '.join(unknown)}. "
            f"Allowed are {', '.join(allowed)}; remove or rename the others."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ImportTableError(f"{path.name} has the column {twice[0]!r} twice. Keep one of them.")
    if "file" not in names:
        raise ImportTableError(f"{path.name} has no column 'file', which must name the images.")
    return names


def _check_any_exists(table_path: Path, files: Sequence[FileToImport]) -> None:
    """Refuse a table that leads nowhere: its folder is another than its author thought."""
    # Path.exists would raise where a folder is locked or a name too long.
    if files and not any(os.path.exists(file.path) for file in files):  # noqa: PTH110
        raise ImportTableError(
            f"{table_path.name} lists no file that can be found. Its paths must begin at the "
            f"folder the table is in; its first row leads to {files[0].path}."
        )


def _file(folder: Path, row_number: int, cells: dict[str, str]) -> FileToImport:
    return FileToImport(
        locate(folder, rearm(cells["file"])),
        rearm(cells.get("lesion", "")) or None,
        rearm(cells.get("domain", "")) or None,
        cells.get("patient") or None,
        row_number,
    )


def _contradictions(files: Sequence[FileToImport]) -> dict[Path, str]:
    """Find files that several rows say different things about; nobody can tell which is right."""
    by_path: defaultdict[Path, list[FileToImport]] = defaultdict(list)
    for file in files:
        by_path[file.path].append(file)
    reasons: dict[Path, str] = {}
    for path, told in by_path.items():
        numbers = " and ".join(str(file.row_number) for file in told)
        for column in ("lesion", "domain", "patient"):
            answers = {getattr(file, column) for file in told} - {None}
            if len({answer.casefold() for answer in answers}) > 1:
                reasons[path] = f"rows {numbers} say different things about its {column}"
    return reasons
