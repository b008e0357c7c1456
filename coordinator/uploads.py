"""Request bodies, read with a limit that holds whatever the headers claim."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from coordinator.errors import BodyTooLargeError, MalformedBodyError

JSON_LIMIT_BYTES: Final = 1_000_000

_DRAIN_BYTES: Final = 64 << 20
"""Read and thrown away beyond the limit: a sender that is cut off never reads the refusal."""
_WRITE_BYTES: Final = 1 << 20

Message = TypeVar("Message", bound=BaseModel)


async def read_json(request: Request, message_type: type[Message]) -> Message:
    """Read a small JSON body.

    Raises:
        BodyTooLargeError: if it has more than ``JSON_LIMIT_BYTES``.
        MalformedBodyError: naming the first field that is wrong, never its value.
    """
    return parse_json(await read_small(request), message_type)


async def read_small(request: Request) -> bytes:
    """Read a body that fits into memory.

    Raises:
        BodyTooLargeError: if it has more than ``JSON_LIMIT_BYTES``.
    """
    return b"".join([chunk async for chunk in _limited(request, JSON_LIMIT_BYTES)])


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


@asynccontextmanager
async def spooled(request: Request, limit_bytes: int, folder: Path) -> AsyncIterator[BinaryIO]:
    """Put a large body into a nameless file, so that slow senders occupy no memory.

    Raises:
        BodyTooLargeError: if it has more than ``limit_bytes``.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        buffer = bytearray()
        async for chunk in _limited(request, limit_bytes):
            buffer += chunk
            if len(buffer) >= _WRITE_BYTES:
                await run_in_threadpool(file.write, bytes(buffer))
                buffer.clear()
        await run_in_threadpool(file.write, bytes(buffer))
        file.seek(0)
        yield file


async def _limited(request: Request, limit_bytes: int) -> AsyncIterator[bytes]:
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
    if size > limit_bytes:
        raise BodyTooLargeError(
            f"The body has more than the {limit_bytes} bytes that are possible here"
        )
