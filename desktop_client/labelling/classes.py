"""The lesion classes of a store: named, keyed, coloured, ordered, archived, merged.

A class that was ever used is never deleted, since labels and the audit trail speak of it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID, uuid4

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.audit import AuditTrail
from desktop_client.labelling.database import Database
from desktop_client.labelling.journal import LabelJournal
from desktop_client.labelling.naming import clean
from desktop_client.labelling.palette import LABEL_KEYS, next_colour, next_key
from desktop_client.labelling.sample import LesionClass

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")


class ClassBook:
    """The classes of one store; each change is one durable transaction with its audit entry."""

    def __init__(self, database: Database, journal: LabelJournal, audit: AuditTrail) -> None:
        self._database = database
        self._journal = journal
        self._audit = audit

    def classes(self) -> list[LesionClass]:
        """Return all classes in their order, the archived ones included."""
        rows = self._database.read(
            "SELECT class_id, name, key, colour, is_archived FROM classes ORDER BY place, position"
        )
        return [
            LesionClass(UUID(class_id), name, key, colour, bool(is_archived))
            for class_id, name, key, colour, is_archived in rows
        ]

    def named(self, name: str) -> LesionClass | None:
        """Return the class of this name, whatever its capitals, or None."""
        wanted = clean(name).casefold()
        return next((c for c in self.classes() if c.name.casefold() == wanted), None)

    def meant_by(self, name: str) -> LesionClass | None:
        """Return the class of this name, or the one that it was merged into, or None."""
        found = self.named(name)
        if found is None:
            return None
        [(merged_into,)] = self._database.read(
            "SELECT merged_into FROM classes WHERE class_id = ?", str(found.class_id)
        )
        return found if merged_into is None else self._known(UUID(merged_into))

    def add(self, name: str, key: str = "", colour: str = "", *, reader: str = "") -> LesionClass:
        """Add a class; without key or colour it gets the next free ones.

        Args:
            name: Its name, of which there must be no other.
            key: ``"1"`` to ``"9"``; one key gives one class.
            colour: ``#rrggbb``.
            reader: Who adds it.
        """
        with self._database.transaction():
            classes = self.classes()
            added = LesionClass(
                uuid4(),
                clean(name),
                key or next_key({c.key for c in classes}),
                colour.lower() or next_colour([c.colour for c in classes if not c.is_archived]),
            )
            self._check(added)
            self._database.write(
                "INSERT INTO classes (class_id, name, key, colour, place) VALUES (?, ?, ?, ?, ?)",
                str(added.class_id),
                added.name,
                added.key,
                added.colour,
                len(classes) + 1,
            )
            self._record("class_added", reader, added)
            return added

    def change(self, changed: LesionClass, reader: str) -> None:
        """Give a class another name, key or colour; its labels stay."""
        with self._database.transaction():
            present = self._known(changed.class_id)
            changed = replace(changed, name=clean(changed.name), colour=changed.colour.lower())
            self._check(changed)
            if changed == present:
                return
            self._database.write(
                "UPDATE classes SET name = ?, key = ?, colour = ?, is_archived = ? "
                "WHERE class_id = ?",
                changed.name,
                changed.key,
                changed.colour,
                int(changed.is_archived),
                str(changed.class_id),
            )
            kind = "class_changed"
            if changed.is_archived != present.is_archived:
                kind = "class_archived" if changed.is_archived else "class_restored"
            self._record(kind, reader, changed)

    def rename(self, class_id: UUID, name: str, reader: str) -> None:
        """Correct the name of a class and nothing else."""
        with self._database.transaction():
            self.change(replace(self._known(class_id), name=name), reader)

    def order(self, class_ids: Sequence[UUID], reader: str) -> None:
        """Show the classes in this order; no label and no key changes by it."""
        with self._database.transaction():
            if [c.class_id for c in self.classes()] == list(class_ids):
                return
            self._database.write_many(
                "UPDATE classes SET place = ? WHERE class_id = ?",
                [(place, str(class_id)) for place, class_id in enumerate(class_ids, start=1)],
            )
            order = " ".join(str(class_id) for class_id in class_ids)
            self._audit.record("classes_ordered", reader, {"class_ids": order})

    def is_used(self, class_id: UUID) -> bool:
        """Return whether anybody ever gave this class to an image."""
        [(is_used,)] = self._database.read(
            """
            SELECT EXISTS (SELECT 1 FROM label_events WHERE class_id = ?1)
            OR EXISTS (SELECT 1 FROM read_events WHERE class_id = ?1)
            OR EXISTS (SELECT 1 FROM classes WHERE merged_into = ?1)
            """,
            str(class_id),
        )
        return bool(is_used)

    def remove(self, class_id: UUID, reader: str) -> None:
        """Delete a class that was never used; one that was can be archived or merged."""
        with self._database.transaction():
            removed = self._known(class_id)
            if self.is_used(class_id):
                raise LabelStoreError(
                    f"The class {removed.name!r} was given to images, so it cannot be removed. "
                    "Archive it, or merge it into another."
                )
            self._database.write("DELETE FROM classes WHERE class_id = ?", str(class_id))
            self._record("class_removed", reader, removed)

    def merge(self, class_id: UUID, into: UUID, reader: str) -> None:
        """Turn all labels of a class into another's, and archive it; this cannot be undone."""
        with self._database.transaction():
            merged, target = self._known(class_id), self._known(into)
            if class_id == into or target.is_archived:
                raise LabelStoreError("Choose another class to merge into, one that is in use.")
            self._journal.merge(class_id, into, reader)
            self._database.write(
                "UPDATE classes SET merged_into = ?1, is_archived = 1, key = '' "
                "WHERE class_id = ?2 OR merged_into = ?2",
                str(into),
                str(class_id),
            )
            self._audit.record(
                "class_merged", reader, {"class_id": str(merged.class_id), "into": str(into)}
            )

    def _known(self, class_id: UUID) -> LesionClass:
        found = next((c for c in self.classes() if c.class_id == class_id), None)
        if found is None:
            raise LabelStoreError("There is no such lesion class any more.")
        return found

    def _check(self, wanted: LesionClass) -> None:
        """Refuse a name, a key or a colour that cannot be."""
        if not clean(wanted.name):
            raise LabelStoreError("A lesion class needs a name.")
        other = self.named(wanted.name)
        if other is not None and other.class_id != wanted.class_id:
            remedy = " It is archived; bring it back." if other.is_archived else ""
            raise LabelStoreError(f"There is a lesion class {other.name!r} already.{remedy}")
        keys = {c.key for c in self.classes() if c.class_id != wanted.class_id}
        if wanted.key and (wanted.key not in LABEL_KEYS or wanted.key in keys):
            raise LabelStoreError(
                f"Key {wanted.key!r} is taken, or none of 1 to 9. Choose another."
            )
        if not _COLOUR.fullmatch(wanted.colour.lower()):
            raise LabelStoreError(f"{wanted.colour!r} is no colour; write it as #rrggbb.")

    def _record(self, kind: str, reader: str, lesion_class: LesionClass) -> None:
        self._audit.record(
            kind,
            reader,
            {
                "class_id": str(lesion_class.class_id),
                "name": lesion_class.name,
                "key": lesion_class.key,
                "colour": lesion_class.colour,
            },
        )
