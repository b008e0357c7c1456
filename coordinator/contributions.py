"""What sites have sent, as the next average needs it: kept, found again, and forgotten in time."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import and_, insert, select, update
from sqlalchemy.engine import Connection

from coordinator.averaging import KEPT_ROUNDS, SentUpdate
from coordinator.blobs import BlobFolder
from coordinator.parameters import Parameters, decode
from coordinator.protocol import UpdateMessage
from coordinator.tables import sites, updates
from coordinator.updates import SiteUpdate


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


def recent_updates(connection: Connection, blobs: BlobFolder, study_id: str) -> list[SentUpdate]:
    """Return the updates of member sites that some average may still need, in any order.

    Args:
        connection: A transaction.
        blobs: Where the arrays lie; each update loads its own when asked to.
        study_id: The study.
    """
    rows = connection.execute(
        select(updates)
        .join(sites, sites.c.site_id == updates.c.site_id)
        .where(sites.c.revoked_at.is_(None))
        .where(updates.c.study_id == study_id)
        .where(updates.c.kept_blob.is_not(None))
    )
    return [
        SentUpdate(
            site_id=row.site_id,
            round_number=row.round_number,
            sample_count=row.sample_count,
            domain_indices=tuple(row.domain_indices),
            load=_loader(blobs, row.blob),
            load_kept=_loader(blobs, row.kept_blob),
        )
        for row in rows
    ]


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


def _loader(blobs: BlobFolder, blob: str) -> Callable[[], Parameters]:
    return lambda: decode(blobs.get(blob), UpdateMessage)[0]
