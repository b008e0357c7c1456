"""A body on its way down, which goes on after a cut where it was."""

import io
from http import HTTPStatus

import requests


class Download:
    """What has come of a body so far, and how to ask for the rest."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self._etag: str | None = None
        # Hands over its bytes without a copy, which would cost as much as receiving them did.
        self._received = io.BytesIO()

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self._received.tell()

    @property
    def body(self) -> bytes:
        """All that has come."""
        return self._received.getvalue()

    @property
    def headers(self) -> dict[str, str]:
        """Headers that ask for the rest, or for all if the body has become another."""
        if not self.size or self._etag is None:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self._etag}

    def is_gone_on_with_by(self, response: requests.Response) -> bool:
        """Whether an answer brings the rest; if it brings all anew, forget what came before."""
        if response.status_code == HTTPStatus.OK:
            self._received = io.BytesIO()
            self._etag = response.headers.get("ETag")
            return True
        brought = response.headers.get("Content-Range", "")
        return response.status_code == HTTPStatus.PARTIAL_CONTENT and brought.startswith(
            f"bytes {self.size}-"
        )

    def take(self, part: bytes) -> None:
        """Add what has just come."""
        self._received.write(part)
