"""The list of files that were left out, as a table or as plain text."""

from pathlib import Path

import pytest

from desktop_client.errors import ExportError
from desktop_client.labelling.skipped import write_skipped

LINES = ["/images/a.pdf\tit is a PDF", "=cmd.png\tit is damaged, or cut off"]


def test_a_table_has_a_column_for_the_reason_and_no_formula(tmp_path: Path) -> None:
    write_skipped(tmp_path / "list.CSV", LINES)
    assert (tmp_path / "list.CSV").read_text(encoding="utf-8-sig").splitlines() == [
        "file,reason",
        "/images/a.pdf,it is a PDF",
        '\'=cmd.png,"it is damaged, or cut off"',
    ]


def test_any_other_name_gets_the_lines_as_they_are(tmp_path: Path) -> None:
    write_skipped(tmp_path / "list.txt", LINES)
    assert (tmp_path / "list.txt").read_text(encoding="utf-8").splitlines() == LINES


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be written"):
        write_skipped(tmp_path / "nowhere" / "list.csv", LINES)
