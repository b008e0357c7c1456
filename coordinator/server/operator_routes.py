"""The routes of whoever runs the machine: does it live, can it work, and how much does it do."""

import ipaddress
import os
import shutil
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select

from coordinator.errors import CredentialRefusedError
from coordinator.protocol import SERVED_PROTOCOLS
from coordinator.server.context import At, Coordinator
from coordinator.server.owner_access import owner_of
from coordinator.storage.installation import MARK
from coordinator.storage.tables import studies

router = APIRouter()


@router.get("/healthz")
async def get_health() -> dict[str, object]:
    """Say that the process answers; a database that does not is no reason to start it anew.

    Nor is an object store that lets all worker threads wait, so that this asks for none.
    """
    return {"status": "ok", "served_protocols": sorted(SERVED_PROTOCOLS)}


@router.get("/readyz")
def get_readiness(at: At) -> JSONResponse:
    """Say whether updates can be taken, and if not, what the operator has to do.

    Raises:
        StateDamagedError: if the database or the object store does not answer.
    """
    with at.store.reading() as connection:
        connection.execute(select(studies.c.study_id).limit(1))
    at.blobs.read_mark(MARK)
    hindrance = _hindrance(at)
    if hindrance is None:
        return JSONResponse({"status": "ready"})
    return JSONResponse(
        {"status": "not_ready", "sentence": hindrance}, status_code=HTTPStatus.SERVICE_UNAVAILABLE
    )


@router.get("/metrics")
def get_metrics(request: Request, at: At) -> Response:
    """Give figures to monitoring: on this machine, or with an owner credential for all studies."""
    # A proxy on this machine would lend its address to whoever is behind it.
    if at.settings.behind_proxy or not _is_from_this_machine(request):
        owner = owner_of(request, at)
        if owner.study_id is not None:
            raise CredentialRefusedError(
                "The figures are of all studies; this credential of one. Ask the coordinator's "
                "operator for one of all (`owner issue` without --study)"
            )
    return Response(generate_latest(at.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _hindrance(at: Coordinator) -> str | None:
    folder = at.settings.data_folder
    if not os.access(folder, os.W_OK):
        return "The data folder cannot be written; give the coordinator's user the right to"
    if shutil.disk_usage(folder).free < at.settings.free_space_bytes:
        # Anybody may ask: how much is left is nobody's business but the operator's.
        return (
            "The data folder's disk is short of room; make some, or lower free_space_bytes in "
            "the coordinator's settings"
        )
    return None


def _is_from_this_machine(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:  # a proxy may name who asks as it likes
        return False
