"""Initial parameters, and with them a study's manifest: from its owner, or proposed and approved.

No site defines them alone: a proposal waits until the owner approves it, or has said in study.toml
that the first one will do. A study with several feature extractors begins from its owner's, one
body for each extractor with the same classifiers.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
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
    if message.extractor not in study.model.extractors:
        raise StudyMismatchError(
            f"The initial parameters have the extractor {message.extractor!r}; "
            f"the study wants {', '.join(map(repr, study.model.extractors))}. Make them anew from "
            "its study.toml"
        )
    check_shapes(body.shapes, _manifest_for(body.shapes, study))
    check_values(body, body.shapes)
    return body, message


def create_study(
    store: Store, blobs: Blobs, study: Study, initial_paths: Sequence[Path], now: datetime
) -> str:
    """Keep a new study, with initial parameters if its owner has them, and return its id.

    Args:
        store: The tables.
        blobs: The parameter files.
        study: The study.
        initial_paths: A file for each of the study's feature extractors, in any order; none if a
            site may propose them.
        now: The time.

    Raises:
        BodyRefusedError: if the study cannot begin from these; it is then not kept.
        ProtocolVersionError: if a body speaks a version that is not served.
    """
    bodies = _bodies_by_extractor(initial_paths, study)
    with store.writing() as connection:
        study_id = add_study(connection, study, now)
        record = find_study(connection, study_id)
        begun = []
        for extractor, body in bodies.items():
            message = global_message(record, 0, 0, extractor)
            ranges = blocks(0, value_count(body.shapes))
            values = (body.values(start, stop) for start, stop in ranges)
            begun.append((pack(blobs, message, body.shapes, values), body))
        if begun:
            _begin(connection, study_id, begun, now)
        audit.record(connection, now, audit.OPERATOR, "study_created", study_id, name=study.name)
    return study_id


def check_proposable(
    connection: Connection, record: StudyRecord, digest: str
) -> PackedParameters | None:
    """Return the initial parameters if a proposal of them was taken already; None if it may come.

    Raises:
        RoundClosedError: if other parameters were proposed or chosen already, or only the owner
            can give them.
    """
    design = record.study.model
    if design.further_extractors:
        raise RoundClosedError(
            "A study with several feature extractors begins from its owner's parameters alone"
        )
    settled = newest_published(connection, record.study_id, design.extractor)
    settled = settled or pending_proposal(connection, record)
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
        UploadBrokenError: if their file was swept meanwhile.
    """
    body, message = read_initial(arrived.path, record.study)
    is_plain = body.metadata.keys() == {MESSAGE_KEY}
    extractor = record.study.model.extractor
    if not is_plain or message != global_message(record, 0, 0, extractor):
        raise StudyMismatchError("The proposal was made for another study or round")
    packed = PackedParameters(0, extractor, arrived.digest, arrived.path.stat().st_size)
    with store.reading() as connection:
        # Asked before anything is written: a refused proposal would leave its file for ever.
        if (settled := check_proposable(connection, record, packed.digest)) is not None:
            return settled.reference
    blobs.adopt(arrived.path, packed.digest)
    with store.writing() as connection:
        if (settled := check_proposable(connection, record, packed.digest)) is not None:
            return settled.reference
        blobs.check_there(packed.digest)
        if record.study.rounds.accept_first_proposal:
            _begin(connection, record.study_id, [(packed, body)], now)
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
        body = blobs.body(packed.digest)
        _begin(connection, study_id, [(packed, body)], now)
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


def pending_proposal(connection: Connection, record: StudyRecord) -> PackedParameters | None:
    """Return the proposal that waits for the owner's approval, if any."""
    row = connection.execute(
        select(proposals).where(proposals.c.study_id == record.study_id)
    ).one_or_none()
    if row is None:
        return None
    return PackedParameters(0, record.study.model.extractor, row.digest, row.size_bytes)


def may_propose(connection: Connection, record: StudyRecord, site_id: str, now: datetime) -> bool:
    """Return whether this site should propose: the one longest enrolled of those that could train.

    These are the members seen recently who have said what they train on. Where the study begins
    from a weights file, which its owner alone has, or has several extractors, none should.
    """
    if record.study.model.weights == "file" or record.study.model.further_extractors:
        return False
    if pending_proposal(connection, record) is not None:
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


def _bodies_by_extractor(paths: Sequence[Path], study: Study) -> dict[str, Body]:
    """Open what a study is to begin from: nothing, or a body for each extractor.

    Raises:
        BodyRefusedError: naming what does not fit.
    """
    extractors, bodies = study.model.extractors, {}
    for path in paths:
        body, message = read_initial(path, study)
        if message.extractor in bodies:
            raise StudyMismatchError(f"Two files have the extractor {message.extractor!r}")
        bodies[message.extractor] = body
    missing = [name for name in extractors if name not in bodies]
    if missing and (bodies or len(extractors) > 1):
        raise StudyMismatchError(
            "A study with several feature extractors begins from its owner's parameters with each "
            f"of them; there are none with {', '.join(missing)}. Make them from its study.toml"
        )
    for one, other in pairwise(bodies.values()):
        _check_same_classifiers(one, other)
    return bodies


def _check_same_classifiers(one: Body, other: Body) -> None:
    """Refuse classifiers that differ: all sites average them."""
    for name in one.shapes:
        is_shared = group_of(name) is not Group.FEATURE_EXTRACTOR
        if is_shared and one.array(name).tobytes() != other.array(name).tobytes():
            raise StudyMismatchError(
                f"Array {name!r} is not the same in all initial parameters, but all sites average "
                "it. Make them anew from study.toml, all with the same --seed"
            )


def _begin(
    connection: Connection,
    study_id: str,
    begun: Sequence[tuple[PackedParameters, Body]],
    now: datetime,
) -> None:
    """Let a study begin from models with its extractors, whose files are durable."""
    for packed, _ in begun:
        publish(connection, study_id, packed, now)
    manifests = {packed.extractor: dict(body.shapes) for packed, body in begun}
    connection.execute(
        update(studies).where(studies.c.study_id == study_id).values(manifests=manifests)
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
    packed = pending_proposal(connection, find_study(connection, study_id))
    if packed is None:
        raise ParametersUnavailableError(
            f"No proposal waits for approval in study {study_id}; `study show {study_id}` says "
            "what the study waits for"
        )
    return packed
