"""A body on its way down, which goes on after a cut where it was."""

from dataclasses import dataclass, field
from http import HTTPStatus

import requests


@dataclass
class Download:
    """What has come of a body so far, and how to ask for the rest."""

    path: str = ""
    received: bytearray = field(default_factory=bytearray)
    etag: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Headers that ask for the rest, or for all if the body has become another."""
        if not self.received or self.etag is None:
            return {}
        return {"Range": f"bytes={len(self.received)}-", "If-Range": self.etag}

    def is_gone_on_with_by(self, response: requests.Response) -> bool:
        """Whether an answer brings the rest; if it brings all anew, forget what came before."""
        if response.status_code == HTTPStatus.OK:
            self.received.clear()
            self.etag = response.headers.get("ETag")
            return True
        brought = response.headers.get("Content-Range", "")
        return response.status_code == HTTPStatus.PARTIAL_CONTENT and brought.startswith(
            f"bytes {len(self.received)}-"
        )
