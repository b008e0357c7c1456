"""What somebody who is invited to a study is told of it before joining."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from coordinator.parameters import value_count
from coordinator.protocol import InvitedReply
from coordinator.storage.studies import find_study
from coordinator.storage.tables import sites

_FLOAT32_BYTES: Final = 4


def describe_to_invited(connection: Connection, study_id: str) -> InvitedReply:
    """Return the study, how many sites are in it, and how large its model is."""
    record = find_study(connection, study_id)
    site_count = connection.execute(
        select(func.count())
        .select_from(sites)
        .where(sites.c.study_id == study_id)
        .where(sites.c.revoked_at.is_(None))
    ).scalar_one()
    sizes = {
        extractor: _FLOAT32_BYTES * value_count(shapes)
        for extractor, shapes in record.manifests.items()
    }
    return InvitedReply(
        study_id=study_id,
        study=record.study,
        study_digest=record.study.digest,
        site_count=site_count,
        parameters_bytes=sizes.pop(record.study.model.extractor, None),
        further_bytes=sizes,
    )
