"""The end of a site's membership: what it sent counts no more, and its files are forgotten.

What has been averaged already stays in the average: it cannot be taken out of a sum of which
nothing else is kept. Moments and styles leave with the next round's parameters, into which only
those of members go; bodies that were published before keep them.
"""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from coordinator.access.audit import OPERATOR, by_site, record
from coordinator.errors import SiteUnknownError
from coordinator.storage.tables import proposals, rounds, sites, updates


def revoke_site(connection: Connection, study_id: str, site_id: str, now: datetime) -> list[str]:
    """End a site's membership, as the operator; return the files that may go when this is durable.

    Its credential, its kept contributions and its statistics are void. Repeating it changes
    nothing.

    Raises:
        SiteUnknownError: if the study has no such site.
    """
    row = connection.execute(
        select(sites.c.site_name)
        .where(sites.c.study_id == study_id)
        .where(sites.c.site_id == site_id)
    ).one_or_none()
    if row is None:
        raise SiteUnknownError(
            f"Study {study_id} has no site {site_id!r}; `site list {study_id}` prints those it has"
        )
    forgotten = _end(connection, study_id, site_id, now)
    if forgotten is None:
        return []
    subject = {"site_id": site_id, "name": row.site_name, "file_count": len(forgotten)}
    record(connection, now, OPERATOR, "site_revoked", study_id, **subject)
    return forgotten


def leave_study(connection: Connection, study_id: str, site_id: str, now: datetime) -> list[str]:
    """End a member's own membership; return the files that may go when this is durable."""
    forgotten = _end(connection, study_id, site_id, now) or []
    counted = {"file_count": len(forgotten)}
    record(connection, now, by_site(site_id), "site_left", study_id, **counted)
    return forgotten


def _end(connection: Connection, study_id: str, site_id: str, now: datetime) -> list[str] | None:
    """End a membership and return the files that may go; None if it had ended before."""
    ended = connection.execute(
        update(sites)
        .where(sites.c.site_id == site_id)
        .where(sites.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return _forget_what_was_sent(connection, study_id, site_id) if ended.rowcount else None


def _forget_what_was_sent(connection: Connection, study_id: str, site_id: str) -> list[str]:
    """Name no file of the site any more, and let no average be published that it began with."""
    connection.execute(
        delete(proposals)
        .where(proposals.c.study_id == study_id)
        .where(proposals.c.site_id == site_id)
    )
    connection.execute(
        update(rounds)
        .where(rounds.c.study_id == study_id)
        .where(rounds.c.state == "collecting")
        .values(version=rounds.c.version + 1)
    )
    of_site = (updates.c.study_id == study_id, updates.c.site_id == site_id)
    rows = connection.execute(select(updates.c.blob, updates.c.kept_blob).where(*of_site)).all()
    connection.execute(update(updates).where(*of_site).values(blob=None, kept_blob=None))
    return [name for row in rows for name in row if name is not None]
