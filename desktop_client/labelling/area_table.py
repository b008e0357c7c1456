"""Read a CSV that says which files a person looked at, and what is to be painted black in each."""

from collections import defaultdict
from pathlib import Path
from typing import Final

from desktop_client.errors import ImportTableError
from desktop_client.imaging.deidentify.areas import Area
from desktop_client.labelling.label_row import rearm
from desktop_client.labelling.table import locate, read_rows

_NUMBERS: Final = ("left", "top", "width", "height")
AREA_COLUMNS: Final = ("file", *_NUMBERS)


def read_areas(path: Path) -> dict[Path, tuple[Area, ...]]:
    """Return the areas of each file, in pixels; a file without any was looked at and is clean.

    Args:
        path: Columns ``file``, ``left``, ``top``, ``width`` and ``height``; several rows of a
            file give several areas, and a row with nothing but the file none.

    Raises:
        ImportTableError: if it cannot be understood; nothing may be guessed here.
    """
    rows, refusals = read_rows(path, AREA_COLUMNS)
    if refusals:
        raise ImportTableError(f"{path.name}: {refusals[0].reason}.")
    areas: defaultdict[Path, list[Area]] = defaultdict(list)
    for number, cells in rows:
        if not cells.get("file"):
            raise ImportTableError(f"{path.name}, row {number}: it names no file.")
        found = areas[locate(path.parent, rearm(cells["file"]))]
        said = [cells.get(name, "") for name in _NUMBERS]
        if any(said):
            found.append(_area(path, number, said))
    return {file: tuple(found) for file, found in areas.items()}


def _area(path: Path, row_number: int, said: list[str]) -> Area:
    try:
        left, top, width, height = (int(cell) for cell in said)
    except ValueError as error:
        raise ImportTableError(
            f"{path.name}, row {row_number}: {', '.join(_NUMBERS)} must be whole numbers of pixels."
        ) from error
    if min(left, top) < 0 or min(width, height) < 1:
        raise ImportTableError(
            f"{path.name}, row {row_number}: an area cannot begin outside of the image or be empty."
        )
    return Area(left, top, width, height)
