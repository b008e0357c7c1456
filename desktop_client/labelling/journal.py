"""Who said what, when: append-only label events, with undo and redo as further events.

Every labelling is a node of a tree whose parent is the labelling that was in force when it was
made. Undo steps to the parent, redo to the newest child, a new label begins a new branch. Each
step is itself appended, so nothing is ever rewritten and undo reaches back over restarts.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.database import Database

Kind = Literal["label", "undo", "redo", "import"]


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """One image's label changed; None means unlabelled."""

    event_id: int
    sample_id: str
    kind: Kind
    class_id: UUID | None
    previous_class_id: UUID | None
    reader: str
    happened_at: datetime


class LabelJournal:
    """The label events of one store; each method is one durable transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def label(self, sample_ids: Sequence[str], class_id: UUID | None, reader: str) -> None:
        """Record that a person gives images a class, or takes their label away.

        An image that has this class from this reader already gets no further event.
        """
        with self._database.transaction():
            value = _text(class_id)
            changes = [
                (current.sample_id, value)
                for current in self._current_labels(sample_ids)
                if current.class_id != value
                or (value is not None and (current.is_imported or current.reader != reader))
            ]
            if changes:
                self._append("label", reader, changes, before=self._in_force())

    def import_labels(
        self, class_ids: Mapping[str, UUID], reader: str, said_at: datetime | None = None
    ) -> int:
        """Record labels that a folder or table gives; return how many images they changed.

        Labels that people gave are kept, and imports are no step of undo. ``said_at`` is when
        the reader gave them, where the table tells; None for now.
        """
        with self._database.transaction():
            changes = [
                (current.sample_id, str(class_ids[current.sample_id]))
                for current in self._current_labels(list(class_ids))
                if (current.class_id is None or current.is_imported)
                and current.class_id != str(class_ids[current.sample_id])
            ]
            if changes:
                self._append("import", reader, changes, happened_at=said_at)
        return len(changes)

    def can_undo(self) -> bool:
        """Whether a person's labelling is in force."""
        return self._in_force() is not None

    def can_redo(self) -> bool:
        """Whether a labelling was undone, and no other was made since."""
        return self._undone_after(self._in_force()) is not None

    def undo(self, reader: str) -> list[str]:
        """Take the labelling in force back; return the images it concerned, none if none is."""
        with self._database.transaction():
            subject = self._in_force()
            if subject is None:
                return []
            changes = self._events_of(self._last_applied(subject), "previous_class_id")
            [(before,)] = self._database.read(
                "SELECT before FROM actions WHERE action_id = ?", subject
            )
            self._append("undo", reader, changes, subject=subject, after=before)
            return [sample_id for sample_id, _ in changes]

    def redo(self, reader: str) -> list[str]:
        """Do again what was undone last; return the images it concerned, none if nothing was."""
        with self._database.transaction():
            subject = self._undone_after(self._in_force())
            if subject is None:
                return []
            changes = self._events_of(subject, "class_id")
            self._append("redo", reader, changes, subject=subject, after=subject)
            return [sample_id for sample_id, _ in changes]

    def history(self, sample_id: str) -> list[LabelEvent]:
        """Return everything ever said about an image, oldest first."""
        rows = self._database.read(
            """
            SELECT event_id, sample_id, kind, class_id, previous_class_id, reader, happened_at
            FROM label_events JOIN actions USING (action_id)
            WHERE sample_id = ? ORDER BY event_id
            """,
            sample_id,
        )
        return [_event(row) for row in rows]

    def newest_events(self) -> list[LabelEvent]:
        """Return the event that gave, or took, the present label of each image that had one."""
        rows = self._database.read(
            """
            SELECT event_id, sample_id, kind, label_events.class_id, previous_class_id, reader,
                happened_at
            FROM samples JOIN label_events USING (event_id, sample_id)
                JOIN actions USING (action_id)
            ORDER BY position
            """
        )
        return [_event(row) for row in rows]

    def _current_labels(self, sample_ids: Sequence[str]) -> list["_CurrentLabel"]:
        rows = self._database.read(
            """
            SELECT samples.sample_id, samples.class_id, actions.reader, actions.kind = 'import'
            FROM samples LEFT JOIN label_events USING (event_id) LEFT JOIN actions USING (action_id)
            WHERE samples.sample_id IN (SELECT value FROM json_each(?))
            """,
            json.dumps(list(sample_ids)),
        )
        known = {row[0]: _CurrentLabel(row[0], row[1], row[2], bool(row[3])) for row in rows}
        wanted = dict.fromkeys(sample_ids)
        missing = [sample_id for sample_id in wanted if sample_id not in known]
        if missing:
            raise LabelStoreError(
                f"{len(missing)} of the images to label are not in the label database. "
                "Open their folder again, then label them."
            )
        return [known[sample_id] for sample_id in wanted]

    def _in_force(self) -> int | None:
        """Return the newest labelling by a person that is not undone."""
        rows = self._database.read(
            """
            SELECT CASE kind WHEN 'label' THEN action_id ELSE after END
            FROM actions WHERE kind <> 'import' ORDER BY action_id DESC LIMIT 1
            """
        )
        return rows[0][0] if rows else None

    def _undone_after(self, in_force: int | None) -> int | None:
        """Return the newest labelling made while ``in_force`` was; by now it is undone."""
        [(newest,)] = self._database.read(
            "SELECT max(action_id) FROM actions WHERE kind = 'label' AND before IS ?", in_force
        )
        return int(newest) if newest is not None else None

    def _last_applied(self, subject: int) -> int:
        """Return the action that last put a labelling in force: itself, or its newest redo."""
        [(newest_redo,)] = self._database.read(
            "SELECT max(action_id) FROM actions WHERE kind = 'redo' AND subject = ?", subject
        )
        return int(newest_redo) if newest_redo is not None else subject

    def _events_of(
        self, action_id: int, column: Literal["class_id", "previous_class_id"]
    ) -> list[tuple[str, str | None]]:
        rows = self._database.read(
            f"SELECT sample_id, {column} FROM label_events "  # noqa: S608  one of two constants
            "WHERE action_id = ? ORDER BY event_id",
            action_id,
        )
        return [(sample_id, class_id) for sample_id, class_id in rows]

    def _append(
        self,
        kind: Kind,
        reader: str,
        changes: Sequence[tuple[str, str | None]],
        *,
        happened_at: datetime | None = None,
        **links: int | None,
    ) -> None:
        """Append one action, linked by ``subject``, ``before`` or ``after``, and its events."""
        action_id = self._database.write(
            "INSERT INTO actions (kind, reader, happened_at, subject, before, after) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            kind,
            reader,
            (happened_at or datetime.now(UTC)).isoformat(),
            *(links.get(name) for name in ("subject", "before", "after")),
        )
        self._database.write_many(
            """
            INSERT INTO label_events (action_id, sample_id, class_id, previous_class_id)
            SELECT ?, sample_id, ?, class_id FROM samples WHERE sample_id = ?
            """,
            [(action_id, class_id, sample_id) for sample_id, class_id in changes],
        )


@dataclass(frozen=True, slots=True)
class _CurrentLabel:
    sample_id: str
    class_id: str | None
    reader: str | None
    is_imported: bool


def _event(row: tuple[Any, ...]) -> LabelEvent:
    event_id, sample_id, kind, class_id, previous_class_id, reader, happened_at = row
    return LabelEvent(
        event_id,
        sample_id,
        kind,
        _uuid(class_id),
        _uuid(previous_class_id),
        reader,
        datetime.fromisoformat(happened_at),
    )


def _text(class_id: UUID | None) -> str | None:
    return None if class_id is None else str(class_id)


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
