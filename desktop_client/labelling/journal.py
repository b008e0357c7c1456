"""Who said what, when: append-only events, with undo and redo as further events.

Every act by hand (a label, an exclusion, a note, a settlement, a second read) is a node of a tree
whose parent is the act that was in force when it was made. Undo steps to the parent, redo to the
newest child, a new act begins a new branch. Each step is itself appended, so nothing is ever
rewritten and undo reaches back over restarts. A second reading has a tree of its own: its reader
must not take back what others said.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.chain import append_action
from desktop_client.labelling.database import Database

ActKind = Literal["label", "exclude", "note", "settle", "read"]
Kind = ActKind | Literal["merge", "import", "undo", "redo"]
Aspect = Literal["exclusion", "note"]


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
    """The events of one store; each method is one durable transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def label(self, sample_ids: Sequence[str], class_id: UUID | None, reader: str) -> None:
        """Record that a person gives images a class, or takes their label away.

        An image that has this class from this reader already gets no further event.
        """
        self.label_each(dict.fromkeys(sample_ids, class_id), reader)

    def label_each(self, class_ids: Mapping[str, UUID | None], reader: str) -> int | None:
        """Record a class of its own for each of several images as one act.

        Returns:
            The act's number, or None if everything was said already.
        """
        with self._database.transaction():
            changes = [
                (current.sample_id, value)
                for current in self._current_labels(list(class_ids))
                if current.class_id != (value := _text(class_ids[current.sample_id]))
                or (value is not None and (current.is_imported or current.reader != reader))
            ]
            if not changes:
                return None
            action_id = self._begin("label", reader)
            self._append_labels(action_id, changes)
            return action_id

    def settle(self, sample_ids: Sequence[str], class_id: UUID, reader: str) -> None:
        """Record the decision between readers who disagree; it becomes the label."""
        with self._database.transaction():
            known = self._current_labels(sample_ids)
            changes = [(current.sample_id, str(class_id)) for current in known]
            self._append_labels(self._begin("settle", reader), changes)

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
                self._append_labels(
                    self._new_action("import", reader, happened_at=said_at), changes
                )
        return len(changes)

    def merge(self, merged: UUID, into: UUID, reader: str) -> None:
        """Record that all labels of one class are from now on another's; no step of undo.

        Who gave each label stays as it is.
        """
        with self._database.transaction():
            action_id = self._new_action("merge", reader)
            self._database.write(
                """
                INSERT INTO label_events
                (action_id, sample_id, class_id, origin, previous_class_id, previous_origin)
                SELECT ?, sample_id, ?, origin, class_id, origin
                FROM samples WHERE class_id = ? ORDER BY position
                """,
                action_id,
                str(into),
                str(merged),
            )
            self._chain(action_id)

    def remark(
        self, sample_ids: Sequence[str], aspect: Aspect, words: str | None, reader: str
    ) -> None:
        """Record why images are excluded, or a note on them; None takes either away."""
        with self._database.transaction():
            self._current_labels(sample_ids)  # refuses what is not in the store
            changed = self._database.read(
                f"""
                SELECT sample_id, nullif({aspect}, '') FROM samples
                WHERE sample_id IN (SELECT value FROM json_each(?))
                AND nullif({aspect}, '') IS NOT ? ORDER BY position
                """,  # noqa: S608  one of two constants
                json.dumps(list(sample_ids)),
                words,
            )
            if not changed:
                return
            action_id = self._begin("exclude" if aspect == "exclusion" else "note", reader)
            self._append_remarks(
                action_id,
                [(sample_id, aspect, words, previous) for sample_id, previous in changed],
            )

    def import_remarks(self, words: Mapping[str, str], aspect: Aspect, reader: str) -> None:
        """Record exclusions or notes that a table gives; those that are there already stay.

        Imports are no step of undo.
        """
        with self._database.transaction():
            self._current_labels(list(words))  # refuses what is not in the store
            free = self._database.read(
                f"""
                SELECT sample_id FROM samples WHERE nullif({aspect}, '') IS NULL
                AND sample_id IN (SELECT value FROM json_each(?)) ORDER BY position
                """,  # noqa: S608  one of two constants
                json.dumps(list(words)),
            )
            if free:
                self._append_remarks(
                    self._new_action("import", reader),
                    [(sample_id, aspect, words[sample_id], None) for (sample_id,) in free],
                )

    def read(
        self, draw_id: int, sample_ids: Sequence[str], class_id: UUID | None, reader: str
    ) -> None:
        """Record what a second reader says of images drawn for them; no label changes by it."""
        with self._database.transaction():
            changed = self._database.read(
                """
                SELECT sample_id, class_id FROM drawn_samples
                WHERE draw_id = ? AND sample_id IN (SELECT value FROM json_each(?))
                AND class_id IS NOT ? ORDER BY position
                """,
                draw_id,
                json.dumps(list(sample_ids)),
                _text(class_id),
            )
            if not changed:
                return
            action_id = self._begin("read", reader, draw_id)
            self._database.write_many(
                """
                INSERT INTO read_events
                (action_id, draw_id, sample_id, class_id, previous_class_id) VALUES (?, ?, ?, ?, ?)
                """,
                [(action_id, draw_id, i, _text(class_id), previous) for i, previous in changed],
            )
            self._chain(action_id)

    def can_undo(self, draw_id: int | None = None) -> bool:
        """Whether an act by hand is in force, in a second reading or outside of any."""
        return self._in_force(draw_id) is not None

    def can_redo(self, draw_id: int | None = None) -> bool:
        """Whether an act was undone, and no other was made since."""
        return self._undone_after(self._in_force(draw_id), draw_id) is not None

    def undo(self, reader: str, draw_id: int | None = None) -> list[str]:
        """Take the act in force back; return the images it concerned, none if none is."""
        with self._database.transaction():
            subject = self._in_force(draw_id)
            if subject is None:
                return []
            [(before,)] = self._database.read(
                "SELECT before FROM actions WHERE action_id = ?", subject
            )
            action_id = self._new_action("undo", reader, draw_id, subject=subject, after=before)
            return self._repeat(self._last_applied(subject), action_id, is_reversed=True)

    def redo(self, reader: str, draw_id: int | None = None) -> list[str]:
        """Do again what was undone last; return the images it concerned, none if nothing was."""
        with self._database.transaction():
            subject = self._undone_after(self._in_force(draw_id), draw_id)
            if subject is None:
                return []
            action_id = self._new_action("redo", reader, draw_id, subject=subject, after=subject)
            return self._repeat(subject, action_id, is_reversed=False)

    def history(self, sample_id: str) -> list[LabelEvent]:
        """Return everything ever said about an image's label, oldest first."""
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
        """Return the newest event of each image, with who first said its label, and when.

        Undo and redo bring a label back; they are no opinions of whoever pressed the key.
        """
        rows = self._database.read(
            """
            SELECT event_id, sample_id, said.kind, event.class_id, previous_class_id, said.reader,
                said.happened_at
            FROM samples JOIN label_events AS event USING (event_id, sample_id)
                JOIN actions AS said ON said.action_id = samples.origin
            ORDER BY position
            """
        )
        return [_event(row) for row in rows]

    def _current_labels(self, sample_ids: Sequence[str]) -> list["_CurrentLabel"]:
        rows = self._database.read(
            """
            SELECT samples.sample_id, samples.class_id, actions.reader, actions.kind = 'import'
            FROM samples LEFT JOIN actions ON actions.action_id = samples.origin
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

    def _in_force(self, draw_id: int | None) -> int | None:
        """Return the newest act by hand that is not undone."""
        rows = self._database.read(
            """
            SELECT CASE WHEN kind IN ('undo', 'redo') THEN after ELSE action_id END
            FROM actions WHERE draw_id IS ? AND kind NOT IN ('import', 'merge')
            ORDER BY action_id DESC LIMIT 1
            """,
            draw_id,
        )
        return rows[0][0] if rows else None

    def _undone_after(self, in_force: int | None, draw_id: int | None) -> int | None:
        """Return the newest act made while ``in_force`` was; by now it is undone."""
        [(newest,)] = self._database.read(
            """
            SELECT max(action_id) FROM actions
            WHERE kind NOT IN ('undo', 'redo', 'import', 'merge') AND before IS ? AND draw_id IS ?
            """,
            in_force,
            draw_id,
        )
        return int(newest) if newest is not None else None

    def _last_applied(self, subject: int) -> int:
        """Return the action that last put an act in force: itself, or its newest redo."""
        [(newest_redo,)] = self._database.read(
            "SELECT max(action_id) FROM actions WHERE kind = 'redo' AND subject = ?", subject
        )
        return int(newest_redo) if newest_redo is not None else subject

    def _begin(self, kind: ActKind, reader: str, draw_id: int | None = None) -> int:
        """Append an act by hand, a child of the one in force."""
        return self._new_action(kind, reader, draw_id, before=self._in_force(draw_id))

    def _new_action(
        self,
        kind: Kind,
        reader: str,
        draw_id: int | None = None,
        *,
        happened_at: datetime | None = None,
        **links: int | None,
    ) -> int:
        """Append an action, linked by ``subject``, ``before`` or ``after``; its events follow."""
        return self._database.write(
            "INSERT INTO actions (kind, reader, happened_at, draw_id, subject, before, after) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            kind,
            reader,
            (happened_at or datetime.now(UTC)).isoformat(),
            draw_id,
            *(links.get(name) for name in ("subject", "before", "after")),
        )

    def _chain(self, action_id: int) -> None:
        append_action(self._database, datetime.now(UTC).isoformat(), action_id)

    def _append_labels(self, action_id: int, changes: Sequence[tuple[str, str | None]]) -> None:
        """Append an action's new labels, which it is itself the origin of."""
        self._database.write_many(
            """
            INSERT INTO label_events
            (action_id, sample_id, class_id, origin, previous_class_id, previous_origin)
            SELECT ?, sample_id, ?, ?, class_id, origin FROM samples WHERE sample_id = ?
            """,
            [(action_id, class_id, action_id, sample_id) for sample_id, class_id in changes],
        )
        self._chain(action_id)

    def _append_remarks(
        self, action_id: int, changes: Sequence[tuple[str, Aspect, str | None, str | None]]
    ) -> None:
        """Append an action's exclusions or notes: image, aspect, and words now and before."""
        self._database.write_many(
            "INSERT INTO remark_events (action_id, sample_id, aspect, words, previous_words) "
            "VALUES (?, ?, ?, ?, ?)",
            [(action_id, *change) for change in changes],
        )
        self._chain(action_id)

    def _repeat(self, applied: int, action_id: int, *, is_reversed: bool) -> list[str]:
        """Append the events of ``applied`` to another action, or their contraries."""
        past = "previous_" if is_reversed else ""
        for statement in _REPEATS:
            self._database.write(statement.format(past=past), action_id, applied)
        self._chain(action_id)
        rows = self._database.read(_CONCERNED, action_id)
        return [sample_id for (sample_id,) in rows]


# A class that was merged meanwhile stays merged, whatever is undone.
_REPEATS = (
    """
    INSERT INTO label_events
    (action_id, sample_id, class_id, origin, previous_class_id, previous_origin)
    SELECT ?, sample_id, coalesce(merged_into, event.{past}class_id), event.{past}origin,
        samples.class_id, samples.origin
    FROM label_events AS event JOIN samples USING (sample_id)
    LEFT JOIN classes ON classes.class_id = event.{past}class_id
    WHERE event.action_id = ? ORDER BY event.event_id
    """,
    """
    INSERT INTO remark_events (action_id, sample_id, aspect, words, previous_words)
    SELECT ?, sample_id, aspect, {past}words,
        CASE aspect WHEN 'note' THEN nullif(samples.note, '') ELSE samples.exclusion END
    FROM remark_events JOIN samples USING (sample_id)
    WHERE remark_events.action_id = ? ORDER BY remark_events.event_id
    """,
    """
    INSERT INTO read_events (action_id, draw_id, sample_id, class_id, previous_class_id)
    SELECT ?, draw_id, sample_id, coalesce(merged_into, event.{past}class_id), drawn.class_id
    FROM read_events AS event JOIN drawn_samples AS drawn USING (draw_id, sample_id)
    LEFT JOIN classes ON classes.class_id = event.{past}class_id
    WHERE event.action_id = ? ORDER BY event.event_id
    """,
)

_CONCERNED = """
    SELECT sample_id FROM (
        SELECT action_id, sample_id, event_id FROM label_events
        UNION ALL SELECT action_id, sample_id, event_id FROM remark_events
        UNION ALL SELECT action_id, sample_id, event_id FROM read_events
    ) WHERE action_id = ? ORDER BY event_id
"""


@dataclass(frozen=True, slots=True)
class _CurrentLabel:
    sample_id: str
    class_id: str | None
    reader: str | None
    """Who said so first; undo and redo are no opinions of whoever pressed the key."""
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
