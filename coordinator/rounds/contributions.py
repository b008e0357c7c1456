"""What sites have sent, as the next average needs it: kept, found again, and forgotten in time."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import and_, bindparam, insert, or_, select, update
from sqlalchemy.engine import Connection

from coordinator.method.weighting import KEPT_ROUNDS, SentUpdate
from coordinator.rounds.updates import SiteUpdate, kept_parts
from coordinator.storage.blobs import Shelf
from coordinator.storage.studies import StudyRecord
from coordinator.storage.tables import sites, updates

_SENT_DIGEST: Final = select(updates.c.digest).where(
    updates.c.study_id == bindparam("study_id"),
    updates.c.round_number == bindparam("round_number"),
    updates.c.site_id == bindparam("site_id"),
)


def keep_update(connection: Connection, sent: SiteUpdate, now: datetime) -> None:
    """Enter an accepted update whose file is durable."""
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
            blob=sent.blob,
            received_at=now,
        )
    )


def sent_digest(
    connection: Connection, study_id: str, round_number: int, site_id: str
) -> str | None:
    """Return the digest of the update that a site sent for a round, if it did."""
    named = {"study_id": study_id, "round_number": round_number, "site_id": site_id}
    return connection.execute(_SENT_DIGEST, named).scalar_one_or_none()


def recent_updates(connection: Connection, blobs: Shelf, record: StudyRecord) -> list[SentUpdate]:
    """Return the updates of member sites that some average may still need, in any order.

    Args:
        connection: A transaction.
        blobs: Where the arrays lie; each update opens its own when asked to.
        record: The study.
    """
    rows = connection.execute(
        select(updates, sites.c.extractor)
        .join(sites, sites.c.site_id == updates.c.site_id)
        .where(sites.c.revoked_at.is_(None))
        .where(updates.c.study_id == record.study_id)
        .where(or_(updates.c.blob.is_not(None), updates.c.kept_blob.is_not(None)))
    )
    return [
        SentUpdate(
            site_id=row.site_id,
            round_number=row.round_number,
            sample_count=row.sample_count,
            extractor=row.extractor or record.study.model.extractor,
            domain_indices=tuple(row.domain_indices),
            open_arrays=partial(blobs.body, row.blob or row.kept_blob),
        )
        for row in rows
    ]


def put_kept(blobs: Shelf, sent: SentUpdate) -> str:
    """Put what outlives an update's round into a file of its own, and return its name.

    The name is durable when the round's average is put beside it.
    """
    # Whose it is makes the file differ from every other, so that it can be forgotten alone.
    metadata = {"site_id": sent.site_id, "round_number": str(sent.round_number)}
    parts = kept_parts(sent.open_arrays(), metadata)
    return blobs.put(parts, is_followed=True).name


def forget_old(
    connection: Connection, study_id: str, round_number: int, kept: Mapping[str, str]
) -> list[str]:
    """Drop what no average after ``round_number`` needs; return the blobs that may go.

    Args:
        connection: A transaction.
        study_id: The study.
        round_number: The round that is averaged now. Whole bodies go with it, what is kept of
            them ``KEPT_ROUNDS`` rounds later.
        kept: What ``put_kept`` made of the round's updates, by site.
    """
    of_study = updates.c.study_id == study_id
    for site_id, blob in kept.items():
        of_site = and_(updates.c.round_number == round_number, updates.c.site_id == site_id)
        connection.execute(update(updates).where(of_study, of_site).values(kept_blob=blob))
    dropped: list[str] = []
    for column, rounds_kept in ((updates.c.blob, 0), (updates.c.kept_blob, KEPT_ROUNDS)):
        is_old = updates.c.round_number <= round_number - rounds_kept
        expired = and_(of_study, is_old, column.is_not(None))
        dropped += connection.execute(select(column).where(expired)).scalars()
        connection.execute(update(updates).where(expired).values({column.name: None}))
    return dropped
