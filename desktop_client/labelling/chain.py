"""The arithmetic of the audit trail: what an entry's digest covers, and how one is appended.

Each digest is the SHA-256 of the entry as canonical JSON together with the digest before it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

BEFORE_THE_FIRST: Final = "0" * 64

Details = Mapping[str, str | int | float | None]
"""What an act was about, in ids, names and numbers; never a patient, a path or a secret."""


class Tables(Protocol):
    """What is needed of the database, so that migrations can append, too."""

    def read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""

    def write(self, sql: str, *values: object) -> int:
        """Carry out one statement."""


def canonical(value: object) -> str:
    """Write JSON in the one way in which equal values have equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def chained(previous: str, sequence: int, at: str, reader: str, kind: str, details: str) -> str:
    """Return the digest of an entry that follows the one with digest ``previous``."""
    entry = {
        "previous": previous,
        "sequence": sequence,
        "at": at,
        "reader": reader,
        "kind": kind,
        "details": details,
    }
    return hashlib.sha256(canonical(entry).encode()).hexdigest()


def append_act(tables: Tables, at: str, reader: str, kind: str, details: Details) -> None:
    """Append an entry about anything but images' labels, in the transaction of the act."""
    _append(tables, at, reader, kind, canonical(dict(details)), None)


def append_action(tables: Tables, at: str, action_id: int) -> None:
    """Append the entry of an action on images once all of its events are written."""
    ((reader, kind),) = tables.read(
        "SELECT reader, kind FROM actions WHERE action_id = ?", action_id
    )
    _append(tables, at, reader, kind, details_of_action(tables, action_id), action_id)


def details_of_action(tables: Tables, action_id: int) -> str:
    """Return what an entry says of an action: its links, and a digest of all of its events.

    ``said_at`` is earlier than the entry where a table tells when a label was given. The events
    are not repeated in the chain but digested where they lie, so that altering one breaks it.
    """
    (links,) = tables.read(
        "SELECT happened_at, draw_id, subject, before, after FROM actions WHERE action_id = ?",
        action_id,
    )
    digest, image_count = hashlib.sha256(), 0
    for row in events_of_action(tables, action_id):
        digest.update(canonical(row).encode() + b"\n")
        image_count += 1
    names = ("said_at", "draw_id", "subject", "before", "after")
    return canonical(
        {
            "action_id": action_id,
            **{name: link for name, link in zip(names, links, strict=True) if link is not None},
            "image_count": image_count,
            "events_digest": digest.hexdigest(),
        }
    )


def events_of_action(tables: Tables, action_id: int) -> Iterator[tuple[str | int | None, ...]]:
    """Yield an action's events as they are digested; each begins with what it changed."""
    for query in _EVENTS:
        yield from tables.read(query, action_id)


def digest_of_draw(tables: Tables, draw_id: int) -> str:
    """Return a digest of which images were drawn, and of their labels at that moment."""
    rows = tables.read(
        "SELECT sample_id, first_class_id, first_reader FROM drawn_samples "
        "WHERE draw_id = ? ORDER BY position",
        draw_id,
    )
    return hashlib.sha256(canonical(rows).encode()).hexdigest()


_EVENTS: Final = (
    """
    SELECT 'label', sample_id, class_id, origin, previous_class_id, previous_origin
    FROM label_events WHERE action_id = ? ORDER BY event_id
    """,
    """
    SELECT aspect, sample_id, words, previous_words
    FROM remark_events WHERE action_id = ? ORDER BY event_id
    """,
    """
    SELECT 'read', draw_id, sample_id, class_id, previous_class_id
    FROM read_events WHERE action_id = ? ORDER BY event_id
    """,
)


def _append(
    tables: Tables, at: str, reader: str, kind: str, details: str, action_id: int | None
) -> None:
    newest = tables.read(
        "SELECT sequence, digest FROM audit_entries ORDER BY sequence DESC LIMIT 1"
    )
    sequence, previous = (newest[0][0] + 1, newest[0][1]) if newest else (1, BEFORE_THE_FIRST)
    tables.write(
        """
        INSERT INTO audit_entries (sequence, happened_at, reader, kind, details, action_id, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        sequence,
        at,
        reader,
        kind,
        details,
        action_id,
        chained(previous, sequence, at, reader, kind, details),
    )
