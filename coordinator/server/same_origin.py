"""Forms that change something are taken from this coordinator's own pages only.

A session's cookie is not sent from other sites' pages, but a login needs none, and neither does
being logged out by somebody else. Browsers say where a form comes from; programs say nothing, and
nobody can make them send what they should not.
"""

from urllib.parse import urlsplit

from fastapi import Request

from coordinator.errors import CrossSiteError


def check_same_origin(request: Request) -> None:
    """Refuse a form that a browser sends for another site's page.

    Raises:
        CrossSiteError: if the browser says so.
    """
    fetched_by = request.headers.get("Sec-Fetch-Site")
    if fetched_by is not None:  # by browsers since 2023, over HTTPS or on one's own machine
        is_own = fetched_by in ("same-origin", "none")
    else:
        origin = request.headers.get("Origin")
        # A proxy may have taken off TLS, and with it the scheme; the host it passes on.
        is_own = origin is None or urlsplit(origin).netloc == request.headers.get("Host")
    if not is_own:
        raise CrossSiteError(
            "This form was sent by another site's page, and nothing was done. "
            "Open the dashboard itself and sign in or out there"
        )
