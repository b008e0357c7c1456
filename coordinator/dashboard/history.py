"""What became of a study's rounds: who was picked, who sent, who was refused and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.engine import Connection, Row

from coordinator.rounds.naming import site_names
from coordinator.storage.tables import picks, refusals, rounds, sites, updates

Fate = Literal["sent", "waited_for", "missing", "left"]
"""Of a picked site: its update is in; it may still come; it did not come; it is no member now."""

_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An update that was not accepted."""

    round_number: int
    site_id: str
    site_name: str
    code: str
    sentence: str
    refused_at: datetime


@dataclass(frozen=True, slots=True)
class PickedSite:
    """A site that was picked, and what became of it."""

    site_id: str
    site_name: str
    fate: Fate
    last_seen_at: datetime
    received_at: datetime | None
    sample_count: int | None
    refusal: Refusal | None
    """The newest refusal of an update of this site, while the attempt lasted."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One opening of a round; an abandoned round is opened again."""

    round_number: int
    attempt: int
    state: str
    """``collecting``, ``averaged`` or ``abandoned``."""
    opened_at: datetime
    deadline_at: datetime
    closed_at: datetime | None
    picked: tuple[PickedSite, ...]
    """In order of name."""
    refusals: tuple[Refusal, ...]
    """Of all sites, picked or not, the newest first."""

    def named(self, fate: Fate) -> list[PickedSite]:
        """Return the picked sites of one fate."""
        return [site for site in self.picked if site.fate == fate]

    def lasted(self, now: datetime) -> timedelta:
        """Return how long it was, or has been, open."""
        return (self.closed_at or now) - self.opened_at


def newest_attempts(
    connection: Connection, study_id: str, count: int, before_round: int | None = None
) -> list[Attempt]:
    """Return the attempts of the newest rounds, the newest first.

    Args:
        connection: A transaction.
        study_id: The study.
        count: How many rounds.
        before_round: Only rounds with a lower number; all if None.
    """
    newest = (
        select(rounds.c.round_number)
        .where(rounds.c.study_id == study_id)
        .distinct()
        .order_by(rounds.c.round_number.desc())
        .limit(count)
    )
    if before_round is not None:
        newest = newest.where(rounds.c.round_number < before_round)
    numbers = connection.execute(newest).scalars().all()
    return _attempts(connection, study_id, numbers)


def attempts_of(connection: Connection, study_id: str, round_number: int) -> list[Attempt]:
    """Return the attempts of one round, the newest first; none if it was never opened."""
    return _attempts(connection, study_id, [round_number])


def round_times(connection: Connection, study_id: str, count: int) -> list[timedelta]:
    """Return how long each of the newest averaged rounds took, all its attempts together."""
    opened = func.min(rounds.c.opened_at, type_=rounds.c.opened_at.type)
    closed = func.max(rounds.c.closed_at, type_=rounds.c.closed_at.type)
    averaged = select(rounds.c.round_number).where(
        rounds.c.study_id == study_id, rounds.c.state == "averaged"
    )
    rows = connection.execute(
        select(opened.label("opened_at"), closed.label("closed_at"))
        .where(rounds.c.study_id == study_id, rounds.c.round_number.in_(averaged))
        .group_by(rounds.c.round_number)
        .order_by(rounds.c.round_number.desc())
        .limit(count)
    )
    return [row.closed_at - row.opened_at for row in rows]


def _attempts(connection: Connection, study_id: str, numbers: Sequence[int]) -> list[Attempt]:
    names = site_names(connection, study_id)
    refused = _refusals(connection, study_id, numbers, names)
    parts = _picks(connection, study_id, numbers)
    rows = connection.execute(
        select(rounds)
        .where(rounds.c.study_id == study_id, rounds.c.round_number.in_(numbers))
        .order_by(rounds.c.round_number.desc(), rounds.c.attempt.desc())
    )
    return [
        _attempt(row, parts.get((row.round_number, row.attempt), []), refused, names)
        for row in rows
    ]


def _attempt(
    row: _Row,
    parts: list[_Row],
    refused: list[Refusal],
    names: dict[str, str],
) -> Attempt:
    own = tuple(
        refusal
        for refusal in refused
        if refusal.round_number == row.round_number and _is_within(refusal.refused_at, row)
    )
    newest = {refusal.site_id: refusal for refusal in reversed(own)}
    picked = [_picked(part, row, names, newest.get(part.site_id)) for part in parts]
    return Attempt(
        round_number=row.round_number,
        attempt=row.attempt,
        state=row.state,
        opened_at=row.opened_at,
        deadline_at=row.deadline_at,
        closed_at=row.closed_at,
        picked=tuple(sorted(picked, key=lambda site: site.site_name.casefold())),
        refusals=own,
    )


def _picked(
    part: _Row,
    of_round: _Row,
    names: dict[str, str],
    refusal: Refusal | None,
) -> PickedSite:
    # The update of a round may have come in a later attempt than this one.
    is_in = part.received_at is not None and (
        of_round.closed_at is None or part.received_at <= of_round.closed_at
    )
    return PickedSite(
        site_id=part.site_id,
        site_name=names[part.site_id],
        fate=_fate(part, of_round, is_in=is_in),
        last_seen_at=part.last_seen_at,
        received_at=part.received_at if is_in else None,
        sample_count=part.sample_count if is_in else None,
        refusal=refusal,
    )


def _fate(part: _Row, of_round: _Row, *, is_in: bool) -> Fate:
    if is_in:
        return "sent"
    if part.revoked_at is not None:
        return "left"
    return "waited_for" if of_round.state == "collecting" else "missing"


def _is_within(moment: datetime, of_round: _Row) -> bool:
    return bool(
        moment >= of_round.opened_at
        and (of_round.closed_at is None or moment <= of_round.closed_at)
    )


def _picks(
    connection: Connection, study_id: str, numbers: Sequence[int]
) -> dict[tuple[int, int], list[_Row]]:
    """Return the picked sites of each attempt, with the update that each sent for the round."""
    is_its_update: ColumnElement[bool] = and_(
        updates.c.study_id == picks.c.study_id,
        updates.c.round_number == picks.c.round_number,
        updates.c.site_id == picks.c.site_id,
    )
    rows = connection.execute(
        select(
            picks.c.round_number,
            picks.c.attempt,
            picks.c.site_id,
            sites.c.last_seen_at,
            sites.c.revoked_at,
            updates.c.received_at,
            updates.c.sample_count,
        )
        .join(sites, sites.c.site_id == picks.c.site_id)
        .outerjoin(updates, is_its_update)
        .where(picks.c.study_id == study_id, picks.c.round_number.in_(numbers))
    )
    by_attempt: dict[tuple[int, int], list[_Row]] = {}
    for row in rows.all():
        by_attempt.setdefault((row.round_number, row.attempt), []).append(row)
    return by_attempt


def _refusals(
    connection: Connection, study_id: str, numbers: Sequence[int], names: dict[str, str]
) -> list[Refusal]:
    rows = connection.execute(
        select(refusals)
        .where(refusals.c.study_id == study_id, refusals.c.round_number.in_(numbers))
        .order_by(refusals.c.refused_at.desc(), refusals.c.refusal_id.desc())
    )
    return [
        Refusal(
            round_number=row.round_number,
            site_id=row.site_id,
            site_name=names[row.site_id],
            code=row.code,
            sentence=row.sentence,
            refused_at=row.refused_at,
        )
        for row in rows
    ]
