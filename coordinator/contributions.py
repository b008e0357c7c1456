"""What sites have sent, as the next average needs it: kept, found again, and forgotten in time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, insert, select, update
from sqlalchemy.engine import Connection, Row

from coordinator.averaging import Contribution, kept_weights, round_weights
from coordinator.blobs import BlobFolder
from coordinator.parameters import MOMENTS_PREFIX, Parameters, decode, split_moments
from coordinator.protocol import UpdateMessage
from coordinator.store import sites, updates
from coordinator.updates import SiteUpdate

KEPT_ROUNDS: Final = 10
"""How many rounds an absent domain's last contribution counts; the method, "What to build"."""


def keep_update(
    connection: Connection, sent: SiteUpdate, blob: str, kept_blob: str, now: datetime
) -> None:
    """Enter an accepted update whose files are durable."""
    message = sent.message
    connection.execute(
        insert(updates).values(
            study_id=message.study_id,
            round_number=message.round_number,
            site_id=message.site_id,
            digest=sent.digest,
            sample_count=message.sample_count,
            domain_indices=list(message.domain_indices),
            moment_indices=sent.moment_indices,
            metrics_before=message.metrics_before.model_dump(),
            blob=blob,
            kept_blob=kept_blob,
            received_at=now,
        )
    )


def sent_digest(
    connection: Connection, study_id: str, round_number: int, site_id: str
) -> str | None:
    """Return the digest of the update that a site sent for a round, if it did."""
    return connection.execute(
        select(updates.c.digest).where(
            updates.c.study_id == study_id,
            updates.c.round_number == round_number,
            updates.c.site_id == site_id,
        )
    ).scalar_one_or_none()


def round_contributions(
    connection: Connection,
    blobs: BlobFolder,
    study_id: str,
    round_number: int,
    present: frozenset[str],
) -> list[Contribution]:
    """Return what each site adds to a round's average.

    Args:
        connection: A transaction.
        blobs: Where the parameters lie; each contribution loads its own when asked to.
        study_id: The study.
        round_number: The round.
        present: Sites whose update of this very round counts. Of the others, only the domain
            classifier of their last update does, if it is at most ``KEPT_ROUNDS`` rounds old.
    """
    newest: dict[str, Row[Any]] = {}
    for row in connection.execute(_recent(study_id, round_number)):
        newest.setdefault(row.site_id, row)
    return [
        Contribution(
            site_id=site_id,
            weights=round_weights(row.sample_count, len(row.domain_indices))
            if site_id in present
            else kept_weights(len(row.domain_indices)),
            load=_loader(blobs, row.blob if site_id in present else row.kept_blob),
        )
        for site_id, row in newest.items()
    ]


def newest_moments(
    connection: Connection, blobs: BlobFolder, study_id: str, round_number: int
) -> Parameters:
    """Return each domain's newest moments, if they are at most ``KEPT_ROUNDS`` rounds old."""
    blob_of: dict[int, str] = {}
    for row in connection.execute(_recent(study_id, round_number)):
        for index in row.moment_indices:
            blob_of.setdefault(index, row.kept_blob)
    moments: Parameters = {}
    for blob in sorted(set(blob_of.values())):
        arrays = decode(blobs.get(blob), UpdateMessage)[0]
        for index in (index for index, source in blob_of.items() if source == blob):
            prefix = f"{MOMENTS_PREFIX}{index}."
            moments.update({n: a for n, a in arrays.items() if n.startswith(prefix)})
    return moments


def forget_old(connection: Connection, study_id: str, round_number: int) -> list[str]:
    """Drop what no average after ``round_number`` needs; return the blobs that may go.

    Whole bodies go with their round, what is kept of them ``KEPT_ROUNDS`` rounds later.
    """
    lifetimes = ((updates.c.blob, 0), (updates.c.kept_blob, KEPT_ROUNDS))
    dropped: list[str] = []
    for column, rounds_kept in lifetimes:
        expired = and_(
            updates.c.study_id == study_id,
            updates.c.round_number <= round_number - rounds_kept,
            column.is_not(None),
        )
        dropped += connection.execute(select(column).where(expired)).scalars()
        connection.execute(update(updates).where(expired).values({column.name: None}))
    return dropped


def _recent(study_id: str, round_number: int) -> Select[tuple[Any, ...]]:
    """Select what member sites sent in the rounds that still count, the newest first."""
    return (
        select(updates)
        .join(sites, sites.c.site_id == updates.c.site_id)
        .where(sites.c.revoked_at.is_(None))
        .where(updates.c.study_id == study_id)
        .where(updates.c.round_number <= round_number)
        .where(updates.c.round_number >= round_number - KEPT_ROUNDS)
        .order_by(updates.c.round_number.desc(), updates.c.site_id)
    )


def _loader(blobs: BlobFolder, blob: str) -> Callable[[], Parameters]:
    return lambda: split_moments(decode(blobs.get(blob), UpdateMessage)[0])[0]
