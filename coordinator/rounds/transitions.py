"""The statements that change a round, each a compare-and-set; nothing else writes its state.

Each says what the round must still be: of two processes that take the same transition at once,
one finds nothing left to change.
"""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.engine import Connection

from coordinator.method.selection import Draw, pick_sites
from coordinator.rounds.standing import OpenRound, count_attempts
from coordinator.storage.studies import list_studies
from coordinator.storage.tables import picks, rounds, sites


def open_round(
    connection: Connection, study_id: str, draw: Draw, opened_at: datetime, deadline_at: datetime
) -> tuple[str, ...]:
    """Open the next attempt at a round; return its sites.

    To be called with the study's row locked. The tables themselves allow one open round only.
    """
    pick = pick_sites(draw)
    attempt = count_attempts(connection, study_id, draw.round_number) + 1
    key = {"study_id": study_id, "round_number": draw.round_number, "attempt": attempt}
    connection.execute(
        insert(rounds).values(
            **key,
            state="collecting",
            opened_at=opened_at,
            deadline_at=deadline_at,
            draw=draw.model_dump(mode="json"),
            version=0,
        )
    )
    connection.execute(insert(picks), [{**key, "site_id": site} for site in pick.site_ids])
    marking = sites.c.site_id.in_(pick.marked)
    connection.execute(update(sites).where(sites.c.study_id == study_id).values(is_marked=marking))
    return pick.site_ids


def count_update(connection: Connection, current: OpenRound) -> bool:
    """Note one more update, if the round still collects; return whether it does."""
    noted = connection.execute(
        update(rounds).where(_collects(current)).values(version=rounds.c.version + 1)
    )
    return noted.rowcount == 1


def close_round(
    connection: Connection,
    current: OpenRound,
    state: Literal["averaged", "abandoned"],
    now: datetime,
) -> bool:
    """Close the round, if it still collects and no update came since; return whether it was."""
    closed = connection.execute(
        update(rounds)
        .where(_collects(current), rounds.c.version == current.version)
        .values(state=state, closed_at=now)
    )
    return closed.rowcount == 1


def renew_deadline(connection: Connection, current: OpenRound, deadline_at: datetime) -> bool:
    """Give a round another deadline, if it still has the one that was seen; return whether so."""
    renewed = connection.execute(
        update(rounds)
        .where(_collects(current), rounds.c.deadline_at == current.deadline_at)
        .values(deadline_at=deadline_at)
    )
    return renewed.rowcount == 1


def abandon_open_round(connection: Connection, study_id: str, now: datetime) -> int | None:
    """Close whatever round of the study collects; return its number, None if none does."""
    abandoned = connection.execute(
        update(rounds)
        .where(rounds.c.study_id == study_id, rounds.c.state == "collecting")
        .values(state="abandoned", closed_at=now)
        .returning(rounds.c.round_number)
    )
    return abandoned.scalar_one_or_none()


def allow_for_downtime(connection: Connection, now: datetime, downtime: timedelta) -> None:
    """Put off the deadlines that are near or over, for a time in which no process served.

    No site could be heard of then, nor send what it had done. A site that finds nobody asks again
    after at most as long as it has found nobody: so a deadline is put off by twice the time, but
    no farther than until each site has had as long as it takes to count as away, or a whole round
    if that is shorter, to find this process.
    """
    for record in list_studies(connection):
        plan = record.study.rounds
        until = now + timedelta(seconds=min(plan.deadline_s, plan.seen_within_s))
        of_study = and_(
            rounds.c.study_id == record.study_id,
            rounds.c.state == "collecting",
            rounds.c.deadline_at < until,
        )
        for deadline_at in connection.execute(select(rounds.c.deadline_at).where(of_study)):
            put_off = min(until, deadline_at[0] + 2 * downtime)
            connection.execute(update(rounds).where(of_study).values(deadline_at=put_off))


def _collects(current: OpenRound) -> ColumnElement[bool]:
    return and_(
        rounds.c.study_id == current.study_id,
        rounds.c.round_number == current.round_number,
        rounds.c.attempt == current.attempt,
        rounds.c.state == "collecting",
    )
