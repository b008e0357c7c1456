"""The application: its routes, and how every refusal and failure reaches the one who asked."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Final, cast

import anyio
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from coordinator.dashboard import routes as dashboard_routes
from coordinator.errors import CoordinatorError, TooManyRequestsError
from coordinator.protocol import ErrorReply
from coordinator.rounds.life import Rounds
from coordinator.server import body_routes, operator_routes
from coordinator.server.context import Coordinator
from coordinator.server.metrics import Metrics
from coordinator.server.observing import ObservedRequests
from coordinator.server.patience import SlowBodies
from coordinator.server.rate_limits import RateLimits
from coordinator.server.settings import Settings
from coordinator.server.site_routes import check_protocol_header, router
from coordinator.server.sweeping import renew_now_and_then, sweep_now_and_then
from coordinator.storage.arrivals import Arrivals
from coordinator.storage.blobs import Blobs
from coordinator.storage.store import Store

logger = logging.getLogger(__name__)

_CHECKED_AT_ONCE: Final = 2
"""Bodies looked through at the same time: enough to keep disk and processor busy."""
_HEADERS_OF: Final[Mapping[int, Mapping[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    # The rest of a body that came too slowly is not waited for.
    HTTPStatus.REQUEST_TIMEOUT: {"Connection": "close"},
    # For programs in between; SiteBlind's own sites wait by themselves, longer each time.
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "30"},
    HTTPStatus.INSUFFICIENT_STORAGE: {"Retry-After": "300"},
}


def create_app(
    store: Store,
    blobs: Blobs,
    clock: Callable[[], datetime],
    settings: Settings,
) -> FastAPI:
    """Return the application; it owns none of what it is given.

    Args:
        store: The tables.
        blobs: The parameter files.
        clock: Gives the time, with its zone.
        settings: How this coordinator runs; its data folder exists.
    """
    app = FastAPI(
        title="SiteBlind coordinator",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(check_protocol_header)],
        lifespan=_housekeeping,
    )
    metrics = Metrics(store, clock)
    app.state.coordinator = Coordinator(
        store=store,
        blobs=blobs,
        rounds=Rounds(store, blobs, clock),
        clock=clock,
        settings=settings,
        metrics=metrics,
        arrivals=Arrivals(settings.arriving_path),
        checking=anyio.CapacityLimiter(_CHECKED_AT_ONCE),
    )
    app.include_router(router)
    app.include_router(body_routes.router)
    app.include_router(operator_routes.router)
    app.include_router(dashboard_routes.router)
    app.add_middleware(SlowBodies, tolerance=settings.tolerance)
    app.add_middleware(RateLimits, allowance=settings.allowance)
    app.add_middleware(ObservedRequests, metrics=metrics)
    app.add_exception_handler(CoordinatorError, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_unexpected)
    return app


@asynccontextmanager
async def _housekeeping(app: FastAPI) -> AsyncIterator[None]:
    """Do for as long as the application runs what no request asks for."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sweep_now_and_then, app.state.coordinator)
        tasks.start_soon(renew_now_and_then, app.state.coordinator)
        yield
        tasks.cancel_scope.cancel()


def _reply(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    content = ErrorReply(code=code, message=message).model_dump()
    return JSONResponse(content, status_code=status, headers=headers)


def _on_refusal(_request: Request, error: Exception) -> JSONResponse:
    refusal = cast(CoordinatorError, error)
    if refusal.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("A request failed: %s", refusal)
        logger.debug("What it failed of", exc_info=refusal)
    headers = dict(_HEADERS_OF.get(refusal.http_status, {}))
    if isinstance(refusal, TooManyRequestsError):
        headers["Retry-After"] = str(refusal.retry_after_s)
    return _reply(refusal.http_status, refusal.code, str(refusal), headers)


def _on_invalid_request(_request: Request, error: Exception) -> JSONResponse:
    first = cast(RequestValidationError, error).errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return _reply(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", f"{field}: {first['msg']}")


def _on_http_error(_request: Request, error: Exception) -> JSONResponse:
    raised = cast(HTTPException, error)
    status = HTTPStatus(raised.status_code)
    sentence = f"{status.phrase}: there is no such thing in a SiteBlind coordinator"
    return _reply(status, status.name.lower(), sentence, raised.headers)


def _on_disconnect(_request: Request, _error: Exception) -> JSONResponse:
    logger.info("A site went away while it was sending")
    return _reply(HTTPStatus.BAD_REQUEST, "disconnected", "The body did not arrive in full")


def _on_unexpected(_request: Request, _error: Exception) -> JSONResponse:
    """Tell the site no details; the server logs the traceback when Starlette raises on."""
    return _reply(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "unexpected",
        "The coordinator met an unexpected error; its operator finds the details in its log",
        # The server hangs up after an exception; a sender that knows does not reuse the line.
        {"Connection": "close"},
    )
