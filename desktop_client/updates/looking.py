"""Asks a hospital's server which version is the newest: one plain GET, and nothing is fetched.

It goes the way that joining a study goes: by the same proxy and the same certificate authorities.
"""

import time
from collections.abc import Generator
from http import HTTPStatus
from typing import Final

import requests
from pydantic import ValidationError
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from desktop_client.errors import UpdateCheckError
from desktop_client.federation.network import mount, trust_of, verify_code_of, why_not_trusted
from desktop_client.paths import Home
from desktop_client.updates.announcement import Announcement
from desktop_client.updates.policy import UpdatePolicy

TIMEOUT_S: Final = 4.0
"""Of one step; whoever closes the window waits for it."""
PATIENCE_S: Final = 10.0
"""With all steps together."""
LARGEST_ANSWER_BYTES: Final = 16_384
HEADERS: Final = {"User-Agent": "SiteBlind", "Accept": "application/json"}
"""All that is said of the program; its version is nobody's business."""


def look_for_update(policy: UpdatePolicy, home: Home) -> Generator[Announcement]:
    """Ask the policy's address, once, and yield what it announces.

    Raises:
        UpdateCheckError: if there is no answer, or one that is anything but an announcement.
    """
    try:
        content = _content(policy.address, home)
        yield Announcement.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _nothing_told(
            policy, f"{where}: {first['msg']}" if where else first["msg"]
        ) from error
    except (OSError, HTTPError) as error:  # those of requests are among the first
        is_distrust = verify_code_of(error) is not None
        why = f"its certificate {why_not_trusted(error)}" if is_distrust else "no answer"
        raise _nothing_told(policy, why) from error
    except _UnlikelyAnswerError as error:
        raise _nothing_told(policy, str(error)) from error


class _UnlikelyAnswerError(Exception):
    """What came is not worth reading."""


def _content(address: str, home: Home) -> bytes:
    with requests.Session() as session:
        mount(session, trust_of(home), Retry(0))
        session.auth = _send_no_password
        session.headers.clear()
        session.headers.update(HEADERS)
        # Another place would be one that the IT department has not named.
        with session.get(
            address, timeout=TIMEOUT_S, allow_redirects=False, stream=True
        ) as response:
            if response.status_code != HTTPStatus.OK:
                raise _UnlikelyAnswerError(f"it answered {response.status_code}")
            return _short_body(response)


def _short_body(response: requests.Response) -> bytes:
    """Return the body, unless it is long or takes long."""
    body, deadline = b"", time.monotonic() + PATIENCE_S
    while piece := response.raw.read1(LARGEST_ANSWER_BYTES):
        body += piece
        if len(body) > LARGEST_ANSWER_BYTES:
            raise _UnlikelyAnswerError(f"its answer is longer than {LARGEST_ANSWER_BYTES} bytes")
        if time.monotonic() > deadline:
            raise _UnlikelyAnswerError("its answer takes too long")
    return body


def _send_no_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep what a .netrc has for this server out of the request."""
    return request


def _nothing_told(policy: UpdatePolicy, why: str) -> UpdateCheckError:
    return UpdateCheckError(f"{policy.host} did not tell the newest version: {why}")
