"""Giving a site's domains their indices in the study, which are never given back. Audited."""

from datetime import datetime

from sqlalchemy.engine import Connection

from coordinator.access.audit import by_site, record
from coordinator.protocol import DomainsReply, DomainsRequest
from coordinator.storage.studies import assign_domains, find_study, own_domains


def register_domains(
    connection: Connection, study_id: str, site_id: str, request: DomainsRequest, now: datetime
) -> DomainsReply:
    """Give each of a site's domains its index; asking for the same again changes nothing.

    Raises:
        DomainCapacityError: if there are not enough left for this site, or in all.
    """
    known = own_domains(connection, study_id, site_id)
    indices = assign_domains(
        connection, find_study(connection, study_id), site_id, request.domain_ids
    )
    new_count = len(indices.keys() - known.keys())
    if new_count:
        actor, subject = by_site(site_id), {"scanner_count": new_count}
        record(connection, now, actor, "domains_registered", study_id, **subject)
    return DomainsReply(indices=indices)
