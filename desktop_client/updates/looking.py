"""Asks a hospital's server which version is the newest: one plain GET, and nothing is fetched.

It goes the way that joining a study goes: by the same proxy and the same certificate authorities.
"""

import ssl
import time
from collections.abc import Generator
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import requests
from pydantic import ValidationError
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from desktop_client.errors import UpdateCheckError
from desktop_client.federation.network import mount, trust_of, verify_code_of, why_not_trusted
from desktop_client.federation.waiting import attended
from desktop_client.paths import Home
from desktop_client.training.events import StillWorking
from desktop_client.updates.announcement import Announcement
from desktop_client.updates.policy import UpdatePolicy

TIMEOUT_S: Final = 4.0
"""Of one step."""
PATIENCE_S: Final = 10.0
"""With all steps together, whatever the other side does."""
LARGEST_ANSWER_BYTES: Final = 16_384
HEADERS: Final = {"User-Agent": "SiteBlind", "Accept": "application/json"}
"""All that is said of the program; its version is nobody's business."""


def look_for_update(policy: UpdatePolicy, home: Home) -> Generator[StillWorking | Announcement]:
    """Ask the policy's address, once, and yield what it announces.

    The request runs in a thread, which whoever ceases to iterate leaves to end by itself.

    Raises:
        UpdateCheckError: if there is no answer, or one that is anything but an announcement.
    """
    try:
        hangs_up_at = time.monotonic() + PATIENCE_S + TIMEOUT_S  # when nobody waits any more
        ask = partial(_content, policy.address, home, hangs_up_at)
        content = yield from attended(ask, PATIENCE_S)
        yield Announcement.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _nothing_told(
            policy, f"{where}: {first['msg']}" if where else first["msg"]
        ) from error
    except TimeoutError as error:
        raise _nothing_told(policy, "its answer takes too long") from error
    except (OSError, HTTPError) as error:  # those of requests are among the first
        is_distrust = verify_code_of(error) is not None
        why = f"its certificate {why_not_trusted(error)}" if is_distrust else "no answer"
        raise _nothing_told(policy, why) from error
    except _UnlikelyAnswerError as error:
        raise _nothing_told(policy, str(error)) from error


class _UnlikelyAnswerError(Exception):
    """What came is not worth reading."""


def _content(address: str, home: Home, hangs_up_at: float) -> bytes:
    with requests.Session() as session:
        context = mount(session, trust_of(home), Retry(0))
        context.sslsocket_class = _line_until(hangs_up_at)
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
    """Return the body, unless it is long."""
    body = b""
    while piece := response.raw.read1(LARGEST_ANSWER_BYTES):
        body += piece
        if len(body) > LARGEST_ANSWER_BYTES:
            raise _UnlikelyAnswerError(f"its answer is longer than {LARGEST_ANSWER_BYTES} bytes")
    return body


def _line_until(hangs_up_at: float) -> type[ssl.SSLSocket]:
    """Return lines that are hung up at a time: one that drips would keep its thread for ever."""

    class Line(ssl.SSLSocket):
        def recv_into(self, *arguments: Any, **options: Any) -> int:  # noqa: ANN401  as in ssl
            if time.monotonic() > hangs_up_at:
                raise TimeoutError
            return super().recv_into(*arguments, **options)

    return Line


def _send_no_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep what a .netrc has for this server out of the request."""
    return request


def _nothing_told(policy: UpdatePolicy, why: str) -> UpdateCheckError:
    return UpdateCheckError(f"{policy.host} did not tell the newest version: {why}")
