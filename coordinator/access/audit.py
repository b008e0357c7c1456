"""Who did what, and when: an append-only log in which every entry's digest covers the one before.

An entry is written in the transaction of the act itself: neither exists without the other. Whoever
alters, removes or inserts an entry breaks the chain from there on. Who can write the whole table
could make the chain anew or cut off its end; so note the newest digest elsewhere now and then.
No entry holds a secret, a path or anything of a patient.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection, Row

from coordinator.storage.tables import audit_entries

Action = Literal[
    "study_created",
    "study_paused",
    "study_resumed",
    "study_stopped",
    "study_exported",
    "parameters_proposed",
    "proposal_approved",
    "proposal_rejected",
    "site_invited",
    "site_enrolled",
    "site_rotated",
    "domains_registered",
    "site_revoked",
    "site_left",
    "owner_issued",
    "owner_revoked",
    "owner_logged_in",
    "round_opened",
    "round_averaged",
    "round_abandoned",
    "update_accepted",
    "update_refused",
    "result_measured",
]

OPERATOR: Final = "operator"
"""Whoever uses the command line on the coordinator's machine."""
COORDINATOR: Final = "coordinator"
"""The program itself, when time or the last update moves a round."""

_BEFORE_THE_FIRST: Final = "0" * 64
_READ_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act; ``digest`` covers it and, through the digest before it, all earlier ones."""

    sequence: int
    at: datetime
    actor: str
    action: str
    study_id: str | None
    subject: Mapping[str, str | int]
    digest: str


def by_site(site_id: str) -> str:
    """Name a site as the one who acts."""
    return f"site {site_id}"


def by_owner(owner_id: str) -> str:
    """Name an owner as the one who acts."""
    return f"owner {owner_id}"


def record(
    connection: Connection,
    now: datetime,
    actor: str,
    action: Action,
    study_id: str | None,
    **subject: str | int,
) -> None:
    """Append an entry, in the transaction of the act.

    Args:
        connection: Of a writing transaction, in which nobody else can take the next sequence.
        now: When it happened.
        actor: ``OPERATOR``, ``COORDINATOR``, ``by_site(...)`` or ``by_owner(...)``.
        action: What was done.
        study_id: In which study; None for what concerns none or all.
        subject: To what, in ids, names and counts.
    """
    newest = connection.execute(
        select(audit_entries.c.sequence, audit_entries.c.digest)
        .order_by(audit_entries.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    sequence, previous = (1, _BEFORE_THE_FIRST) if newest is None else (newest[0] + 1, newest[1])
    act = AuditEntry(sequence, now, actor, action, study_id, subject, digest="")
    connection.execute(
        insert(audit_entries).values(
            sequence=sequence,
            at=now,
            actor=actor,
            action=action,
            study_id=study_id,
            subject=subject,
            digest=_chained(previous, act),
        )
    )


def verify(connection: Connection) -> int | None:
    """Return the sequence of the first entry that is missing or altered; None if all are whole."""
    expected, previous = 1, _BEFORE_THE_FIRST
    in_order = select(audit_entries).order_by(audit_entries.c.sequence)
    try:
        for row in connection.execute(in_order, execution_options={"yield_per": _READ_AT_ONCE}):
            entry = _entry(row)
            if entry.sequence != expected or entry.digest != _chained(previous, entry):
                return expected
            expected, previous = expected + 1, entry.digest
    except ValueError:
        return expected  # what is no longer a time or JSON was altered
    return None


def entries(
    connection: Connection, study_id: str | None = None, count: int = 100
) -> list[AuditEntry]:
    """Return the newest entries, the newest first.

    Args:
        connection: Of any transaction.
        study_id: Only what concerns this study; None for everything.
        count: At most so many.
    """
    newest_first = select(audit_entries).order_by(audit_entries.c.sequence.desc()).limit(count)
    if study_id is not None:
        newest_first = newest_first.where(audit_entries.c.study_id == study_id)
    return [_entry(row) for row in connection.execute(newest_first)]


def _chained(previous: str, entry: AuditEntry) -> str:
    """Return the digest of an entry that follows the one with digest ``previous``."""
    act = {
        "previous": previous,
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "study_id": entry.study_id,
        "subject": dict(entry.subject),
    }
    canonical = json.dumps(act, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    return AuditEntry(
        sequence=row.sequence,
        at=row.at,
        actor=row.actor,
        action=row.action,
        study_id=row.study_id,
        subject=row.subject,
        digest=row.digest,
    )
