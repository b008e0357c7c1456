"""The audit trail: every act with its reader and time, in a chain that shows any alteration.

An entry is written in the transaction of the act itself: neither exists without the other. Whoever
alters, removes or inserts an entry or an event breaks the chain from there on. Who can write the
whole file could make the chain anew or cut off its end; so note the newest digest elsewhere now
and then. No entry names a patient or a file.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from desktop_client.errors import AuditTrailBrokenError
from desktop_client.labelling.chain import (
    BEFORE_THE_FIRST,
    Details,
    append_act,
    chained,
    details_of_action,
    digest_of_draw,
    events_of_action,
)
from desktop_client.labelling.database import Database


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act; ``digest`` covers it and, through the digest before it, all earlier ones."""

    sequence: int
    happened_at: str
    """In UTC, as ISO 8601."""
    reader: str
    kind: str
    details: str
    """A JSON object."""
    action_id: int | None
    """The action whose events the details digest; None for acts that concern no image."""
    digest: str


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """How long a whole chain is, and the digest to keep elsewhere."""

    entry_count: int
    digest: str


class AuditTrail:
    """The chain of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, kind: str, reader: str, details: Details) -> None:
        """Append an act; call it in the transaction of what it tells of.

        Args:
            kind: What was done, like ``images_exported``.
            reader: Who did it.
            details: In ids, names of classes and counts; never a patient, a path or a secret.
        """
        with self._database.transaction():
            append_act(self._database, datetime.now(UTC).isoformat(), reader, kind, details)

    def entries(self) -> Iterator[AuditEntry]:
        """Yield all entries, oldest first."""
        last = 0
        while rows := self._database.read(
            """
            SELECT sequence, happened_at, reader, kind, details, action_id, digest
            FROM audit_entries WHERE sequence > ? ORDER BY sequence LIMIT 1000
            """,
            last,
        ):
            yield from (AuditEntry(*row) for row in rows)
            last = rows[-1][0]

    def entry_count(self) -> int:
        """Return how many entries there are."""
        [(count,)] = self._database.read("SELECT count(*) FROM audit_entries")
        return int(count)

    def verify(self) -> ChainEnd:
        """Check every entry, every event and every label that is shown.

        Raises:
            AuditTrailBrokenError: naming the first entry that is missing or altered.
        """
        *_, end = self.verifying()
        return end

    def verifying(self) -> Iterator[ChainEnd]:
        """Do as ``verify`` does; yield how far it came after every entry, and at the end."""
        count, previous = 0, BEFORE_THE_FIRST
        class_names: dict[str, str] = {}
        for entry in self.entries():
            count += 1
            if entry.sequence != count or not self._is_whole(entry, previous):
                raise AuditTrailBrokenError(
                    f"Entry {count} of the audit trail is missing or was altered; nothing from "
                    "there on can be relied on. Compare with a backup."
                )
            previous = entry.digest
            class_names |= _class_named_by(entry)
            yield ChainEnd(count, previous)
        self._check_nothing_beside(count)
        self._check_class_names(class_names)
        yield ChainEnd(count, previous)

    def events_of(self, entry: AuditEntry) -> list[tuple[str | int | None, ...]]:
        """Return what an entry's action changed, image by image; nothing for other acts."""
        if entry.action_id is None:
            return []
        return list(events_of_action(self._database, entry.action_id))

    def _is_whole(self, entry: AuditEntry, previous: str) -> bool:
        told = (entry.reader, entry.kind)
        digest = chained(previous, entry.sequence, entry.happened_at, *told, entry.details)
        if entry.digest != digest:
            return False
        if entry.action_id is None:
            return self._is_whole_act(entry)
        done = self._database.read(
            "SELECT reader, kind FROM actions WHERE action_id = ?", entry.action_id
        )
        return done == [told] and entry.details == details_of_action(
            self._database, entry.action_id
        )

    def _is_whole_act(self, entry: AuditEntry) -> bool:
        """Whether an act is none on images, and what it drew, if anything, is what was drawn."""
        details = details_of(entry)
        if "events_digest" in details:  # the entry no longer leads to its action
            return False
        if "drawn_digest" not in details:
            return True
        draw_id = int(details["draw_id"] or 0)
        drawn = self._database.read(
            "SELECT reader, share, seed FROM draws WHERE draw_id = ?", draw_id
        )
        return drawn == [(entry.reader, details["share"], details["seed"])] and details[
            "drawn_digest"
        ] == digest_of_draw(self._database, draw_id)

    def _check_nothing_beside(self, entry_count: int) -> None:
        """Refuse actions and events without an entry, and labels that no event gave."""
        unrecorded = self._database.read(_UNRECORDED)
        if unrecorded:
            raise AuditTrailBrokenError(
                f"{len(unrecorded)} acts are not in the audit trail: its end was cut off, or they "
                f"were written past this program. Compare its {entry_count} entries with a backup."
            )
        if unfounded := sum(count for ((count,),) in map(self._database.read, _UNFOUNDED)):
            raise AuditTrailBrokenError(
                f"{unfounded} labels or remarks differ from what the audit trail says; they were "
                "written past this program. Compare with a backup."
            )

    def _check_class_names(self, told: Mapping[str, str]) -> None:
        """Refuse classes by other names: every label of one would say something else."""
        for class_id, name in self._database.read("SELECT class_id, name FROM classes"):
            if told.get(class_id, name) != name:  # none is told of classes older than the trail
                raise AuditTrailBrokenError(
                    f"The class {name!r} is {told[class_id]!r} in the audit trail; it was renamed "
                    "past this program. Compare with a backup."
                )


