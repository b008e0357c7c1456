"""Request bodies, read with a limit that holds whatever the headers claim."""

import re
from collections.abc import AsyncIterator
from typing import Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from coordinator.errors import MalformedBodyError
from coordinator.protocol import DIGEST_HEADER, LENGTH_HEADER, OFFSET_HEADER
from coordinator.storage.arrivals import Upload, check_length

SMALL_LIMIT_BYTES: Final = 10_000
"""Of a form or a message whose parts are all short; parsed at once, in no noticeable time."""
DOMAINS_LIMIT_BYTES: Final = 200_000
"""Of a message that names as many domains as a study can have."""

_DRAIN_BYTES: Final = 64 << 20
"""Read and thrown away beyond the limit: a sender that is cut off never reads the refusal."""
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_COUNT: Final = re.compile("[0-9]{1,15}")

Message = TypeVar("Message", bound=BaseModel)


async def read_small(request: Request, limit_bytes: int = SMALL_LIMIT_BYTES) -> bytes:
    """Read a body that fits into memory.

    Raises:
        BodyTooLargeError: if it has more than ``limit_bytes``.
    """
    return b"".join([chunk async for chunk in limited(request, limit_bytes)])


def parse_json(body: bytes, message_type: type[Message]) -> Message:
    """Make a message of JSON.

    Raises:
        MalformedBodyError: naming the first field that is wrong, never its value.
    """
    try:
        return message_type.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the body"
        raise MalformedBodyError(
            f"The request is no valid {message_type.__name__}: {field}: {first['msg']}"
        ) from error


def upload_of(request: Request) -> Upload:
    """Return which body a request is about, as its headers say.

    Raises:
        MalformedBodyError: naming the header that is missing or wrong.
    """
    digest = request.headers.get(DIGEST_HEADER, "")
    length = request.headers.get(LENGTH_HEADER, "")
    offset = request.headers.get(OFFSET_HEADER, "0")
    if _DIGEST.fullmatch(digest) is None:
        raise MalformedBodyError(f"{DIGEST_HEADER} has to be the SHA-256 of the body")
    for header, value in ((LENGTH_HEADER, length), (OFFSET_HEADER, offset)):
        if _COUNT.fullmatch(value) is None:
            raise MalformedBodyError(f"{header} has to be a number of bytes")
    if int(offset) > int(length):
        raise MalformedBodyError(f"{OFFSET_HEADER} lies beyond {LENGTH_HEADER}")
    return Upload(digest, int(offset), int(length))


async def drain(request: Request) -> None:
    """Throw away a body that is refused: a sender that is cut off never reads why."""
    async for _ in limited(request, _DRAIN_BYTES):
        pass


async def limited(request: Request, limit_bytes: int) -> AsyncIterator[bytes]:
    """Yield a body piece by piece.

    Raises:
        BodyTooLargeError: if it has more than ``limit_bytes``; some of it is then drained.
    """
    declared = request.headers.get("Content-Length", "0")
    size = int(declared) if declared.isdecimal() else 0
    if size <= limit_bytes + _DRAIN_BYTES:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size <= limit_bytes:
                yield chunk
            elif size > limit_bytes + _DRAIN_BYTES:
                break
    check_length(size, limit_bytes)
