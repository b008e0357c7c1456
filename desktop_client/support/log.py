"""Reads the program's own log, rotated files included, as entries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOG_COUNT: Final = 3
"""Old files that are kept beside the one being written."""
LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_HEAD: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} ([A-Z]+) ([\w.]+): (.*)")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One message, with the lines of its traceback if it has one."""

    time: str
    level: str
    logger: str
    message: str

    @property
    def text(self) -> str:
        """The entry as it is shown and copied."""
        return f"{self.time}  {self.level}  {self.logger}\n{self.message}"


def read_log(path: Path) -> list[LogEntry]:
    """Return all entries, oldest first; files that cannot be read are passed over."""
    files = [path.with_name(f"{path.name}.{number}") for number in range(LOG_COUNT, 0, -1)]
    entries: list[LogEntry] = []
    for file in (*files, path):
        try:
            content = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        entries += entries_of(content.splitlines())
    return entries


def entries_of(lines: Iterable[str]) -> list[LogEntry]:
    """Return the entries; a line without a head belongs to the entry before it."""
    found: list[tuple[tuple[str, str, str], list[str]]] = []
    for line in lines:
        head = _HEAD.fullmatch(line)
        if head:
            time, level, logger, message = head.groups()
            found.append(((time, level, logger), [message]))
        elif found:
            found[-1][1].append(line)
    return [LogEntry(*start, "\n".join(message)) for start, message in found]


def matching(entries: Iterable[LogEntry], lowest_level: str, words: str) -> list[LogEntry]:
    """Return the entries of at least a level that contain these words, whatever their capitals."""
    levels = LEVELS[LEVELS.index(lowest_level) :]
    wanted = words.casefold().split()
    return [
        entry
        for entry in entries
        if entry.level in levels and all(word in entry.text.casefold() for word in wanted)
    ]
