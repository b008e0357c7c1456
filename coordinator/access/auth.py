"""Who may speak for a site: one-time enrolment codes and per-site credentials."""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection, Row

from coordinator.access.audit import OPERATOR, by_site, record
from coordinator.access.credentials import bearer_credential, hash_of, is_hash_of, printable
from coordinator.errors import (
    CredentialInUseError,
    CredentialRefusedError,
    EnrolmentCodeRefusedError,
    ExtractorRefusedError,
)
from coordinator.invitation import CODE_ALPHABET, MISREAD
from coordinator.protocol import EnrolmentReply, EnrolmentRequest, InvitedRequest
from coordinator.storage.memberships import Membership, membership_with
from coordinator.storage.studies import extractor_of, find_study
from coordinator.storage.tables import enrolment_codes, sites
from coordinator.study import ExtractorName, ModelDesign

CODE_LIFETIME: Final = timedelta(days=14)

_CODE_LENGTH: Final = 20


def invite_sites(
    connection: Connection,
    study_id: str,
    now: datetime,
    lifetime: timedelta = CODE_LIFETIME,
    count: int = 1,
) -> list[str]:
    """Return new one-time enrolment codes for a study, such as ``7K2M-0QZD-…``, one per site.

    Raises:
        StudyUnknownError: if there is no such study.
    """
    find_study(connection, study_id)
    codes, expires_at = [_new_code() for _ in range(count)], now + lifetime
    connection.execute(
        insert(enrolment_codes),
        [
            {"code_hash": _code_hash(code), "study_id": study_id, "expires_at": expires_at}
            for code in codes
        ],
    )
    record(
        connection,
        now,
        OPERATOR,
        "site_invited",
        study_id,
        code_count=count,
        expires_at=expires_at.isoformat(timespec="seconds"),
    )
    return codes


def invitations_out(
    connection: Connection, study_id: str, now: datetime
) -> tuple[int, datetime | None]:
    """Return how many codes of a study can still be used, and when the last of them is void."""
    count, last = connection.execute(
        select(func.count(), func.max(enrolment_codes.c.expires_at))
        .where(enrolment_codes.c.study_id == study_id)
        .where(enrolment_codes.c.used_by.is_(None))
        .where(enrolment_codes.c.expires_at > now)
    ).one()
    return count, last


def enrol(connection: Connection, request: EnrolmentRequest, now: datetime) -> EnrolmentReply:
    """Make a site of whoever holds a fresh code; repeating it changes nothing.

    Raises:
        EnrolmentCodeRefusedError: if the code is wrong, expired, or used with another credential.
        ExtractorRefusedError: if the study does not have the feature extractor that the site
            wants, or the site has joined with another one already.
    """
    code = _code_that_works(connection, request.code, request.credential, now)
    study = find_study(connection, code.study_id)
    wanted = _wanted_extractor(study.study.model, request)
    if code.used_by is not None:
        if (own := extractor_of(connection, study, code.used_by)) != wanted:
            raise ExtractorRefusedError(
                f"This site has joined with the feature extractor {own} already. Choose it again; "
                "to change it afterwards, leave the study and join it with a new code"
            )
        return EnrolmentReply(study_id=code.study_id, site_id=code.used_by)
    site_id = _add_site(connection, code.study_id, request, now)
    connection.execute(
        update(enrolment_codes)
        .where(enrolment_codes.c.code_hash == code.code_hash)
        .values(used_by=site_id)
    )
    name = printable(request.site_name)
    record(connection, now, by_site(site_id), "site_enrolled", code.study_id, name=name)
    return EnrolmentReply(study_id=code.study_id, site_id=site_id)


def study_of_code(connection: Connection, request: InvitedRequest, now: datetime) -> str:
    """Return the id of the study that a code is for, which stays as good as it was.

    Raises:
        EnrolmentCodeRefusedError: as for ``enrol``.
    """
    study_id: str = _code_that_works(connection, request.code, request.credential, now).study_id
    return study_id


