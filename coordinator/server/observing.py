"""What each request leaves behind: its counts, and one id in all the log lines that it causes."""

import logging
import secrets
import time
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from coordinator.server.metrics import Metrics

logger = logging.getLogger(__name__)

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_UNKNOWN: Final = "unknown"
"""In place of what a stranger made up: every label is a time series that is kept."""


class ObservedRequests:
    """Counts and times the requests that an application answers.

    Args:
        app: The application.
        metrics: Where the figures go.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, then note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # What ends without an answer has met an error that nobody foresaw.
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started_s = time.perf_counter()
        in_progress = self._metrics.requests_in_progress.track_inprogress()
        with in_progress, bound_contextvars(request_id=secrets.token_hex(8)):
            try:
                await self._app(scope, receive, send_and_see)
            finally:
                self._note(scope, status, time.perf_counter() - started_s)

    def _note(self, scope: Scope, status: int, duration_s: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else _UNKNOWN
        route = getattr(scope.get("route"), "path", _UNKNOWN)
        self._metrics.requests.labels(method, route, status).inc()
        self._metrics.request_seconds.labels(method, route).observe(duration_s)
        is_usual = status < HTTPStatus.BAD_REQUEST
        logger.log(
            logging.DEBUG if is_usual else logging.INFO,
            "%s %s was answered with %d after %.3f s",
            method,
            route,
            status,
            duration_s,
        )
