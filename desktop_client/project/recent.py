"""The projects that this user had open last, newest first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from desktop_client.durable import write_durably
from desktop_client.paths import Home

LONGEST: Final = 12


@dataclass(frozen=True)
class RecentProject:
    """A project and when it was opened last, UTC."""

    home: Home
    opened: datetime


def recent_projects(path: Path) -> list[RecentProject]:
    """Return the list; without a file, or with a damaged one, it is empty: it is a convenience."""
    try:
        entries = json.loads(path.read_bytes())
        return [
            RecentProject(Home(Path(entry["path"])), datetime.fromisoformat(entry["opened"]))
            for entry in entries
        ]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def remember_project(path: Path, home: Home) -> None:
    """Put a project at the top of the list.

    Raises:
        OSError: if the list cannot be written.
    """
    others = [r for r in recent_projects(path) if r.home.path != home.path]
    _write(path, [RecentProject(home, datetime.now(UTC)), *others][:LONGEST])


def forget_project(path: Path, home: Home) -> None:
    """Take a project off the list.

    Raises:
        OSError: if the list cannot be written.
    """
    _write(path, [r for r in recent_projects(path) if r.home.path != home.path])


def _write(path: Path, projects: Sequence[RecentProject]) -> None:
    entries = [{"path": str(r.home.path), "opened": r.opened.isoformat()} for r in projects]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(path, json.dumps(entries, indent=2).encode())
