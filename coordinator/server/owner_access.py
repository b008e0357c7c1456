"""How an owner's credential or session comes with a request, and how a browser keeps a session."""

from fastapi import Request
from fastapi.responses import Response

from coordinator.access.owners import (
    SESSION_LIFETIME,
    Owner,
    authenticate_owner,
    owner_of_session,
)
from coordinator.server.context import At
from coordinator.server.rate_limits import guesses_are_counted
from coordinator.server.shown_secret import SESSION_COOKIE, session_token, shown_secret


def owner_of(request: Request, at: At) -> Owner:
    """Find out which owner asks: by a bearer credential, else by the session's cookie.

    Raises:
        CredentialRefusedError: if nobody known does.
    """
    token = session_token(request)
    with guesses_are_counted(request), at.store.reading() as connection:
        if token is not None:
            return owner_of_session(connection, token, at.clock())
        return authenticate_owner(connection, shown_secret(request))


def hand_session_cookie(request: Request, response: Response, token: str) -> None:
    """Let the browser keep a session: out of reach of scripts, other sites and plain HTTP."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def take_session_cookie(request: Request, response: Response) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(
        SESSION_COOKIE,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
