import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.contextvars import bound_contextvars

from coordinator.server.logs import WithoutFolder, formatter


def record(message: str, *arguments: object, failed: bool = False) -> logging.LogRecord:
    """What a module's logger makes of a line."""
    information = None
    if failed:
        try:
            raise RuntimeError("torn")
        except RuntimeError:
            information = sys.exc_info()
    return logging.LogRecord(
        "coordinator.rounds.life", logging.WARNING, "", 0, message, arguments, information
    )


def test_line_for_programs_is_one_json_object_with_time_level_and_origin() -> None:
    with bound_contextvars(request_id="4f1c"):
        line = formatter("json").format(record("round %d\nopened", 3))
    assert "\n" not in line
    told = json.loads(line)
    at = datetime.fromisoformat(told.pop("timestamp"))
    assert at.tzinfo == UTC
    assert told == {
        "event": "round 3\nopened",
        "level": "warning",
        "logger": "coordinator.rounds.life",
        "request_id": "4f1c",
    }


def test_traceback_stays_in_the_line_that_it_explains() -> None:
    line = formatter("json").format(record("failed", failed=True))
    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("RuntimeError: torn")


def test_line_for_people_says_the_same_in_words_and_without_colours() -> None:
    line = formatter("text").format(record("round %d opened", 3, failed=True))
    first, *traceback = line.splitlines()
    assert "[warning" in first
    assert "round 3 opened" in first
    assert "[coordinator.rounds.life]" in first
    assert "\x1b" not in line
    assert traceback[-1] == "RuntimeError: torn"


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("folder", [Path("/srv/data"), Path("/srv/Köln “new”")])
def test_file_in_the_data_folder_is_named_without_the_way_to_it(
    log_format: str, folder: Path
) -> None:
    lines = WithoutFolder(formatter(log_format), folder)
    line = lines.format(record("%s is torn", folder / "parameters" / "4f1c"))
    assert "data folder/parameters/4f1c is torn" in line
    assert "srv" not in line
