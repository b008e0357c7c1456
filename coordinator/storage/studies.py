"""The studies that this coordinator keeps: adding them, finding them, giving out domain indices."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from sqlalchemy import Text, bindparam, cast, func, insert, select
from sqlalchemy.engine import Connection, Row

from coordinator.errors import DomainCapacityError, StudyUnknownError
from coordinator.parameters import Manifest
from coordinator.storage.tables import domains, sites, studies
from coordinator.study import ExtractorName, ModelDesign, Study

Course = Literal["running", "paused", "stopped"]
"""What the owner wishes: rounds open, none opens after the one that is open, none ever again."""
STUDY_COLUMNS: Final = (
    studies.c.study_id,
    studies.c.study,
    cast(studies.c.manifests, Text).label("manifests"),
    studies.c.created_at,
    studies.c.course,
)
"""What ``record_of`` makes a record of; the long parts as text, since they are read once."""
_BY_ID: Final = select(*STUDY_COLUMNS).where(studies.c.study_id == bindparam("study_id"))
_OWN_DOMAINS: Final = select(domains.c.domain_id, domains.c.domain_index).where(
    domains.c.study_id == bindparam("study_id"), domains.c.site_id == bindparam("site_id")
)
_REMEMBERED: Final = 256
"""Texts whose meaning is remembered; more than any coordinator has studies that run."""


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """A study as it is kept."""

    study_id: str
    study: Study
    manifests: Mapping[str, Manifest]
    """By extractor; empty until the study has initial parameters."""
    created_at: datetime
    course: Course


def add_study(connection: Connection, study: Study, now: datetime) -> str:
    """Keep a new study and return its id."""
    study_id = uuid4().hex
    connection.execute(
        insert(studies).values(study_id=study_id, study=study.model_dump_json(), created_at=now)
    )
    return study_id


def find_study(connection: Connection, study_id: str) -> StudyRecord:
    """Return a study.

    Raises:
        StudyUnknownError: if there is none of this id.
    """
    row = connection.execute(_BY_ID, {"study_id": study_id}).one_or_none()
    if row is None:
        raise unknown_study(study_id)
    return record_of(row)


def unknown_study(study_id: str) -> StudyUnknownError:
    """Return the refusal of an id that is no study's, or of one that somebody may not see."""
    return StudyUnknownError(
        f"This coordinator has no study {study_id!r}; check the id (`study list` prints all), and "
        "whether this is the right coordinator"
    )


def list_studies(connection: Connection) -> list[StudyRecord]:
    """Return all studies, the oldest first."""
    in_order = select(*STUDY_COLUMNS).order_by(studies.c.created_at)
    return [record_of(row) for row in connection.execute(in_order)]


def record_of(row: Row[Any]) -> StudyRecord:
    """Return the study in a row that has ``STUDY_COLUMNS``."""
    return StudyRecord(
        study_id=row.study_id,
        study=_study_of(row.study),
        manifests=_manifests_of(row.manifests),
        created_at=row.created_at,
        course=row.course,
    )


def extractor_of(connection: Connection, record: StudyRecord, site_id: str) -> ExtractorName:
    """Return which of the study's feature extractors a site has, for as long as it is a member."""
    chosen: ExtractorName | None = connection.execute(
        select(sites.c.extractor).where(sites.c.site_id == site_id)
    ).scalar_one()
    return chosen or record.study.model.extractor


def own_domains(connection: Connection, study_id: str, site_id: str) -> dict[UUID, int]:
    """Return the indices that a site's domains have in a study."""
    rows = connection.execute(_OWN_DOMAINS, {"study_id": study_id, "site_id": site_id})
    return {UUID(row.domain_id): row.domain_index for row in rows}


def count_domains(connection: Connection, study_id: str) -> int:
    """Return how many domain indices the study has given out."""
    counted = select(func.count()).select_from(domains).where(domains.c.study_id == study_id)
    return connection.execute(counted).scalar_one()


def assign_domains(
    connection: Connection, record: StudyRecord, site_id: str, domain_ids: Iterable[UUID]
) -> dict[UUID, int]:
    """Give each of a site's domains its index: the one it has, or the next that nobody had.

    Raises:
        DomainCapacityError: if the study has too few indices left, for this site or in all; none
            is then given.
    """
    asked = dict.fromkeys(domain_ids)
    known = own_domains(connection, record.study_id, site_id)
    new = [domain_id for domain_id in asked if domain_id not in known]
    first = count_domains(connection, record.study_id)
    _check_room(record.study.model, len(new), len(known), first)
    indices = {domain_id: first + offset for offset, domain_id in enumerate(new)}
    if indices:
        rows = [
            {
                "study_id": record.study_id,
                "domain_index": index,
                "site_id": site_id,
                "domain_id": str(domain_id),
            }
            for domain_id, index in indices.items()
        ]
        connection.execute(insert(domains), rows)
    return {domain_id: {**known, **indices}[domain_id] for domain_id in asked}


def _check_room(model: ModelDesign, new_count: int, own_count: int, taken_count: int) -> None:
    own_limit = model.site_domain_limit
    if own_count + new_count > own_limit:
        raise DomainCapacityError(
            f"The study has room for {own_limit} scanners of one site; this one has {own_count} in "
            f"it already and brings {new_count} more. Label images of fewer scanners, or ask the "
            "study owner for a study with a larger domains_per_site"
        )
    if taken_count + new_count > model.domain_capacity:
        raise DomainCapacityError(
            f"The study has room for {model.domain_capacity} scanners in all and {taken_count} are "
            f"taken; {new_count} more do not fit. Label images of fewer scanners, or ask the study "
            "owner for a study with a larger domain_capacity"
        )


@lru_cache(maxsize=_REMEMBERED)
def _study_of(text: str) -> Study:
    return Study.model_validate_json(text)


@lru_cache(maxsize=_REMEMBERED)
def _manifests_of(text: str | None) -> Mapping[str, Manifest]:
    manifests: dict[str, dict[str, list[int]]] = json.loads(text) if text else {}
    return {
        extractor: {name: tuple(shape) for name, shape in manifest.items()}
        for extractor, manifest in manifests.items()
    }
