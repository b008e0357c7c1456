"""When each site was last heard of, by which program and on which computer it takes part."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, exists, func, or_, select, update
from sqlalchemy.engine import Connection

from coordinator.errors import SiteElsewhereError
from coordinator.protocol import PLACE_HEADER
from coordinator.storage.memberships import Membership
from coordinator.storage.studies import StudyRecord
from coordinator.storage.tables import domains, sites, updates

_LONGEST_UNNOTED_S: Final = 60.0
_UNNOTED_SHARE: Final = 0.1
"""Of ``seen_within_s``: so much earlier may a site count as away than it really is."""
HAS_DOMAINS: Final = exists().where(
    domains.c.study_id == sites.c.study_id, domains.c.site_id == sites.c.site_id
)
"""Whether a site has said what it trains on."""
_IS_MEMBER: Final = and_(sites.c.study_id == bindparam("study_id"), sites.c.revoked_at.is_(None))
_IS_SEEN: Final = sites.c.last_seen_at.between(bindparam("first"), bindparam("last"))
_HAS_SENT: Final = exists().where(
    updates.c.study_id == sites.c.study_id,
    updates.c.site_id == sites.c.site_id,
    updates.c.round_number == bindparam("round_number"),
)
_SEEN: Final = select(sites.c.site_id).where(_IS_MEMBER, _IS_SEEN)
_COUNT_SEEN: Final = select(func.count()).select_from(sites).where(_IS_MEMBER, _IS_SEEN)
_COUNT_HERE: Final = (
    select(
        func.count().filter(or_(and_(_IS_SEEN, HAS_DOMAINS), _HAS_SENT)),
        func.count().filter(_IS_SEEN, ~HAS_DOMAINS),
    )
    .select_from(sites)
    .where(_IS_MEMBER)
)
_PLACE: Final = re.compile(r"[0-9a-f]{32}")
_PROGRAM: Final = re.compile(r"SiteBlind/[0-9A-Za-z.+-]{1,80}")


@dataclass(frozen=True, slots=True)
class Asker:
    """What a request tells of the program that sent it; None where it tells nothing."""

    program: str | None = None
    place: str | None = None
    """Tells one of the site's computers from another; see ``protocol.PLACE_HEADER``."""


def asker_of(headers: Mapping[str, str]) -> Asker:
    """Return what the headers of a request tell."""
    place = headers.get(PLACE_HEADER, "")
    return Asker(program_of(headers.get("User-Agent")), place if _PLACE.fullmatch(place) else None)


def program_of(user_agent: str | None) -> str | None:
    """Return a site's program as a request names it; None for anything but SiteBlind."""
    return user_agent if user_agent and _PROGRAM.fullmatch(user_agent) else None


def is_worth_noting(member: Membership, asker: Asker, now: datetime) -> bool:
    """Return whether a request of a site tells anything new.

    A site asks every few seconds, and noting each question would be a durable write each. One that
    was last heard of in the time to come shows that the clock was set back.

    Raises:
        SiteElsewhereError: if the site takes part on another of its computers, which was heard of
            recently by the study's own measure.
    """
    within_s = member.record.study.rounds.seen_within_s
    since_s = abs((now - member.last_seen_at).total_seconds())
    is_new_place = asker.place not in (None, member.place)
    if is_new_place and member.place is not None and since_s < within_s:
        left_min = math.ceil((within_s - since_s) / 60)
        raise SiteElsewhereError(
            "Another computer, or another project folder, takes part for this site already; it was "
            f"heard of {since_s:.0f} s ago. Stop it, or hand the study over from there to here. If "
            f"it is stopped, try again in {left_min} min"
        )
    unnoted_s = min(_LONGEST_UNNOTED_S, _UNNOTED_SHARE * within_s)
    is_new_program = asker.program not in (None, member.program)
    return is_new_program or is_new_place or since_s >= unnoted_s


def note_site(connection: Connection, site_id: str, asker: Asker, now: datetime) -> None:
    """Note that a site was heard of, and what it told of its program."""
    told = {"program": asker.program, "place": asker.place}
    named = {key: value for key, value in told.items() if value is not None}
    connection.execute(
        update(sites).where(sites.c.site_id == site_id).values(last_seen_at=now, **named)
    )


def seen_sites(connection: Connection, record: StudyRecord, now: datetime) -> set[str]:
    """Return the members of a study that were heard of recently, by the study's own measure."""
    return set(connection.execute(_SEEN, _recently(record, now)).scalars())


def ready_sites(connection: Connection, record: StudyRecord, now: datetime) -> set[str]:
    """Return those of ``seen_sites`` that have said what they train on, and so may be picked.

    A site whose images cannot be used joins, but never comes so far.
    """
    ready = _SEEN.where(HAS_DOMAINS)
    return set(connection.execute(ready, _recently(record, now)).scalars())


def count_seen(connection: Connection, record: StudyRecord, now: datetime) -> int:
    """Return how many ``seen_sites`` there are."""
    return int(connection.execute(_COUNT_SEEN, _recently(record, now)).scalar_one())


def count_here(
    connection: Connection, record: StudyRecord, round_number: int, now: datetime
) -> tuple[int, int]:
    """Return how many sites a round could be drawn from, and how many of those seen are not ready.

    The first is as many as ``selection.Draw.here`` has: those that are ready, and those whose
    update for the round is in already.
    """
    named = {**_recently(record, now), "round_number": round_number}
    here_count, unready_count = connection.execute(_COUNT_HERE, named).one()
    return here_count, unready_count


def _recently(record: StudyRecord, now: datetime) -> dict[str, Any]:
    within = timedelta(seconds=record.study.rounds.seen_within_s)
    # Later than now: by a clock that was set back since.
    return {"study_id": record.study_id, "first": now - within, "last": now + within}
