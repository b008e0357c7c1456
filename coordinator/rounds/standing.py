"""How a study stands: its open round, its sites, and what each of them is told. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, cast

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.engine import Connection

from coordinator.method.selection import Draw, draw_of
from coordinator.protocol import RoundReply
from coordinator.rounds.initial import may_propose, pending_proposal
from coordinator.rounds.naming import names_for_sites
from coordinator.rounds.presence import count_here, count_seen, ready_sites
from coordinator.rounds.published import PackedParameters, newest_models
from coordinator.storage.memberships import Membership
from coordinator.storage.studies import Course, StudyRecord
from coordinator.storage.tables import picks, rounds, sites, updates
from coordinator.study import RoundPlan

State = Literal["waiting_for_parameters", "waiting_for_sites", "collecting", "paused", "finished"]
"""As sites know it: whoever ended the study, nothing is left for them to do."""
OwnersState = State | Literal["stopped"]
"""As its owner knows it: finished is a study whose every round was averaged."""
_BETWEEN_IDS: Final = ","
# Made once, since making a statement takes as long as executing it; the ids as one text each,
# since a row for each picked site would take more than all else.
_OPEN_ROUND: Final = (
    select(
        *(rounds.c.round_number, rounds.c.attempt, rounds.c.deadline_at, rounds.c.version),
        func.aggregate_strings(sites.c.site_id, _BETWEEN_IDS).label("picked"),
        func.aggregate_strings(updates.c.site_id, _BETWEEN_IDS).label("sent"),
    )
    .outerjoin(
        picks,
        and_(
            picks.c.study_id == rounds.c.study_id,
            picks.c.round_number == rounds.c.round_number,
            picks.c.attempt == rounds.c.attempt,
        ),
    )
    .outerjoin(sites, and_(sites.c.site_id == picks.c.site_id, sites.c.revoked_at.is_(None)))
    .outerjoin(
        updates,
        and_(
            updates.c.study_id == rounds.c.study_id,
            updates.c.round_number == rounds.c.round_number,
            updates.c.site_id == sites.c.site_id,
        ),
    )
    .where(rounds.c.study_id == bindparam("study_id"), rounds.c.state == "collecting")
    .group_by(*rounds.primary_key)
)


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

    @property
    def key(self) -> tuple[str, int, int]:
        """Return what tells this attempt at this round from all others."""
        return self.study_id, self.round_number, self.attempt

    @property
    def waited_for(self) -> frozenset[str]:
        """Return the picked sites whose update is not in."""
        return self.picked - self.sent

    def quorum(self, plan: RoundPlan) -> int:
        """Return how many updates suffice after the deadline; a round needs no more than all."""
        return min(plan.finish_quorum, len(self.picked))

    def is_complete(self, plan: RoundPlan, now: datetime) -> bool:
        """Return whether the round is to be averaged with what is there."""
        if not self.picked:
            return False
        return not self.waited_for or (
            now >= self.deadline_at and len(self.sent) >= self.quorum(plan)
        )

    def is_short(self, plan: RoundPlan, now: datetime) -> bool:
        """Return whether the deadline has passed with too few updates."""
        return now >= self.deadline_at and not self.is_complete(plan, now)


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the reply to a polling site is made of."""

    course: Course
    newest: Mapping[str, PackedParameters]
    """The newest global parameters by extractor; empty without initial ones."""
    open_round: OpenRound | None
    site_count: int
    """Members seen recently."""
    has_proposal: bool
    """Whether it has no parameters yet, but proposed ones that wait for approval."""
    at: datetime
    """When all this was so."""
    here_count: int = 0
    """Members who can take part in the next round, counted while the study waits for sites: see
    ``selection.Draw.here``."""
    unready_count: int = 0
    """Members seen recently who have not said what they train on, and so are not picked; counted
    likewise."""

    @property
    def newest_round(self) -> int | None:
        """Return the last round that was averaged, 0 before the first; None before all of them."""
        return next((packed.round_number for packed in self.newest.values()), None)

    @property
    def averaged_count(self) -> int:
        """Return how many rounds are averaged."""
        return self.newest_round or 0

    def state(self, plan: RoundPlan) -> State:
        """Return the study's state as sites know it."""
        if self.course == "stopped":
            return "finished"
        if self.newest_round is None:
            return "waiting_for_parameters"
        if self.averaged_count >= plan.count:
            return "finished"
        if self.open_round is not None:
            return "collecting"
        return "paused" if self.course == "paused" else "waiting_for_sites"

    def can_open(self, plan: RoundPlan) -> bool:
        """Return whether the next round may open."""
        return self.state(plan) == "waiting_for_sites" and self.here_count >= plan.start_quorum

    def owners_state(self, plan: RoundPlan) -> OwnersState:
        """Return the study's state as its owner knows it."""
        return "stopped" if self.course == "stopped" else self.state(plan)

    def round_number(self, plan: RoundPlan) -> int:
        """Return the number of the open round, or else of the one to come; the last at the end."""
        if self.newest_round is None or self.state(plan) == "finished":
            return self.averaged_count
        return self.averaged_count + 1

    def sentence(self, plan: RoundPlan) -> str:
        """Return what a person reads about it."""
        number = f"Round {self.round_number(plan)} of {plan.count}"
        match self.state(plan):
            case "waiting_for_parameters" if self.has_proposal:
                return "The proposed initial parameters wait for the study owner's approval"
            case "waiting_for_parameters":
                return "The study waits for its initial parameters"
            case "finished" if self.newest_round is None:
                return "The study owner has stopped the study before it had a model"
            case "finished" if self.course == "stopped" and not self.averaged_count:
                return (
                    "The study owner has stopped the study before a round was averaged; its model "
                    "is the untrained one it began from"
                )
            case "finished" if self.course == "stopped":
                return (
                    f"The study owner has stopped the study with {self.averaged_count} of "
                    f"{plan.count} rounds averaged; the newest parameters are its result"
                )
            case "finished":
                return f"All {plan.count} rounds are averaged; the study is finished"
            case "paused":
                return f"{number} waits: the study owner has paused the study"
            case "waiting_for_sites":
                return (
                    f"{number} waits for sites: {self.here_count} of at least "
                    f"{plan.start_quorum} are here{self._unready()}"
                )
        collected = self._collected(plan)
        return f"{number}: {collected}" + ("; then the study pauses" * (self.course == "paused"))

    def _unready(self) -> str:
        if not self.unready_count:
            return ""
        have = "has" if self.unready_count == 1 else "have"
        return f"; {self.unready_count} more {have} joined, but not yet with images to train on"

    def _collected(self, plan: RoundPlan) -> str:
        current = cast(OpenRound, self.open_round)
        sent = len(current.sent)
        if not current.is_short(plan, self.at):
            return f"{sent} of {len(current.picked)} picked sites have sent their update"
        return (
            f"the deadline has passed with {sent} of the {current.quorum(plan)} updates that are "
            f"needed; it waits for the {len(current.waited_for)} picked sites that are late"
        )


