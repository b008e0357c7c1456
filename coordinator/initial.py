"""Initial parameters, and with them a study's manifest: from its owner, or proposed and approved.

No site defines them alone: a proposal waits until the owner approves it, or has said in study.toml
that the first one will do.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from coordinator.blobs import BlobFolder
from coordinator.errors import (
    ParametersUnavailableError,
    RoundClosedError,
    StudyMismatchError,
)
from coordinator.parameters import (
    Group,
    Manifest,
    Parameters,
    check_parameters,
    decode,
    digest_of,
    group_of,
    manifest_of,
    read_message,
)
from coordinator.protocol import (
    GlobalMessage,
    ParametersReference,
    ProtocolStamp,
    check_method,
    check_protocol,
)
from coordinator.published import PackedParameters, newest_published, pack, publish
from coordinator.store import Store
from coordinator.studies import StudyRecord, add_study, find_study
from coordinator.study import Study
from coordinator.tables import proposals, sites, studies


def read_initial(body: bytes, study: Study) -> tuple[Parameters, GlobalMessage]:
    """Read a body and check that the study can begin from its parameters.

    Raises:
        BodyRefusedError: naming what does not fit.
        ProtocolVersionError: if the body speaks a version that is not served.
    """
    check_protocol(read_message(body, ProtocolStamp).protocol_version)
    arrays, message = decode(body, GlobalMessage)
    check_method(message.method_version)
    if message.study_digest != study.digest:
        raise StudyMismatchError("The initial parameters were made for another study.toml")
    if message.extractor != study.model.extractor:
        raise StudyMismatchError(
            f"The initial parameters have the extractor {message.extractor!r}; "
            f"the study wants {study.model.extractor!r}"
        )
    if message.digest != digest_of(arrays):
        raise StudyMismatchError("The initial parameters are not those that their digest names")
    check_parameters(arrays, _manifest_for(arrays, study))
    return arrays, message


def create_study(
    store: Store, blobs: BlobFolder, study: Study, initial_body: bytes | None, now: datetime
) -> str:
    """Keep a new study, with initial parameters if its owner has them, and return its id.

    Raises:
        BodyRefusedError: if the study cannot begin from these; it is then not kept.
        ProtocolVersionError: if the body speaks a version that is not served.
    """
    arrays = None if initial_body is None else read_initial(initial_body, study)[0]
    with store.writing() as connection:
        study_id = add_study(connection, study, now)
        if arrays is not None:
            packed = pack(blobs, find_study(connection, study_id), 0, arrays, domain_count=0)
            _begin(connection, study_id, packed, manifest_of(arrays), now)
    return study_id


def propose(
    store: Store, blobs: BlobFolder, record: StudyRecord, site_id: str, body: bytes, now: datetime
) -> ParametersReference:
    """Take a site's proposal; it waits for approval unless the owner consented beforehand.

    Raises:
        BodyRefusedError: if the study cannot begin from these parameters.
        ProtocolVersionError: if the body speaks a version that is not served.
        RoundClosedError: if other parameters were proposed or chosen already.
    """
    arrays, message = read_initial(body, record.study)
    if message.study_id != record.study_id or message.round_number != 0:
        raise StudyMismatchError("The proposal was made for another study or round")
    with store.reading() as connection:
        # Asked before anything is written: a refused proposal would leave its file for ever.
        settled = _settled(connection, record.study_id)
    if settled is not None:
        return _same_or_refused(settled, message.digest)
    packed = pack(blobs, record, 0, arrays, domain_count=0)
    with store.writing() as connection:
        settled = _settled(connection, record.study_id)
        if settled is not None:
            return _same_or_refused(settled, packed.digest)
        if record.study.rounds.accept_first_proposal:
            _begin(connection, record.study_id, packed, manifest_of(arrays), now)
        else:
            _keep_proposal(connection, record.study_id, site_id, packed, now)
    return packed.reference


def approve_proposal(store: Store, blobs: BlobFolder, study_id: str, now: datetime) -> None:
    """Begin the study from the proposed parameters.

    Raises:
        StudyUnknownError: if there is no such study.
        ParametersUnavailableError: if no proposal waits.
        StateDamagedError: if its file is missing or torn.
    """
    with store.writing() as connection:
        packed = _waiting_proposal(connection, study_id)
        arrays, _ = decode(blobs.get(packed.blob), GlobalMessage)
        _begin(connection, study_id, packed, manifest_of(arrays), now)


def reject_proposal(store: Store, study_id: str) -> None:
    """Drop the proposed parameters, so that a site may propose others.

    Raises:
        StudyUnknownError: if there is no such study.
        ParametersUnavailableError: if no proposal waits.
    """
    with store.writing() as connection:
        _waiting_proposal(connection, study_id)
        connection.execute(delete(proposals).where(proposals.c.study_id == study_id))


def pending_proposal(connection: Connection, study_id: str) -> PackedParameters | None:
    """Return the proposal that waits for the owner's approval, if any."""
    row = connection.execute(
        select(proposals).where(proposals.c.study_id == study_id)
    ).one_or_none()
    if row is None:
        return None
    return PackedParameters(0, row.digest, row.size_bytes, row.blob)


def may_propose(connection: Connection, record: StudyRecord, site_id: str, now: datetime) -> bool:
    """Return whether this site should propose: the one longest enrolled of those seen recently."""
    if pending_proposal(connection, record.study_id) is not None:
        return False
    seen_since = now - timedelta(seconds=record.study.rounds.seen_within_s)
    first = connection.execute(
        select(sites.c.site_id)
        .where(sites.c.study_id == record.study_id)
        .where(sites.c.last_seen_at >= seen_since)
        .where(sites.c.revoked_at.is_(None))
        .order_by(sites.c.enrolled_at, sites.c.site_id)
        .limit(1)
    ).scalar_one_or_none()
    return first == site_id


def _manifest_for(arrays: Parameters, study: Study) -> Manifest:
    """Return the manifest that initial parameters must have: any extractor, two linear layers."""
    widths = {
        Group.LESION_CLASSIFIER: len(study.classes),
        Group.DOMAIN_CLASSIFIER: study.moments_per_domain * study.model.domain_capacity,
    }
    manifest: Manifest = {}
    for group, width in widths.items():
        manifest[f"{group}.weight"] = (width, study.model.feature_dim)
        manifest[f"{group}.bias"] = (width,)
    extractor = {n: a for n, a in arrays.items() if group_of(n) is Group.FEATURE_EXTRACTOR}
    if not extractor:
        raise StudyMismatchError("The initial parameters have no feature extractor")
    return {**manifest, **manifest_of(extractor)}


def _settled(connection: Connection, study_id: str) -> PackedParameters | None:
    """Return the parameters that leave no room for another proposal, if any."""
    return newest_published(connection, study_id) or pending_proposal(connection, study_id)


def _same_or_refused(settled: PackedParameters, digest: str) -> ParametersReference:
    if settled.round_number == 0 and settled.digest == digest:
        return settled.reference
    raise RoundClosedError("Initial parameters of this study were already proposed or chosen")


def _begin(
    connection: Connection,
    study_id: str,
    packed: PackedParameters,
    manifest: Manifest,
    now: datetime,
) -> None:
    publish(connection, study_id, packed, now)
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
            blob=packed.blob,
            proposed_at=now,
        )
    )


def _waiting_proposal(connection: Connection, study_id: str) -> PackedParameters:
    find_study(connection, study_id)
    packed = pending_proposal(connection, study_id)
    if packed is None:
        raise ParametersUnavailableError(f"No proposal waits for approval in study {study_id}")
    return packed
