"""Write the list of files that were left out, for whoever can do something about them."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from desktop_client.labelling.exporting import EXCEL_MARK, write_export
from desktop_client.labelling.label_row import disarm

COLUMNS: Final = ("file", "reason")


def write_skipped(path: Path, lines: Sequence[str]) -> None:
    """Write a CSV, or plain text where the name does not end in ``.csv``.

    Args:
        path: The new file.
        lines: File and reason with a tab between, as they are listed.

    Raises:
        ExportError: if it cannot be written.
    """
    if path.suffix.lower() != ".csv":
        write_export(path, "".join(f"{line}\n" for line in lines).encode())
        return
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([disarm(cell) for cell in line.split("\t", 1)] for line in lines)
    write_export(path, (EXCEL_MARK + text.getvalue()).encode())
