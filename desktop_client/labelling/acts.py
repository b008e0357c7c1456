"""The tree of acts that undo and redo walk through; each step is itself an append-only act.

Every act by hand (a label, an exclusion, a note, a settlement, a second read) is a node of a tree
whose parent is the act that was in force when it was made. Undo steps to the parent, redo to the
newest child, a new act begins a new branch. Each step is itself appended, so nothing is ever
rewritten and undo reaches back over restarts. A second reading has a tree of its own: its reader
must not take back what others said.
"""

from datetime import UTC, datetime
from typing import Final, Literal

from desktop_client.labelling.chain import append_action
from desktop_client.labelling.database import Database

ActKind = Literal["label", "exclude", "note", "settle", "read"]
Kind = ActKind | Literal["merge", "import", "undo", "redo"]


class ActTree:
    """The acts of one store; each method is one durable transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

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

    def _repeat(self, applied: int, action_id: int, *, is_reversed: bool) -> list[str]:
        """Append the events of ``applied`` to another action, or their contraries."""
        past = "previous_" if is_reversed else ""
        for statement in _REPEATS:
            self._database.write(statement.format(past=past), action_id, applied)
        self._chain(action_id)
        rows = self._database.read(_CONCERNED, action_id)
        return [sample_id for (sample_id,) in rows]


# A class that was merged meanwhile stays merged, whatever is undone.
_REPEATS: Final = (
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

_CONCERNED: Final = """
    SELECT sample_id FROM (
        SELECT action_id, sample_id, event_id FROM label_events
        UNION ALL SELECT action_id, sample_id, event_id FROM remark_events
        UNION ALL SELECT action_id, sample_id, event_id FROM read_events
    ) WHERE action_id = ? ORDER BY event_id
"""
