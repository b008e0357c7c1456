"""The sites of a study as its owner sees them: who is here, since when, with which version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from coordinator.rounds.presence import seen_sites
from coordinator.storage.studies import StudyRecord
from coordinator.storage.tables import domains, sites, updates


@dataclass(frozen=True, slots=True)
class RosterSite:
    """A site, with what it has done in the study so far."""

    site_id: str
    site_name: str
    program: str | None
    """As the site's program names itself, such as ``SiteBlind/0.1.0``."""
    extractor: str
    """Which of the study's feature extractors it has."""
    enrolled_at: datetime
    last_seen_at: datetime
    is_revoked: bool
    is_here: bool
    """Whether it was heard of recently, by the study's own measure."""
    domain_count: int
    recognised: float | None
    """How well the features of its domains gave them away in the newest round; see leakage."""
    update_count: int
    newest_round: int | None
    """The last round that it sent an accepted update for."""
    sample_count: int | None
    """Images that its newest update was trained on."""


def read_roster(
    connection: Connection, record: StudyRecord, by_domain: Mapping[int, float], now: datetime
) -> list[RosterSite]:
    """Return all sites of a study, the members before those that left, then by name.

    Args:
        connection: A transaction.
        record: The study.
        by_domain: How well each domain was recognised, of those that took part in the newest round.
        now: The time.
    """
    here = seen_sites(connection, record, now)
    sent = _sent(connection, record.study_id)
    owned = _domains(connection, record.study_id)
    rows = connection.execute(select(sites).where(sites.c.study_id == record.study_id)).all()
    roster = [
        RosterSite(
            site_id=row.site_id,
            site_name=row.site_name,
            program=row.program,
            extractor=row.extractor or record.study.model.extractor,
            enrolled_at=row.enrolled_at,
            last_seen_at=row.last_seen_at,
            is_revoked=row.revoked_at is not None,
            is_here=row.site_id in here,
            domain_count=len(owned.get(row.site_id, ())),
            recognised=_mean([by_domain[d] for d in owned.get(row.site_id, ()) if d in by_domain]),
            update_count=sent[row.site_id][0] if row.site_id in sent else 0,
            newest_round=sent[row.site_id][1] if row.site_id in sent else None,
            sample_count=sent[row.site_id][2] if row.site_id in sent else None,
        )
        for row in rows
    ]
    return sorted(roster, key=lambda s: (s.is_revoked, s.site_name.casefold(), s.site_id))


def _sent(connection: Connection, study_id: str) -> dict[str, tuple[int, int, int]]:
    """Return by site: accepted updates, the newest one's round, and its sample count."""
    of_site = (
        select(
            updates.c.site_id,
            func.count().label("update_count"),
            func.max(updates.c.round_number).label("newest_round"),
        )
        .where(updates.c.study_id == study_id)
        .group_by(updates.c.site_id)
        .subquery()
    )
    rows = connection.execute(
        select(of_site, updates.c.sample_count)
        .join(updates, updates.c.site_id == of_site.c.site_id)
        .where(updates.c.study_id == study_id)
        .where(updates.c.round_number == of_site.c.newest_round)
    )
    return {row.site_id: (row.update_count, row.newest_round, row.sample_count) for row in rows}


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _domains(connection: Connection, study_id: str) -> dict[str, tuple[int, ...]]:
    owned: dict[str, tuple[int, ...]] = {}
    rows = connection.execute(
        select(domains.c.site_id, domains.c.domain_index)
        .where(domains.c.study_id == study_id)
        .order_by(domains.c.domain_index)
    )
    for row in rows:
        owned[row.site_id] = (*owned.get(row.site_id, ()), row.domain_index)
    return owned
