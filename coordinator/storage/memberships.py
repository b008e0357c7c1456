"""Sites as members of a study, read together with the study by one question."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, select
from sqlalchemy.engine import Connection, Row

from coordinator.storage.studies import STUDY_COLUMNS, StudyRecord, record_of
from coordinator.storage.tables import sites, studies
from coordinator.study import ExtractorName

# Made once, since making a statement takes as long as executing it.
_OF_STUDY: Final[Select[Any]] = (
    select(
        *STUDY_COLUMNS,
        sites.c.site_id,
        sites.c.extractor,
        sites.c.revoked_at,
        sites.c.last_seen_at,
        sites.c.program,
        sites.c.place,
    )
    .join_from(sites, studies, sites.c.study_id == studies.c.study_id)
    .where(sites.c.study_id == bindparam("study_id"))
)
_BY_ID: Final = _OF_STUDY.where(sites.c.site_id == bindparam("site_id"))
_BY_CREDENTIAL: Final = _OF_STUDY.where(sites.c.credential_hash == bindparam("credential_hash"))


@dataclass(frozen=True, slots=True)
class Membership:
    """A site in a study, as one transaction saw both."""

    site_id: str
    record: StudyRecord
    extractor: ExtractorName
    """Which of the study's feature extractors it has, for as long as it is a member."""
    revoked_at: datetime | None
    last_seen_at: datetime
    program: str | None
    """As the site's program names itself; None before its first request with a name."""
    place: str | None
    """Which of its computers takes part, as that names itself; None before one has."""


def find_membership(connection: Connection, study_id: str, site_id: str) -> Membership:
    """Return a site that is known to have joined a study, and may have left it since."""
    return _membership(connection.execute(_BY_ID, {"study_id": study_id, "site_id": site_id}).one())


def membership_with(
    connection: Connection, study_id: str, credential_hash: str
) -> Membership | None:
    """Return the site of a study that has a credential, whether or not it has left; None if none.

    Args:
        connection: Of any transaction.
        study_id: The study.
        credential_hash: What the tables keep of the credential.
    """
    named = {"study_id": study_id, "credential_hash": credential_hash}
    row = connection.execute(_BY_CREDENTIAL, named).one_or_none()
    return None if row is None else _membership(row)


def _membership(row: Row[Any]) -> Membership:
    record = record_of(row)
    return Membership(
        site_id=row.site_id,
        record=record,
        extractor=row.extractor or record.study.model.extractor,
        revoked_at=row.revoked_at,
        last_seen_at=row.last_seen_at,
        program=row.program,
        place=row.place,
    )
