"""Read a manifest: what a folder of several sites' images says about them beyond their place."""

import csv
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from desktop_client.errors import SimulationDataError

COLUMNS: Final = ("file", "site", "lesion", "patient", "split")
TRAINING, VALIDATION = "train", "val"
SIDES: Final = ("", TRAINING, VALIDATION)


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """What is said of one image; an empty text where nothing is said."""

    row_number: int
    """As a spreadsheet counts; the header is row 1."""
    file: str
    """Relative to the folder, with forward slashes."""
    site: str = ""
    lesion: str = ""
    patient: str = ""
    split: str = ""


def read_manifest(path: Path) -> list[ManifestRow]:
    """Read a CSV whose first row names its columns, in any order: ``file`` and any of the others.

    Raises:
        SimulationDataError: naming the column or the row that cannot be used.
    """
    try:
        # Spreadsheets mark UTF-8 by an invisible character at the start.
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except OSError as error:
        raise SimulationDataError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SimulationDataError(f"{path} is not a CSV in UTF-8: {error}") from error
    names = _check_header(path, lines[0] if lines else [])
    rows = [
        _row(path, number, names, cells) for number, cells in enumerate(lines[1:], 2) if any(cells)
    ]
    _check_rows(path, rows)
    return rows


def _check_header(path: Path, header: list[str]) -> list[str]:
    names = [name.strip().casefold() for name in header]
    allowed = ", ".join(COLUMNS)
    if "file" not in names:
        raise SimulationDataError(f"{path.name} has no column 'file'; it may have {allowed}")
    for name in names:
        if name not in COLUMNS:
            raise SimulationDataError(
                f"{path.name} has an unknown column {name!r}; allowed are {allowed}"
            )
        if names.count(name) > 1:
            raise SimulationDataError(f"{path.name} has the column {name!r} twice")
    return names


def _row(path: Path, number: int, names: list[str], cells: list[str]) -> ManifestRow:
    if len(cells) != len(names):
        raise SimulationDataError(
            f"{path.name}, row {number}: {len(cells)} cells instead of {len(names)}"
        )
    told = dict(zip(names, (cell.strip() for cell in cells), strict=True))
    place = PurePosixPath(told["file"])
    row = ManifestRow(number, **{**told, "file": str(place)})
    if not told["file"] or place.is_absolute() or ".." in place.parts:
        raise SimulationDataError(
            f"{path.name}, row {number}: 'file' must be a path below {path.parent}"
        )
    if row.split not in SIDES:
        raise SimulationDataError(
            f"{path.name}, row {number}: the split is {row.split!r}, but must be "
            f"'{TRAINING}', '{VALIDATION}' or empty"
        )
    return row


def _check_rows(path: Path, rows: list[ManifestRow]) -> None:
    if not rows:
        raise SimulationDataError(f"{path.name} lists no image")
    first: dict[str, ManifestRow] = {}
    for row in rows:
        earlier = first.setdefault(row.file, row)
        if earlier is not row:
            raise SimulationDataError(
                f"{path.name}: rows {earlier.row_number} and {row.row_number} name the same file"
            )
