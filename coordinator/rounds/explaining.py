"""Why the sites of a round are those: what they were drawn from, and the same draw made again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row

from coordinator.errors import RoundUnknownError
from coordinator.method.selection import Draw, Pick, pick_count, pick_sites
from coordinator.storage.studies import find_study
from coordinator.storage.tables import picks, rounds, sites

Reason = Literal["carried_over", "next_in_cycle", "next_cycle", "already_picked", "not_drawn"]
"""Why a site is in a round or not: its update is in from an earlier attempt; it was drawn from
those not yet picked in the running cycle; these were too few, and it was drawn from the others;
it was not, since it was picked in this cycle already; it was not drawn."""


@dataclass(frozen=True, slots=True)
class ExplainedSite:
    """A site that was here when the round opened."""

    site_id: str
    site_name: str
    is_picked: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class ExplainedAttempt:
    """One opening of a round, and whether its sites are those that its draw gives again."""

    round_number: int
    attempt: int
    state: str
    opened_at: datetime
    deadline_at: datetime
    closed_at: datetime | None
    draw: Draw | None
    """None for a round that was opened before draws were kept."""
    picked: tuple[str, ...]
    """Ids of the sites as the round was really run, in ascending order."""
    is_as_drawn: bool | None
    """Whether drawing again gives the same sites; None without a draw."""
    sites: tuple[ExplainedSite, ...]
    """In order of id; none without a draw."""
    sentence: str
    """How many were picked of how many, by which rule."""


def explain_round(
    connection: Connection, study_id: str, round_number: int
) -> tuple[ExplainedAttempt, ...]:
    """Return each attempt at a round, the first one first, with its sites drawn again.

    Raises:
        StudyUnknownError: if there is no such study.
        RoundUnknownError: if it has not opened this round.
    """
    find_study(connection, study_id)
    rows = connection.execute(
        select(rounds)
        .where(rounds.c.study_id == study_id, rounds.c.round_number == round_number)
        .order_by(rounds.c.attempt)
    ).all()
    if not rows:
        raise RoundUnknownError(
            f"Study {study_id} has not opened round {round_number}; `round list {study_id}` prints "
            "the newest it has"
        )
    named = select(sites.c.site_id, sites.c.site_name).where(sites.c.study_id == study_id)
    names = {row.site_id: row.site_name for row in connection.execute(named)}
    return tuple(_explained(connection, row, names) for row in rows)


def _explained(connection: Connection, row: Row[Any], names: dict[str, str]) -> ExplainedAttempt:
    draw = None if row.draw is None else Draw.model_validate(row.draw)
    picked = _picked(connection, row)
    again = None if draw is None else pick_sites(draw)
    return ExplainedAttempt(
        round_number=row.round_number,
        attempt=row.attempt,
        state=row.state,
        opened_at=row.opened_at,
        deadline_at=row.deadline_at,
        closed_at=row.closed_at,
        draw=draw,
        picked=picked,
        is_as_drawn=None if again is None else again.site_ids == picked,
        sites=() if draw is None or again is None else _sites(draw, again, names),
        sentence="What this pick was drawn from was not kept" if draw is None else _rule(draw),
    )


def _picked(connection: Connection, row: Row[Any]) -> tuple[str, ...]:
    chosen = (
        select(picks.c.site_id)
        .where(picks.c.study_id == row.study_id, picks.c.round_number == row.round_number)
        .where(picks.c.attempt == row.attempt)
        .order_by(picks.c.site_id)
    )
    return tuple(connection.execute(chosen).scalars())


def _sites(draw: Draw, pick: Pick, names: dict[str, str]) -> tuple[ExplainedSite, ...]:
    return tuple(
        ExplainedSite(
            site_id=site_id,
            site_name=names.get(site_id, site_id),
            is_picked=site_id in pick.site_ids,
            reason=_reason(draw, site_id, is_picked=site_id in pick.site_ids),
        )
        for site_id in sorted(draw.here)
    )


def _reason(draw: Draw, site_id: str, *, is_picked: bool) -> Reason:
    if site_id in draw.carried:
        return "carried_over"
    if site_id in draw.marked:
        return "next_cycle" if is_picked else "already_picked"
    return "next_in_cycle" if is_picked else "not_drawn"


def _rule(draw: Draw) -> str:
    count = pick_count(len(draw.here), draw.fraction, draw.sites_per_round)
    asked = (
        f"{draw.sites_per_round} sites"
        if draw.sites_per_round
        else f"{draw.fraction:.0%} of the sites"
    )
    return (
        f"Of {len(draw.here)} sites here, {count} take part: the study asks for {asked}, within "
        f"10 and 50 % and never fewer than 2. {len(draw.carried)} had sent their update before; "
        f"{len(frozenset(draw.marked) & frozenset(draw.seen))} had been picked in this cycle. "
        f"Drawn with the seed {draw.seed}"
    )
