"""Initial parameters, and with them a study's manifest: from its owner, or proposed and approved.

No site defines them alone: a proposal waits until the owner approves it, or has said in study.toml
that the first one will do.
"""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from coordinator.access import audit
from coordinator.errors import (
    ParametersUnavailableError,
    RoundClosedError,
    StudyMismatchError,
)
from coordinator.method.arrays import blocks
from coordinator.parameters import (
    MESSAGE_KEY,
    Group,
    Manifest,
    check_shapes,
    group_of,
    value_count,
)
from coordinator.protocol import (
    GlobalMessage,
    ParametersReference,
    ProtocolStamp,
    check_method,
    check_protocol,
)
from coordinator.rounds.presence import HAS_DOMAINS
from coordinator.rounds.published import (
    PackedParameters,
    global_message,
    newest_published,
    pack,
    publish,
)
from coordinator.rounds.updates import check_values
from coordinator.storage.arrivals import Arrived
from coordinator.storage.blobs import Blobs
from coordinator.storage.bodies import Body, open_body
from coordinator.storage.store import Store
from coordinator.storage.studies import StudyRecord, add_study, find_study
from coordinator.storage.tables import proposals, sites, studies
from coordinator.study import Study


def read_initial(path: Path, study: Study) -> tuple[Body, GlobalMessage]:
    """Open a body and check that the study can begin from its parameters.

    Raises:
        BodyRefusedError: naming what does not fit.
        ProtocolVersionError: if the body speaks a version that is not served.
    """
    body = open_body(path)
    check_protocol(body.message(ProtocolStamp).protocol_version)
    message = body.message(GlobalMessage)
    check_method(message.method_version)
    if message.study_digest != study.digest:
        raise StudyMismatchError(
            "The initial parameters were made for another study.toml; make them anew from this one"
        )
    if message.extractor != study.model.extractor:
        raise StudyMismatchError(
            f"The initial parameters have the extractor {message.extractor!r}; "
            f"the study wants {study.model.extractor!r}. Make them anew from its study.toml"
        )
    check_shapes(body.shapes, _manifest_for(body.shapes, study))
    check_values(body, body.shapes)
    return body, message


def create_study(
    store: Store, blobs: Blobs, study: Study, initial_path: Path | None, now: datetime
) -> str:
    """Keep a new study, with initial parameters if its owner has them, and return its id.

    Raises:
        BodyRefusedError: if the study cannot begin from these; it is then not kept.
        ProtocolVersionError: if the body speaks a version that is not served.
    """
    body = None if initial_path is None else read_initial(initial_path, study)[0]
    with store.writing() as connection:
        study_id = add_study(connection, study, now)
        if body is not None:
            message = global_message(find_study(connection, study_id), 0, domain_count=0)
            ranges = blocks(0, value_count(body.shapes))
            values = (body.values(start, stop) for start, stop in ranges)
            _begin(connection, study_id, pack(blobs, message, body.shapes, values), body, now)
        audit.record(connection, now, audit.OPERATOR, "study_created", study_id, name=study.name)
    return study_id


def check_proposable(connection: Connection, study_id: str, digest: str) -> PackedParameters | None:
    """Return the initial parameters if a proposal of them was taken already; None if it may come.

    Raises:
        RoundClosedError: if other parameters were proposed or chosen already.
    """
    settled = newest_published(connection, study_id) or pending_proposal(connection, study_id)
    if settled is None or (settled.round_number == 0 and settled.digest == digest):
        return settled
    raise RoundClosedError(
        "Initial parameters of this study were already proposed or chosen; this site goes on with "
        "those as soon as they are approved"
    )


def propose(
    store: Store,
    blobs: Blobs,
    record: StudyRecord,
    site_id: str,
    arrived: Arrived,
    now: datetime,
) -> ParametersReference:
    """Take a site's proposal; it waits for approval unless the owner consented beforehand.

    Raises:
        BodyRefusedError: if the study cannot begin from these parameters.
        ProtocolVersionError: if the body speaks a version that is not served.
        RoundClosedError: if other parameters were proposed or chosen already.
    """
    body, message = read_initial(arrived.path, record.study)
    is_plain = body.metadata.keys() == {MESSAGE_KEY}
    if not is_plain or message != global_message(record, 0, domain_count=0):
        raise StudyMismatchError("The proposal was made for another study or round")
    packed = PackedParameters(0, arrived.digest, arrived.path.stat().st_size)
    with store.reading() as connection:
        # Asked before anything is written: a refused proposal would leave its file for ever.
        if (settled := check_proposable(connection, record.study_id, packed.digest)) is not None:
            return settled.reference
    blobs.adopt(arrived.path, packed.digest)
    with store.writing() as connection:
        if (settled := check_proposable(connection, record.study_id, packed.digest)) is not None:
            return settled.reference
        if record.study.rounds.accept_first_proposal:
            _begin(connection, record.study_id, packed, body, now)
        else:
            _keep_proposal(connection, record.study_id, site_id, packed, now)
        actor, subject = audit.by_site(site_id), {"digest": packed.digest}
        audit.record(connection, now, actor, "parameters_proposed", record.study_id, **subject)
    return packed.reference


