"""How an owner's credential or session comes with a request, and how a browser keeps a session."""

from typing import Final

from fastapi import Request
from fastapi.responses import Response

from coordinator.access.credentials import bearer_credential
from coordinator.access.owners import (
    SESSION_LIFETIME,
    Owner,
    authenticate_owner,
    owner_of_session,
)
from coordinator.server.context import At
from coordinator.server.rate_limits import note_authenticated

SESSION_COOKIE: Final = "siteblind_session"


def owner_of(request: Request, at: At) -> Owner:
    """Find out which owner asks: by a bearer credential, else by the session's cookie.

    Raises:
        CredentialRefusedError: if nobody known does.
    """
    token = request.cookies.get(SESSION_COOKIE)
    with at.store.reading() as connection:
        if "Authorization" not in request.headers and token is not None:
            owner = owner_of_session(connection, token, at.clock())
        else:
            credential = bearer_credential(request.headers.get("Authorization"))
            owner = authenticate_owner(connection, credential)
    note_authenticated(request)
    return owner


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
