"""Log lines: text for people at a terminal, one JSON object per line for what collects them."""

import json
import logging
import sys
from pathlib import Path
from typing import Final

import structlog

from coordinator.server.settings import Settings

_BEFORE: Final[list[structlog.types.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
"""Give each line its time, level and logger, and the id of the request that it came of."""


def start_logging(settings: Settings) -> None:
    """Send what all modules log to standard error; where somebody listens already, change nothing.

    Modules log by the standard library, as the libraries below them do; only the form is decided
    here.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutFolder(formatter(settings.log_format), settings.data_folder))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)


def formatter(log_format: str) -> logging.Formatter:
    """Return what makes lines of records.

    Args:
        log_format: ``json``, or ``text`` for people.
    """
    after: list[structlog.types.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta
    ]
    if log_format == "json":
        after += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback
        after.append(structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain))
    return structlog.stdlib.ProcessorFormatter(processors=after, foreign_pre_chain=_BEFORE)


class WithoutFolder(logging.Formatter):
    """Says “data folder” where an error of the system names a file in it with its whole path.

    Logs are collected and passed on; where files lie on the coordinator's machine is its own
    business. The name of the file stays.

    Args:
        lines: What makes the lines.
        folder: The data folder.
    """

    def __init__(self, lines: logging.Formatter, folder: Path) -> None:
        super().__init__()
        self._lines = lines
        path = str(folder)
        self._spellings = (path, json.dumps(path)[1:-1])

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line = self._lines.format(record)
        for spelling in self._spellings:
            line = line.replace(spelling, "data folder")
        return line
