"""Who may look at studies: owner credentials for programs, and sessions for browsers.

An owner credential is for one study or for all. A browser exchanges it once for a session of
twelve hours, which travels as a cookie that no script can read and no other site's page can send.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.engine import Connection, Row

from coordinator.access.audit import OPERATOR, by_owner, record
from coordinator.access.credentials import (
    hash_of,
    new_credential,
    printable,
)
from coordinator.errors import (
    CredentialRefusedError,
    OwnerUnknownError,
    SettingsInvalidError,
)
from coordinator.storage.studies import find_study, unknown_study
from coordinator.storage.tables import owner_credentials, owner_sessions

SESSION_LIFETIME: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Owner:
    """Who asks; ``study_id`` is the study this owner may look at, None for all."""

    owner_id: str
    name: str
    study_id: str | None

    def check_may_see(self, study_id: str) -> None:
        """Refuse another study than the owner's, in the words for one that does not exist.

        Raises:
            StudyUnknownError: if it is another.
        """
        if self.study_id not in (None, study_id):
            raise unknown_study(study_id)


@dataclass(frozen=True, slots=True)
class OwnerRecord:
    """An owner credential, as the operator sees it."""

    owner_id: str
    owner_name: str
    study_id: str | None
    created_at: datetime
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class IssuedOwner:
    """A new owner's credential, in clear this one time."""

    owner_id: str
    credential: str


def issue_owner(
    connection: Connection, owner_name: str, study_id: str | None, now: datetime
) -> IssuedOwner:
    """Make an owner credential for one study, or for all if ``study_id`` is None.

    Raises:
        SettingsInvalidError: if the name is empty.
        StudyUnknownError: if there is no such study.
    """
    if study_id is not None:
        find_study(connection, study_id)
    issued = IssuedOwner(owner_id=uuid4().hex, credential=new_credential())
    name = printable(owner_name).strip()
    if not name:
        raise SettingsInvalidError("An owner needs a name, by which the audit log tells who acted")
    connection.execute(
        insert(owner_credentials).values(
            owner_id=issued.owner_id,
            study_id=study_id,
            owner_name=name,
            credential_hash=hash_of(issued.credential),
            created_at=now,
        )
    )
    record(connection, now, OPERATOR, "owner_issued", study_id, owner_id=issued.owner_id, name=name)
    return issued


def list_owners(connection: Connection, study_id: str | None = None) -> list[OwnerRecord]:
    """Return the owner credentials in order of issue: all, or those that can see one study."""
    in_order = select(owner_credentials).order_by(owner_credentials.c.created_at)
    if study_id is not None:
        own = owner_credentials.c.study_id
        in_order = in_order.where(or_(own.is_(None), own == study_id))
    return [
        OwnerRecord(
            owner_id=row.owner_id,
            owner_name=row.owner_name,
            study_id=row.study_id,
            created_at=row.created_at,
            is_revoked=row.revoked_at is not None,
        )
        for row in connection.execute(in_order)
    ]


def revoke_owner(connection: Connection, owner_id: str, now: datetime) -> None:
    """Void an owner's credential and sessions; repeating it changes nothing.

    Raises:
        OwnerUnknownError: if there is no such owner.
    """
    row = connection.execute(
        select(owner_credentials).where(owner_credentials.c.owner_id == owner_id)
    ).one_or_none()
    if row is None:
        raise OwnerUnknownError(
            f"This coordinator has no owner {owner_id!r}; `owner list` shows those it has"
        )
    revoked = connection.execute(
        update(owner_credentials)
        .where(owner_credentials.c.owner_id == owner_id)
        .where(owner_credentials.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    connection.execute(delete(owner_sessions).where(owner_sessions.c.owner_id == owner_id))
    if revoked.rowcount == 1:
        record(connection, now, OPERATOR, "owner_revoked", row.study_id, owner_id=owner_id)


def authenticate_owner(connection: Connection, credential: str | None) -> Owner:
    """Return the owner whose credential this is.

    Raises:
        CredentialRefusedError: if it is nobody's, or was revoked.
    """
    if credential is None:
        raise CredentialRefusedError("This needs an owner credential; log in first")
    row = connection.execute(
        select(owner_credentials).where(owner_credentials.c.credential_hash == hash_of(credential))
    ).one_or_none()
    if row is None:
        raise CredentialRefusedError("This owner credential is not known here; check every sign")
    if row.revoked_at is not None:
        raise CredentialRefusedError(
            "This owner credential was revoked; ask the coordinator's operator for another"
        )
    return _owner(row)


def open_session(connection: Connection, credential: str, now: datetime) -> str:
    """Exchange an owner credential for a session's token, in clear this one time.

    Raises:
        CredentialRefusedError: if it is nobody's, or was revoked.
    """
    owner = authenticate_owner(connection, credential)
    token = new_credential()
    connection.execute(delete(owner_sessions).where(owner_sessions.c.expires_at <= now))
    connection.execute(
        insert(owner_sessions).values(
            session_hash=hash_of(token),
            owner_id=owner.owner_id,
            expires_at=now + SESSION_LIFETIME,
        )
    )
    record(connection, now, by_owner(owner.owner_id), "owner_logged_in", owner.study_id)
    return token


def owner_of_session(connection: Connection, token: str, now: datetime) -> Owner:
    """Return the owner whose session this is.

    Raises:
        CredentialRefusedError: if it is nobody's, or is over.
    """
    row = connection.execute(
        select(owner_credentials)
        .join(owner_sessions)
        .where(owner_sessions.c.session_hash == hash_of(token))
        .where(owner_sessions.c.expires_at > now)
        .where(owner_credentials.c.revoked_at.is_(None))
    ).one_or_none()
    if row is None:
        raise CredentialRefusedError("The session is over; log in again")
    return _owner(row)


def close_session(connection: Connection, token: str) -> None:
    """End a session; one that is over already is no matter."""
    connection.execute(
        delete(owner_sessions).where(owner_sessions.c.session_hash == hash_of(token))
    )


def _owner(row: Row[tuple[object, ...]]) -> Owner:
    return Owner(owner_id=row.owner_id, name=row.owner_name, study_id=row.study_id)
