"""Canonical bodies: safetensors files that are read and written by ranges, never whole.

Canonical is a body whose arrays are all float32 and lie in order of their names without gaps, as
safetensors itself writes float32 arrays. Each parameter group is then one range of values, and so
are all parameters; moments and styles come after them.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from coordinator.errors import MalformedBodyError
from coordinator.method.arrays import Values, values_before
from coordinator.parameters import (
    HEADER_ALLOWANCE_BYTES,
    MESSAGE_KEY,
    Manifest,
    Message,
    parse_message,
    value_count,
)
from coordinator.storage.durable import damaged

_LENGTH_BYTES: Final = 8
_METADATA_KEY: Final = "__metadata__"
_VALUE_BYTES: Final = 4
_MALFORMED: Final = "The body is not valid safetensors: "
_Count = Annotated[int, Field(ge=0, le=2**53, strict=True)]
_Shape = Annotated[tuple[_Count, ...], Field(max_length=8)]
"""Multiplying out a longer one, which still fits into a header, would take seconds."""


class _Entry(BaseModel):
    """What a safetensors header says about one array."""

    model_config = ConfigDict(extra="forbid")

    dtype: str
    shape: _Shape
    data_offsets: tuple[_Count, _Count]


_ENTRIES: Final = TypeAdapter(dict[str, _Entry])
_METADATA: Final = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class Body:
    """A canonical body in a file; each reading opens the file anew, so thousands may be held.

    Attributes:
        path: The file; whoever opened the body vouches that nobody writes to it.
        metadata: Of the header.
        shapes: Of the arrays, in order of their names, as they lie in the file.
        data_offset: Bytes before the first value.
    """

    path: Path
    metadata: Mapping[str, str]
    shapes: Manifest
    data_offset: int

    def message(self, message_type: type[Message]) -> Message:
        """Return the message that the body carries.

        Raises:
            MalformedBodyError: if it carries none of this type.
        """
        return parse_message(self.metadata, message_type)

    def array(self, name: str) -> Values:
        """Return one array, in its shape; for those that are known to be small."""
        start, shape = values_before(self.shapes, name), self.shapes[name]
        return self.values(start, start + math.prod(shape)).reshape(shape)

    def values(self, start: int, stop: int) -> Values:
        """Return a range of the body's values.

        Raises:
            StateDamagedError: if the file has become shorter, or cannot be read.
        """
        values = np.empty(stop - start, np.dtype("<f4"))
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(self.data_offset + start * _VALUE_BYTES)
                read = file.readinto(values.data)
        except OSError as error:
            raise damaged(self.path.name) from error
        if read != values.nbytes:
            raise damaged(self.path.name)
        return values


def open_body(path: Path) -> Body:
    """Read the header of a body, and nothing else of it.

    Raises:
        MalformedBodyError: if the file is no canonical body.
        StateDamagedError: if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            header_size = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            if size < _LENGTH_BYTES or header_size > min(
                HEADER_ALLOWANCE_BYTES, size - _LENGTH_BYTES
            ):
                raise MalformedBodyError(f"{_MALFORMED}its header is cut or too long")
            header = file.read(header_size)
    except OSError as error:
        raise damaged(path.name) from error
    metadata, entries = _parse(header)
    data_offset = _LENGTH_BYTES + header_size
    _check_canonical(entries, size - data_offset)
    shapes = {name: entry.shape for name, entry in sorted(entries.items())}
    return Body(path, metadata, shapes, data_offset)


def body_parts(
    shapes: Manifest, metadata: Mapping[str, str], values: Iterable[Values]
) -> Iterator[memoryview]:
    """Yield a canonical body piece by piece.

    Args:
        shapes: Of its arrays.
        metadata: For the header.
        values: All values of the arrays, in order of the arrays' names, in pieces of any size.
    """
    yield memoryview(_header(shapes, metadata))
    count = 0
    for piece in values:
        count += piece.size
        yield np.ascontiguousarray(piece, "<f4").reshape(-1).data
    if count != value_count(shapes):
        raise ValueError(f"{count} values given for a body of {value_count(shapes)}")


def with_message(message: BaseModel) -> dict[str, str]:
    """Return the metadata that carries a message."""
    return {MESSAGE_KEY: message.model_dump_json()}


def _header(shapes: Manifest, metadata: Mapping[str, str]) -> bytes:
    entries: dict[str, object] = {_METADATA_KEY: dict(metadata)}
    start = 0
    for name, shape in sorted(shapes.items()):
        stop = start + _VALUE_BYTES * math.prod(shape)
        entries[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, stop]}
        start = stop
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % _LENGTH_BYTES)  # the values then begin at a multiple of 8
    return len(text).to_bytes(_LENGTH_BYTES, "little") + text


def _parse(header: bytes) -> tuple[dict[str, str], dict[str, _Entry]]:
    try:
        content = json.loads(header, object_pairs_hook=_once)
        if not isinstance(content, dict):
            raise MalformedBodyError(f"{_MALFORMED}its header is no object")
        metadata = _METADATA.validate_python(content.pop(_METADATA_KEY, {}))
        return metadata, _ENTRIES.validate_python(content)
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


def _check_canonical(entries: Mapping[str, _Entry], data_size: int) -> None:
    start = 0
    for name, entry in sorted(entries.items()):
        if entry.dtype != "F32":
            raise MalformedBodyError(f"Array {name!r} is {entry.dtype}; only float32 may travel")
        stop = start + _VALUE_BYTES * math.prod(entry.shape)
        if entry.data_offsets != (start, stop):
            raise MalformedBodyError(
                f"Array {name!r} does not lie where it belongs; arrays follow each other in order "
                "of their names, without gaps"
            )
        start = stop
    if start != data_size:
        raise MalformedBodyError(
            f"The body has {data_size} bytes of values; its header describes {start}"
        )