def authenticate(connection: Connection, study_id: str, header: str | None) -> Membership:
    """Return the site whose credential an ``Authorization`` header carries, with its study.

    Raises:
        CredentialRefusedError: if there is none, or it is not valid for this study.
        StudyUnknownError: if there is no such study.
    """
    credential = bearer_credential(header)
    if credential is None:
        raise CredentialRefusedError(
            "This request carries no site credential; join the study first"
        )
    member = membership_with(connection, study_id, hash_of(credential))
    if member is None:
        find_study(connection, study_id)
        raise CredentialRefusedError(
            "This site's credential is not valid for the study; join it again with a new code"
        )
    if member.revoked_at is not None:
        raise CredentialRefusedError(
            "This site's membership has ended: it left the study, or the study owner ended it. "
            "Ask for a new code to join again"
        )
    return member


def rotate_credential(
    connection: Connection, study_id: str, site_id: str, credential: str, now: datetime
) -> None:
    """Let a site's new credential take the place of its old one, which is void from here on.

    Repeating it, which a site that lost the reply does with the new credential, changes nothing.

    Raises:
        CredentialInUseError: if another site of the study has this credential.
    """
    holder = _holder_of(connection, study_id, credential)
    if holder == site_id:
        return
    if holder is not None:
        raise CredentialInUseError(
            "This credential already belongs to a site of the study; choose a new one"
        )
    connection.execute(
        update(sites)
        .where(sites.c.site_id == site_id)
        # Whoever has the new credential may be another of the site's computers.
        .values(credential_hash=hash_of(credential), place=None)
    )
    record(connection, now, by_site(site_id), "site_rotated", study_id)


def _code_that_works(connection: Connection, code: str, credential: str, now: datetime) -> Row[Any]:
    """Return an enrolment code that is fresh, or was used with this very credential."""
    row = connection.execute(
        select(enrolment_codes).where(enrolment_codes.c.code_hash == _code_hash(code))
    ).one_or_none()
    if row is None:
        raise EnrolmentCodeRefusedError(
            "This enrolment code is not known here; check every character"
        )
    if row.used_by is not None:
        if not _has_credential(connection, row.used_by, credential):
            raise EnrolmentCodeRefusedError(
                "This enrolment code was already used; ask the study owner for a new one"
            )
    elif row.expires_at <= now:
        raise EnrolmentCodeRefusedError(
            f"This enrolment code expired on {row.expires_at:%Y-%m-%d}; "
            "ask the study owner for a new one"
        )
    return row


def _wanted_extractor(design: ModelDesign, request: EnrolmentRequest) -> ExtractorName:
    wanted = request.extractor or design.extractor
    if wanted not in design.extractors:
        raise ExtractorRefusedError(
            f"The study does not have the feature extractor {wanted}; choose of "
            f"{', '.join(design.extractors)}"
        )
    return wanted


def _add_site(
    connection: Connection, study_id: str, request: EnrolmentRequest, now: datetime
) -> str:
    if _holder_of(connection, study_id, request.credential) is not None:
        raise EnrolmentCodeRefusedError(
            "This credential already belongs to a site of the study; choose a new one"
        )
    site_id = uuid4().hex
    connection.execute(
        insert(sites).values(
            site_id=site_id,
            study_id=study_id,
            site_name=printable(request.site_name),
            credential_hash=hash_of(request.credential),
            enrolled_at=now,
            last_seen_at=now,
            extractor=request.extractor,
        )
    )
    return site_id


def _new_code() -> str:
    symbols = "".join(secrets.choice(CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    return "-".join(symbols[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def _holder_of(connection: Connection, study_id: str, credential: str) -> str | None:
    """Return the site of a study that has this credential, if any."""
    holder: str | None = connection.execute(
        select(sites.c.site_id)
        .where(sites.c.study_id == study_id)
        .where(sites.c.credential_hash == hash_of(credential))
    ).scalar_one_or_none()
    return holder


def _has_credential(connection: Connection, site_id: str, credential: str) -> bool:
    kept = connection.execute(
        select(sites.c.credential_hash).where(sites.c.site_id == site_id)
    ).scalar_one()
    return is_hash_of(kept, credential)


def _code_hash(code: str) -> str:
    """Hash a code however it was typed: any case, with or without dashes, O for 0, I or L for 1."""
    symbols = re.sub(r"[\s-]", "", code).upper().translate(MISREAD)
    return hash_of(symbols)
