"""How each study stands, in a line; and what its owner reads first on its page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from coordinator.dashboard.history import round_times
from coordinator.rounds.standing import OpenRound, find_standing
from coordinator.storage.studies import StudyRecord, list_studies
from coordinator.storage.tables import global_parameters, sites

_PACED_ROUNDS = 5
"""The pace of a study is the (upper) median over so many of its newest rounds."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A study at a glance."""

    record: StudyRecord
    state: str
    """As its owner knows it, see ``coordinator.rounds.standing.OwnersState``."""
    sentence: str
    averaged_count: int
    """Rounds done."""
    open_round: OpenRound | None
    here_count: int
    """Members heard of recently."""
    member_count: int
    published_at: datetime | None
    """When the newest global parameters came to be."""
    pace: timedelta | None
    """What a round takes at present; None before the first was averaged."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens in the study."""
        return self.state in ("finished", "stopped")

    @property
    def round_count(self) -> int:
        """Rounds that the study has in all."""
        return self.record.study.rounds.count

    @property
    def time_left(self) -> timedelta | None:
        """Return what the remaining rounds take at this pace; None if there is no telling."""
        if self.pace is None or self.state not in ("collecting", "waiting_for_sites"):
            return None
        return self.pace * (self.round_count - self.averaged_count)


def read_overviews(connection: Connection, now: datetime, study_id: str | None) -> list[Overview]:
    """Return the studies that an owner may see, the newest first.

    Args:
        connection: A transaction.
        now: The time.
        study_id: The only study that the owner may see; None for all.
    """
    return [
        read_overview(connection, record, now)
        for record in reversed(list_studies(connection))
        if study_id in (None, record.study_id)
    ]


def read_overview(connection: Connection, record: StudyRecord, now: datetime) -> Overview:
    """Return how a study stands."""
    plan = record.study.rounds
    standing = find_standing(connection, record, now)
    spans = round_times(connection, record.study_id, _PACED_ROUNDS)
    return Overview(
        record=record,
        state=standing.owners_state(plan),
        sentence=standing.sentence(plan),
        averaged_count=standing.averaged_count,
        open_round=standing.open_round,
        here_count=standing.site_count,
        member_count=_member_count(connection, record.study_id),
        published_at=_published_at(connection, record.study_id),
        pace=sorted(spans)[len(spans) // 2] if spans else None,
    )


def _member_count(connection: Connection, study_id: str) -> int:
    counted = select(func.count()).where(sites.c.study_id == study_id, sites.c.revoked_at.is_(None))
    return connection.execute(counted).scalar_one()


def _published_at(connection: Connection, study_id: str) -> datetime | None:
    return connection.execute(
        select(global_parameters.c.published_at)
        .where(global_parameters.c.study_id == study_id)
        .order_by(global_parameters.c.round_number.desc())
        .limit(1)
    ).scalar_one_or_none()
