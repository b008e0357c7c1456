"""How a study stands: its open round, its sites, and what each of them is told. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection

from coordinator.initial import may_propose, pending_proposal
from coordinator.protocol import RoundReply
from coordinator.published import PackedParameters, newest_published
from coordinator.studies import StudyRecord, find_study
from coordinator.study import RoundPlan
from coordinator.tables import picks, rounds, sites, updates

State = Literal["waiting_for_parameters", "waiting_for_sites", "collecting", "finished"]


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round that collects updates, as one transaction saw it."""

    study_id: str
    round_number: int
    attempt: int
    deadline_at: datetime
    version: int
    """Grows with every accepted update."""
    picked: frozenset[str]
    """The picked sites that are still members."""
    sent: frozenset[str]
    """Those of them whose update is in."""

    def is_over(self, now: datetime) -> bool:
        """Return whether nothing more is waited for."""
        return self.sent == self.picked or now >= self.deadline_at

    def has_quorum(self, finish_quorum: int) -> bool:
        """Return whether the updates suffice; a round of few sites needs no more than those."""
        return 0 < min(finish_quorum, len(self.picked)) <= len(self.sent)


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the reply to a polling site is made of."""

    newest: PackedParameters | None
    open_round: OpenRound | None
    site_count: int
    """Members seen recently."""
    has_proposal: bool

    def state(self, plan: RoundPlan) -> State:
        """Return the study's state as sites know it."""
        if self.newest is None:
            return "waiting_for_parameters"
        if self.newest.round_number >= plan.count:
            return "finished"
        return "waiting_for_sites" if self.open_round is None else "collecting"

    def round_number(self, plan: RoundPlan) -> int:
        """Return the number of the open round, or else of the one to come; the last at the end."""
        if self.newest is None:
            return 0
        return min(self.newest.round_number + 1, plan.count)

    def sentence(self, plan: RoundPlan) -> str:
        """Return what a person reads about it."""
        state, number = self.state(plan), self.round_number(plan)
        if state == "waiting_for_parameters":
            if self.has_proposal:
                return "The proposed initial parameters wait for the study owner's approval"
            return "The study waits for its initial parameters"
        if state == "finished":
            return f"All {plan.count} rounds are averaged; the study is finished"
        if self.open_round is None:
            return (
                f"Round {number} of {plan.count} waits for sites: {self.site_count} of at least "
                f"{plan.start_quorum} are here"
            )
        return (
            f"Round {number} of {plan.count}: {len(self.open_round.sent)} of "
            f"{len(self.open_round.picked)} picked sites have sent their update"
        )


def find_standing(connection: Connection, record: StudyRecord, now: datetime) -> Standing:
    """Return how a study stands."""
    return Standing(
        newest=newest_published(connection, record.study_id),
        open_round=find_open_round(connection, record.study_id),
        site_count=len(seen_sites(connection, record, now)),
        has_proposal=pending_proposal(connection, record.study_id) is not None,
    )


def reply_to(connection: Connection, study_id: str, site_id: str, now: datetime) -> RoundReply:
    """Return what a site should know and do now."""
    record = find_study(connection, study_id)
    plan = record.study.rounds
    standing = find_standing(connection, record, now)
    current = standing.open_round
    return RoundReply(
        state=standing.state(plan),
        sentence=standing.sentence(plan),
        round_number=standing.round_number(plan),
        round_count=plan.count,
        is_picked=current is not None and site_id in current.picked,
        is_update_accepted=current is not None and site_id in current.sent,
        picked_count=len(current.picked) if current else 0,
        update_count=len(current.sent) if current else 0,
        site_count=standing.site_count,
        deadline_at=current.deadline_at if current else None,
        global_parameters=standing.newest.reference if standing.newest else None,
        may_propose_parameters=standing.newest is None
        and may_propose(connection, record, site_id, now),
        poll_after_s=plan.poll_s,
    )


def find_open_round(connection: Connection, study_id: str) -> OpenRound | None:
    """Return the round of a study that collects updates, if any."""
    row = connection.execute(
        select(rounds).where(rounds.c.study_id == study_id, rounds.c.state == "collecting")
    ).one_or_none()
    if row is None:
        return None
    members = connection.execute(
        select(picks.c.site_id, updates.c.digest)
        .join(sites, sites.c.site_id == picks.c.site_id)
        .outerjoin(
            updates,
            and_(
                updates.c.study_id == picks.c.study_id,
                updates.c.round_number == picks.c.round_number,
                updates.c.site_id == picks.c.site_id,
            ),
        )
        .where(picks.c.study_id == study_id)
        .where(picks.c.round_number == row.round_number, picks.c.attempt == row.attempt)
        .where(sites.c.revoked_at.is_(None))
    ).all()
    return OpenRound(
        study_id=study_id,
        round_number=row.round_number,
        attempt=row.attempt,
        deadline_at=row.deadline_at,
        version=row.version,
        picked=frozenset(member.site_id for member in members),
        sent=frozenset(member.site_id for member in members if member.digest is not None),
    )


def seen_sites(connection: Connection, record: StudyRecord, now: datetime) -> set[str]:
    """Return the members of a study that were heard of recently, by the study's own measure."""
    seen_since = now - timedelta(seconds=record.study.rounds.seen_within_s)
    return set(
        connection.execute(
            select(sites.c.site_id)
            .where(sites.c.study_id == record.study_id)
            .where(sites.c.last_seen_at >= seen_since)
            .where(sites.c.revoked_at.is_(None))
        ).scalars()
    )


def count_attempts(connection: Connection, study_id: str, round_number: int) -> int:
    """Return how many times a round was opened."""
    counted = (
        select(func.count())
        .select_from(rounds)
        .where(rounds.c.study_id == study_id, rounds.c.round_number == round_number)
    )
    return connection.execute(counted).scalar_one()
