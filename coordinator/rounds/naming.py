"""By what name the sites of a study are told about each other, as its owner has decided."""

from collections import Counter
from collections.abc import Set as AbstractSet

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
    names = site_names(connection, record.study_id)
    if kind == "number":
        return tuple(f"site {n}" for n, site_id in enumerate(names, 1) if site_id in site_ids)
    return tuple(
        sorted((name for site_id, name in names.items() if site_id in site_ids), key=str.casefold)
    )


def site_names(connection: Connection, study_id: str) -> dict[str, str]:
    """Return the name of each site, in order of joining.

    Sites of one name are told apart by the start of their id.
    """
    rows = connection.execute(
        select(sites.c.site_id, sites.c.site_name)
        .where(sites.c.study_id == study_id)
        .order_by(sites.c.enrolled_at, sites.c.site_id)
    ).all()
    used = Counter(row.site_name for row in rows)
    return {
        row.site_id: row.site_name
        if used[row.site_name] == 1
        else f"{row.site_name} ({row.site_id[:6]})"
        for row in rows
    }
