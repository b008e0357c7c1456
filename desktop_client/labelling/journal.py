"""Who said what about which image, when: labels, exclusions, notes and second reads as events."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.acts import ActTree, Kind

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


class LabelJournal(ActTree):
    """The events of one store; each method is one durable transaction."""

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
