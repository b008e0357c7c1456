import logging
from pathlib import Path

import pytest

from desktop_client.support.log import LOG_FORMAT, LogEntry, entries_of, matching, read_log

FIRST = "2026-11-27 10:00:00,123 INFO desktop_client.gui: Begun"
SECOND = "2026-11-27 10:00:01,000 ERROR desktop_client.training: Failed"


def test_a_traceback_belongs_to_its_message() -> None:
    (entry,) = entries_of([SECOND, "Traceback:", "  ZeroDivisionError"])
    assert entry.level == "ERROR"
    assert entry.message.splitlines()[1:] == ["Traceback:", "  ZeroDivisionError"]


def test_old_files_come_before_the_one_being_written(tmp_path: Path) -> None:
    path = tmp_path / "siteblind.log"
    path.write_text(SECOND)
    (tmp_path / "siteblind.log.1").write_text(FIRST)
    assert [entry.level for entry in read_log(path)] == ["INFO", "ERROR"]


def test_what_the_program_writes_is_what_is_read(tmp_path: Path) -> None:
    record = logging.LogRecord("desktop_client.x", logging.WARNING, "", 1, "So %s", ("so",), None)
    (entry,) = entries_of(logging.Formatter(LOG_FORMAT).format(record).splitlines())
    assert (entry.level, entry.logger, entry.message) == ("WARNING", "desktop_client.x", "So so")


def test_no_log_is_an_empty_one(tmp_path: Path) -> None:
    assert read_log(tmp_path / "siteblind.log") == []


@pytest.mark.parametrize(
    ("level", "words", "count"),
    [("DEBUG", "", 2), ("WARNING", "", 1), ("DEBUG", "BEGUN", 1), ("DEBUG", "gui failed", 0)],
)
def test_entries_are_chosen_by_level_and_words(level: str, words: str, count: int) -> None:
    entries: list[LogEntry] = entries_of([FIRST, SECOND])
    assert len(matching(entries, level, words)) == count