def find_standing(connection: Connection, record: StudyRecord, now: datetime) -> Standing:
    """Return how a study stands."""
    newest = newest_models(connection, record.study_id)
    standing = Standing(
        course=record.course,
        newest=newest,
        open_round=find_open_round(connection, record.study_id),
        site_count=count_seen(connection, record, now),
        has_proposal=not newest and pending_proposal(connection, record) is not None,
        at=now,
    )
    if standing.state(record.study.rounds) != "waiting_for_sites":
        return standing
    here, unready = count_here(connection, record, standing.averaged_count + 1, now)
    return replace(standing, here_count=here, unready_count=unready)


def reply_to(connection: Connection, member: Membership, standing: Standing) -> RoundReply:
    """Return what a site should know and do now, its study standing as given."""
    record, site_id, current = member.record, member.site_id, standing.open_round
    plan, own = record.study.rounds, standing.newest.get(member.extractor)
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
        waiting_for=names_for_sites(connection, record, current.waited_for - {site_id})
        if current
        else (),
        global_parameters=own.reference if own else None,
        may_propose_parameters=standing.state(plan) == "waiting_for_parameters"
        and may_propose(connection, record, site_id, standing.at),
        poll_after_s=plan.poll_s,
    )


def find_open_round(connection: Connection, study_id: str) -> OpenRound | None:
    """Return the round of a study that collects updates, if any."""
    row = connection.execute(_OPEN_ROUND, {"study_id": study_id}).one_or_none()
    if row is None:
        return None
    return OpenRound(
        study_id=study_id,
        round_number=row.round_number,
        attempt=row.attempt,
        deadline_at=row.deadline_at,
        version=row.version,
        picked=_ids(row.picked),
        sent=_ids(row.sent),
    )


def _ids(joined: str | None) -> frozenset[str]:
    return frozenset(joined.split(_BETWEEN_IDS)) if joined else frozenset()


def was_picked(connection: Connection, current: OpenRound, site_id: str) -> bool:
    """Return whether a site was picked in some attempt at a round."""
    picked = (
        select(picks.c.attempt)
        .where(picks.c.study_id == current.study_id)
        .where(picks.c.round_number == current.round_number, picks.c.site_id == site_id)
    )
    return connection.execute(picked.limit(1)).first() is not None


def next_draw(
    connection: Connection, record: StudyRecord, round_number: int, now: datetime
) -> Draw:
    """Return what the sites of a round would be drawn from if it opened now."""
    study_id = record.study_id
    members = select(sites.c.site_id).where(
        sites.c.study_id == study_id, sites.c.revoked_at.is_(None)
    )
    marked = members.where(sites.c.is_marked)
    carried = members.join(updates, updates.c.site_id == sites.c.site_id).where(
        updates.c.study_id == study_id, updates.c.round_number == round_number
    )
    return draw_of(
        record.study.rounds,
        round_number,
        seen=ready_sites(connection, record, now),
        marked=connection.execute(marked).scalars().all(),
        carried=connection.execute(carried).scalars().all(),
    )


def count_attempts(connection: Connection, study_id: str, round_number: int) -> int:
    """Return how many times a round was opened."""
    counted = (
        select(func.count())
        .select_from(rounds)
        .where(rounds.c.study_id == study_id, rounds.c.round_number == round_number)
    )
    return connection.execute(counted).scalar_one()
