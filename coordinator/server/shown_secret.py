"""Which secret a request shows: one rule for whoever checks it and for whoever counts it."""

from typing import Final

from starlette.requests import Request

from coordinator.access.credentials import bearer_credential

SESSION_COOKIE: Final = "siteblind_session"


def session_token(request: Request) -> str | None:
    """Return the token of the session that a browser shows; a credential goes before it."""
    if "Authorization" in request.headers:
        return None
    return request.cookies.get(SESSION_COOKIE)


def shown_secret(request: Request) -> str | None:
    """Return the credential or the session's token, without what anybody could write around it."""
    return bearer_credential(request.headers.get("Authorization")) or session_token(request)
