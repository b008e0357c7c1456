"""By what name the sites of a study are told about each other, as its owner has decided."""

from collections.abc import Set as AbstractSet
from typing import cast

from sqlalchemy import select
from sqlalchemy.engine import Connection

from coordinator.storage.studies import StudyRecord
from coordinator.storage.tables import sites


def names_for_sites(
    connection: Connection, record: StudyRecord, site_ids: AbstractSet[str]
) -> tuple[str, ...]:
    """Return what other sites may call these: names, numbers in order of joining, or nothing."""
    kind = record.study.rounds.sites_told
    if kind == "count" or not site_ids:
        return ()
    rows = connection.execute(
        select(sites.c.site_id, sites.c.site_name)
        .where(sites.c.study_id == record.study_id)
        .order_by(sites.c.enrolled_at, sites.c.site_id)
    ).all()
    meant = [(number, row) for number, row in enumerate(rows, 1) if row.site_id in site_ids]
    if kind == "number":
        return tuple(f"site {number}" for number, _ in meant)
    return tuple(sorted((cast(str, row.site_name) for _, row in meant), key=str.casefold))
