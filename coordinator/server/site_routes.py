"""The routes of sites: authenticate, decode, call one function, encode. Nothing is decided here."""

from typing import Final

import anyio.to_thread
from fastapi import APIRouter, Request

from coordinator.access.auth import enrol, rotate_credential, study_of_code
from coordinator.access.ending import leave_study
from coordinator.protocol import (
    ENROLMENTS_PATH,
    INVITED_PATH,
    PROTOCOL_HEADER,
    CredentialReply,
    CredentialRequest,
    DomainsReply,
    DomainsRequest,
    EnrolmentReply,
    EnrolmentRequest,
    InvitedReply,
    InvitedRequest,
    LeavingReply,
    ProtocolStamp,
    ResultMetrics,
    RoundReply,
    StudyReply,
    check_protocol,
    credential_path,
    domains_path,
    membership_path,
    metrics_path,
    round_path,
    study_path,
)
from coordinator.rounds.domains import register_domains
from coordinator.rounds.invited import describe_to_invited
from coordinator.rounds.result import note_result_metrics
from coordinator.server.context import At, Coordinator
from coordinator.server.site_access import By, Member, StudyId, hear, note
from coordinator.server.uploads import DOMAINS_LIMIT_BYTES, parse_json, read_small
from coordinator.storage.studies import StudyRecord, find_study

_STUDY: Final = "{study_id}"

router = APIRouter()


async def check_protocol_header(request: Request) -> None:
    """Refuse a request that names a protocol which is not served; naming one is optional.

    Of every route, so that it may ask for no worker thread.
    """
    named = request.headers.get(PROTOCOL_HEADER)
    if named is not None:
        check_protocol(int(named) if named.isdecimal() and len(named) < 10 else -1)


@router.post(ENROLMENTS_PATH)
async def post_enrolment(request: Request, at: At) -> EnrolmentReply:
    """Make a site of whoever holds a fresh code."""
    body = await read_small(request)

    def commit() -> EnrolmentReply:
        check_protocol(parse_json(body, ProtocolStamp).protocol_version)
        message = parse_json(body, EnrolmentRequest)
        with at.store.writing() as connection:
            return enrol(connection, message, at.clock())

    return await anyio.to_thread.run_sync(commit)


@router.post(INVITED_PATH)
async def post_invited(request: Request, at: At) -> InvitedReply:
    """Tell whoever holds a fresh code what it is for."""
    body = await read_small(request)

    def answer() -> InvitedReply:
        check_protocol(parse_json(body, ProtocolStamp).protocol_version)
        message = parse_json(body, InvitedRequest)
        with at.store.reading() as connection:
            study_id = study_of_code(connection, message, at.clock())
            return describe_to_invited(connection, study_id)

    return await anyio.to_thread.run_sync(answer)


@router.put(metrics_path(_STUDY))
async def put_result_metrics(request: Request, at: At, by: By) -> ResultMetrics:
    """Take what a member has measured of a finished study's result."""
    body = await read_small(request)

    def commit() -> ResultMetrics:
        message = parse_json(body, ResultMetrics)
        with at.store.writing() as connection:
            return note_result_metrics(connection, by.study_id, by.site_id, message, at.clock())

    return await anyio.to_thread.run_sync(commit)


@router.get(study_path(_STUDY))
def get_study(at: At, by: By) -> StudyReply:
    """Tell a member what it trains."""
    study = _record(at, by).study
    return StudyReply(study_id=by.study_id, study=study, study_digest=study.digest)


@router.get(round_path(_STUDY))
async def get_round(request: Request, study_id: StudyId, at: At) -> RoundReply:
    """Tell a member what to do now.

    This is asked more than all else together: mostly one transaction in one thread answers it.
    """

    def answer() -> RoundReply:
        with at.store.reading() as connection:
            heard = hear(request, connection, study_id, at.clock())
            if not heard.is_news:
                reply = at.rounds.status_unless_due(connection, heard.member)
                if reply is not None:
                    return reply
        note(at, heard)
        return at.rounds.status(study_id, heard.member.site_id)

    return await anyio.to_thread.run_sync(answer)


@router.put(credential_path(_STUDY))
async def put_credential(request: Request, at: At, by: By) -> CredentialReply:
    """Put a member's new credential in the place of its old one."""
    body = await read_small(request)

    def commit() -> CredentialReply:
        message = parse_json(body, CredentialRequest)
        with at.store.writing() as connection:
            rotate_credential(connection, by.study_id, by.site_id, message.credential, at.clock())
        return CredentialReply(site_id=by.site_id)

    return await anyio.to_thread.run_sync(commit)


@router.delete(membership_path(_STUDY))
def delete_membership(at: At, by: By) -> LeavingReply:
    """End a member's membership as it wishes, and remove what it sent."""
    with at.store.writing() as connection:
        forgotten = leave_study(connection, by.study_id, by.site_id, at.clock())
    at.blobs.delete(*forgotten)
    at.arrivals.forget(by.site_id)
    return LeavingReply(site_id=by.site_id)


@router.post(domains_path(_STUDY))
async def post_domains(request: Request, at: At, by: By) -> DomainsReply:
    """Give a member's domains their indices."""
    body = await read_small(request, DOMAINS_LIMIT_BYTES)

    def commit() -> DomainsReply:
        message = parse_json(body, DomainsRequest)
        with at.store.writing() as connection:
            return register_domains(connection, by.study_id, by.site_id, message, at.clock())

    return await anyio.to_thread.run_sync(commit)


def _record(at: Coordinator, by: Member) -> StudyRecord:
    with at.store.reading() as connection:
        return find_study(connection, by.study_id)