def approve_proposal(store: Store, blobs: Blobs, study_id: str, now: datetime) -> None:
    """Begin the study from the proposed parameters.

    Raises:
        StudyUnknownError: if there is no such study.
        ParametersUnavailableError: if no proposal waits.
        StateDamagedError: if its file is missing or torn.
    """
    with store.writing() as connection:
        packed = _waiting_proposal(connection, study_id)
        _begin(connection, study_id, packed, blobs.body(packed.digest), now)
        subject = {"digest": packed.digest}
        audit.record(connection, now, audit.OPERATOR, "proposal_approved", study_id, **subject)


def reject_proposal(store: Store, study_id: str, now: datetime) -> None:
    """Drop the proposed parameters, so that a site may propose others.

    Raises:
        StudyUnknownError: if there is no such study.
        ParametersUnavailableError: if no proposal waits.
    """
    with store.writing() as connection:
        packed = _waiting_proposal(connection, study_id)
        connection.execute(delete(proposals).where(proposals.c.study_id == study_id))
        subject = {"digest": packed.digest}
        audit.record(connection, now, audit.OPERATOR, "proposal_rejected", study_id, **subject)


def pending_proposal(connection: Connection, study_id: str) -> PackedParameters | None:
    """Return the proposal that waits for the owner's approval, if any."""
    row = connection.execute(
        select(proposals).where(proposals.c.study_id == study_id)
    ).one_or_none()
    if row is None:
        return None
    return PackedParameters(0, row.digest, row.size_bytes)


def may_propose(connection: Connection, record: StudyRecord, site_id: str, now: datetime) -> bool:
    """Return whether this site should propose: the one longest enrolled of those that could train.

    These are the members seen recently who have said what they train on. Where the study begins
    from a weights file, which its owner alone has, none should.
    """
    if record.study.model.weights == "file":
        return False
    if pending_proposal(connection, record.study_id) is not None:
        return False
    seen_since = now - timedelta(seconds=record.study.rounds.seen_within_s)
    first = connection.execute(
        select(sites.c.site_id)
        .where(sites.c.study_id == record.study_id)
        .where(sites.c.last_seen_at >= seen_since, HAS_DOMAINS)
        .where(sites.c.revoked_at.is_(None))
        .order_by(sites.c.enrolled_at, sites.c.site_id)
        .limit(1)
    ).scalar_one_or_none()
    return first == site_id


def _manifest_for(shapes: Manifest, study: Study) -> Manifest:
    """Return the manifest that initial parameters must have: any extractor, two linear layers."""
    widths = {
        Group.LESION_CLASSIFIER: len(study.classes),
        Group.DOMAIN_CLASSIFIER: study.moments_per_domain * study.model.domain_capacity,
    }
    manifest: Manifest = {}
    for group, width in widths.items():
        manifest[f"{group}.weight"] = (width, study.model.feature_dim)
        manifest[f"{group}.bias"] = (width,)
    extractor = {n: s for n, s in shapes.items() if group_of(n) is Group.FEATURE_EXTRACTOR}
    if not extractor:
        raise StudyMismatchError("The initial parameters have no feature extractor")
    return {**manifest, **extractor}


def _begin(
    connection: Connection,
    study_id: str,
    packed: PackedParameters,
    body: Body,
    now: datetime,
) -> None:
    publish(connection, study_id, packed, now)
    manifest = dict(body.shapes)
    connection.execute(
        update(studies).where(studies.c.study_id == study_id).values(manifest=manifest)
    )
    connection.execute(delete(proposals).where(proposals.c.study_id == study_id))


def _keep_proposal(
    connection: Connection, study_id: str, site_id: str, packed: PackedParameters, now: datetime
) -> None:
    connection.execute(
        insert(proposals).values(
            study_id=study_id,
            site_id=site_id,
            digest=packed.digest,
            size_bytes=packed.size_bytes,
            proposed_at=now,
        )
    )


def _waiting_proposal(connection: Connection, study_id: str) -> PackedParameters:
    find_study(connection, study_id)
    packed = pending_proposal(connection, study_id)
    if packed is None:
        raise ParametersUnavailableError(
            f"No proposal waits for approval in study {study_id}; `study show {study_id}` says "
            "what the study waits for"
        )
    return packed
