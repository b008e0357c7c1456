"""How the bytes of a body lie: a safetensors header, then its arrays in order of their names; pure.

Canonical is a body whose arrays follow each other in order of their names without gaps, as
safetensors itself writes arrays of one dtype. Nothing beyond the header is read to know all of it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from coordinator.errors import MalformedBodyError
from coordinator.parameters import (
    HEADER_ALLOWANCE_BYTES,
    MESSAGE_KEY,
    Manifest,
    Message,
    parse_message,
)

Dtype = Literal["F32", "U8"]
"""Of an array, in safetensors' words: float32, or bytes that mean something else."""

_MALFORMED: Final = "The body is not valid safetensors: "
_WIDTHS: Final[dict[str, int]] = {"F32": 4, "U8": 1}
_LENGTH_BYTES: Final = 8
_METADATA_KEY: Final = "__metadata__"
_Count = Annotated[int, Field(ge=0, le=2**53, strict=True)]
_Shape = Annotated[tuple[_Count, ...], Field(max_length=8)]
"""Multiplying out a longer one, which still fits into a header, would take seconds."""


class Readable(Protocol):
    """The part of a file that is needed here; a decompressor's reader has no more."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes; none at the end."""


class _Entry(BaseModel):
    """What a safetensors header says about one array."""

    model_config = ConfigDict(extra="forbid")

    dtype: str
    shape: _Shape
    data_offsets: tuple[_Count, _Count]


_ENTRIES: Final = TypeAdapter(dict[str, _Entry])
_METADATA: Final = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a canonical body.

    Attributes:
        metadata: What it carries beside its arrays.
        shapes: Of the float32 arrays, in order of their names.
        bytes_arrays: How long the others are, in order of their names.
        size_bytes: Of the header itself: the first value comes after it.
        data_bytes: Of all arrays together.
    """

    metadata: Mapping[str, str]
    shapes: Manifest
    bytes_arrays: Mapping[str, int]
    size_bytes: int
    data_bytes: int

    def message(self, message_type: type[Message]) -> Message:
        """Return the message that the body carries.

        Raises:
            MalformedBodyError: if it carries none of this type.
        """
        return parse_message(self.metadata, message_type)


def read_header(stream: Readable) -> Header:
    """Read the header of a body, and nothing else of it.

    Raises:
        MalformedBodyError: if it is not that of a canonical body.
    """
    header_size = int.from_bytes(length := stream.read(_LENGTH_BYTES), "little")
    if len(length) < _LENGTH_BYTES or header_size > HEADER_ALLOWANCE_BYTES:
        raise MalformedBodyError(f"{_MALFORMED}its header is cut or too long")
    text = stream.read(header_size)
    if len(text) < header_size:
        raise MalformedBodyError(f"{_MALFORMED}its header is cut or too long")
    metadata, entries = _parse(text)
    return Header(
        metadata=metadata,
        shapes={name: entry.shape for name, entry in entries.items() if entry.dtype == "F32"},
        bytes_arrays={
            name: math.prod(entry.shape) for name, entry in entries.items() if entry.dtype == "U8"
        },
        size_bytes=_LENGTH_BYTES + header_size,
        data_bytes=_data_bytes(entries),
    )


def write_header(
    shapes: Manifest, metadata: Mapping[str, str], dtypes: Mapping[str, Dtype] | None = None
) -> bytes:
    """Make the header of a canonical body.

    Args:
        shapes: Of its arrays.
        metadata: What it carries beside them.
        dtypes: Of the arrays that are not float32.
    """
    entries: dict[str, object] = {_METADATA_KEY: dict(metadata)}
    start = 0
    for name, shape in sorted(shapes.items()):
        dtype = (dtypes or {}).get(name, "F32")
        stop = start + _WIDTHS[dtype] * math.prod(shape)
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [start, stop]}
        start = stop
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % _LENGTH_BYTES)  # the values then begin at a multiple of 8
    return len(text).to_bytes(_LENGTH_BYTES, "little") + text


def with_message(message: BaseModel) -> dict[str, str]:
    """Return the metadata that carries a message."""
    return {MESSAGE_KEY: message.model_dump_json()}


def _parse(text: bytes) -> tuple[dict[str, str], dict[str, _Entry]]:
    try:
        content = json.loads(text, object_pairs_hook=_once)
        if not isinstance(content, dict):
            raise MalformedBodyError(f"{_MALFORMED}its header is no object")
        metadata = _METADATA.validate_python(content.pop(_METADATA_KEY, {}))
        return metadata, dict(sorted(_ENTRIES.validate_python(content).items()))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MalformedBodyError(f"{_MALFORMED}{where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise MalformedBodyError(f"{_MALFORMED}its header is no JSON") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON whose keys differ: readers disagree about which of two counts."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key stands twice")
    return content


def _data_bytes(entries: Mapping[str, _Entry]) -> int:
    """Return where the last array ends, if they follow each other."""
    start = 0
    for name, entry in entries.items():
        if entry.dtype not in _WIDTHS:
            raise MalformedBodyError(f"Array {name!r} is {entry.dtype}; only float32 may travel")
        stop = start + _WIDTHS[entry.dtype] * math.prod(entry.shape)
        if entry.data_offsets != (start, stop):
            raise MalformedBodyError(
                f"Array {name!r} does not lie where it belongs; arrays follow each other in order "
                "of their names, without gaps"
            )
        start = stop
    return start