# Events, too: whoever writes past this program may leave out the action they belong to.
_UNRECORDED: Final = """
    SELECT action_id FROM (
        SELECT action_id FROM actions
        UNION SELECT action_id FROM label_events
        UNION SELECT action_id FROM remark_events
        UNION SELECT action_id FROM read_events
    ) EXCEPT SELECT action_id FROM audit_entries
"""

# The newest event is that of the newest action: the chain covers actions' numbers, not events'.
# SQLite takes the other columns from the row that has the maximum.
_UNFOUNDED: Final = (
    """
    SELECT count(*) FROM samples LEFT JOIN (
        SELECT sample_id, class_id, origin, max(action_id) FROM label_events GROUP BY sample_id
    ) AS newest USING (sample_id)
    WHERE samples.class_id IS NOT newest.class_id OR samples.origin IS NOT newest.origin
    """,
    *(
        f"""
        SELECT count(*) FROM samples LEFT JOIN (
            SELECT sample_id, words, max(action_id) FROM remark_events
            WHERE aspect = '{aspect}' GROUP BY sample_id
        ) AS newest USING (sample_id)
        WHERE nullif(samples.{aspect}, '') IS NOT newest.words
        """  # noqa: S608  one of two constants
        for aspect in ("exclusion", "note")
    ),
    """
    SELECT count(*) FROM drawn_samples AS drawn LEFT JOIN (
        SELECT draw_id, sample_id, class_id, max(action_id) FROM read_events
        GROUP BY draw_id, sample_id
    ) AS newest USING (draw_id, sample_id)
    WHERE drawn.class_id IS NOT newest.class_id
    """,
)


def _class_named_by(entry: AuditEntry) -> dict[str, str]:
    """Return the name that an act gives to a class, by the class's id."""
    if not entry.kind.startswith("class_"):
        return {}
    details = details_of(entry)
    return {str(details["class_id"]): str(details["name"])} if "name" in details else {}


def details_of(entry: AuditEntry) -> dict[str, str | int | float | None]:
    """Return an entry's details as a mapping."""
    details: dict[str, str | int | float | None] = json.loads(entry.details)
    return details
