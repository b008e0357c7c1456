"""The routes that bodies travel on: global parameters down, updates and proposals up."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

import anyio.to_thread
from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from sqlalchemy.engine import Connection

from coordinator.errors import CoordinatorError, TooManyRequestsError
from coordinator.protocol import (
    PARAMETERS_MEDIA_TYPE,
    ParametersReference,
    UpdateReply,
    UploadReply,
    proposal_path,
    study_path,
)
from coordinator.rounds.initial import check_proposable, propose
from coordinator.rounds.published import find_difference, find_published
from coordinator.rounds.refusals import noted_refusals
from coordinator.server.body_response import BodyResponse
from coordinator.server.context import At, Coordinator
from coordinator.server.site_access import By, Member
from coordinator.server.uploads import drain, limited, upload_of
from coordinator.storage.arrivals import Arrived, Upload, check_length
from coordinator.storage.memberships import find_membership
from coordinator.storage.studies import find_study
from coordinator.study import ExtractorName

_STUDY: Final = "{study_id}"
_UPDATE_PATH: Final = f"{study_path(_STUDY)}/rounds/{{round_number}}/update"

RoundNumber = Annotated[int, PathParameter(ge=0, le=100_000)]
Reply = TypeVar("Reply", UpdateReply, ParametersReference)
router = APIRouter()


def refusals_are_noted(round_number: RoundNumber, at: At, by: By) -> Iterator[None]:
    """Keep for the owner why an update is refused, whatever part of its way it came to."""
    with noted_refusals(at.store, by.study_id, by.site_id, round_number, at.clock):
        yield


@router.get(f"{study_path(_STUDY)}/parameters/{{round_number}}")
def get_parameters(round_number: RoundNumber, at: At, by: By) -> FileResponse:
    """Send the global parameters after a round, or the range of them that is asked for."""
    with at.store.reading() as connection:
        extractor = _extractor(connection, by)
        packed = find_published(connection, by.study_id, round_number, extractor)
    return _file(at, packed.digest)


@router.get(f"{study_path(_STUDY)}/parameters/{{round_number}}/difference")
def get_difference(round_number: RoundNumber, at: At, by: By) -> FileResponse:
    """Send what a round changed, or the range of it that is asked for."""
    with at.store.reading() as connection:
        name = find_difference(connection, by.study_id, round_number, _extractor(connection, by))
    return _file(at, name)


@router.get(_UPDATE_PATH, dependencies=[Depends(refusals_are_noted)])
def get_update(request: Request, round_number: RoundNumber, at: At, by: By) -> UploadReply:
    """Say from where a member may go on sending its update of a round."""
    upload = upload_of(request)
    reply = at.rounds.admit_update(by.study_id, by.site_id, round_number, upload)
    return _progress(at, by, upload, is_accepted=reply is not None)


@router.put(_UPDATE_PATH, dependencies=[Depends(refusals_are_noted)])
async def put_update(
    request: Request,
    response: Response,
    round_number: RoundNumber,
    at: At,
    by: By,
    afterwards: BackgroundTasks,
) -> UpdateReply | UploadReply:
    """Take a member's update of a round; whether it was the last is found out afterwards."""

    def admit(upload: Upload) -> UpdateReply | None:
        return at.rounds.admit_update(by.study_id, by.site_id, round_number, upload)

    def accept(arrived: Arrived) -> UpdateReply:
        return at.rounds.accept_update(by.study_id, by.site_id, round_number, arrived)

    afterwards.add_task(at.rounds.go_on, by.study_id)
    return _or_progress(response, await _uploaded(request, at, by, admit, accept))


@router.get(proposal_path(_STUDY))
def get_proposal(request: Request, at: At, by: By) -> UploadReply:
    """Say from where a member may go on sending its proposal of initial parameters."""
    upload = upload_of(request)
    return _progress(at, by, upload, is_accepted=_admit_proposal(at, by, upload) is not None)


@router.put(proposal_path(_STUDY))
async def put_proposal(
    request: Request, response: Response, at: At, by: By
) -> ParametersReference | UploadReply:
    """Take a member's proposal of initial parameters."""

    def admit(upload: Upload) -> ParametersReference | None:
        return _admit_proposal(at, by, upload)

    def accept(arrived: Arrived) -> ParametersReference:
        with at.store.reading() as connection:
            record = find_study(connection, by.study_id)
        return propose(at.store, at.blobs, record, by.site_id, arrived, at.clock())

    return _or_progress(response, await _uploaded(request, at, by, admit, accept))


def _extractor(connection: Connection, by: Member) -> ExtractorName:
    return find_membership(connection, by.study_id, by.site_id).extractor


def _file(at: Coordinator, name: str) -> FileResponse:
    path = at.blobs.path(name)
    return BodyResponse(path, media_type=PARAMETERS_MEDIA_TYPE, headers={"ETag": f'"{name}"'})


def _admit_proposal(at: Coordinator, by: Member, upload: Upload) -> ParametersReference | None:
    check_length(upload.length, at.settings.proposal_limit_bytes)
    with at.store.reading() as connection:
        record = find_study(connection, by.study_id)
        settled = check_proposable(connection, record, upload.digest)
    return None if settled is None else settled.reference


async def _uploaded(
    request: Request,
    at: Coordinator,
    by: Member,
    admit: Callable[[Upload], Reply | None],
    accept: Callable[[Arrived], Reply],
) -> Reply | UploadReply:
    """Receive what comes of a body; when it is whole, use it in a worker thread, a few at a time.

    Args:
        request: Brings the bytes.
        at: The coordinator.
        by: Who sends them.
        admit: Refuses the body before it is read, or answers at once if it was accepted before.
        accept: Checks the whole body and makes it durable.
    """
    try:
        upload = upload_of(request)
        earlier = await anyio.to_thread.run_sync(admit, upload)
    except CoordinatorError:
        await drain(request)
        raise
    if earlier is not None:
        await drain(request)
        return earlier
    chunks = limited(request, upload.length - upload.offset)
    try:
        async with at.arrivals.receiving(chunks, by.site_id, upload) as arrived:
            if arrived is not None:
                return await anyio.to_thread.run_sync(accept, arrived, limiter=at.checking)
    except TooManyRequestsError:
        await drain(request)
        raise
    return _progress(at, by, upload, is_accepted=False)


def _progress(at: Coordinator, by: Member, upload: Upload, *, is_accepted: bool) -> UploadReply:
    received = at.arrivals.received_bytes(by.site_id, upload.digest)
    return UploadReply(
        received_bytes=upload.length if is_accepted else received, is_accepted=is_accepted
    )


def _or_progress(response: Response, reply: Reply | UploadReply) -> Reply | UploadReply:
    if isinstance(reply, UploadReply):
        response.status_code = HTTPStatus.ACCEPTED
    return reply
