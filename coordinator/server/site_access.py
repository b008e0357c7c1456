"""How a site's credential comes with a request, and that the site was heard of is noted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi import Path as PathParameter
from sqlalchemy.engine import Connection

from coordinator.access.auth import authenticate
from coordinator.rounds.presence import Asker, asker_of, is_worth_noting, note_site
from coordinator.server.context import At, Coordinator
from coordinator.server.rate_limits import guesses_are_counted
from coordinator.storage.memberships import Membership

StudyId = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


@dataclass(frozen=True, slots=True)
class Member:
    """The site that a request comes from, and the study it is about."""

    study_id: str
    site_id: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A site that was recognised, and what its request tells of it."""

    member: Membership
    asker: Asker
    at: datetime
    is_news: bool
    """Whether that is worth a durable write."""


def hear(request: Request, connection: Connection, study_id: str, now: datetime) -> Heard:
    """Find out who asks.

    Raises:
        CredentialRefusedError: if the request carries no credential of a member of the study.
        StudyUnknownError: if there is no such study.
        SiteElsewhereError: if the site takes part on another of its computers.
    """
    with guesses_are_counted(request):
        member = authenticate(connection, study_id, request.headers.get("Authorization"))
    asker = asker_of(request.headers)
    return Heard(member, asker, now, is_worth_noting(member, asker, now))


def note(at: Coordinator, heard: Heard) -> None:
    """Note that a site was heard of, if that is news."""
    if heard.is_news:
        with at.store.writing() as connection:
            note_site(connection, heard.member.site_id, heard.asker, heard.at)


def member_of(request: Request, study_id: StudyId, at: At) -> Member:
    """Find out who asks, and note that this site was heard of; raises what ``hear`` does."""
    with at.store.reading() as connection:
        heard = hear(request, connection, study_id, at.clock())
    note(at, heard)
    return Member(study_id, heard.member.site_id)


By = Annotated[Member, Depends(member_of)]
