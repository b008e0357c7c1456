"""Canonical bodies: safetensors files that are read and written by ranges, never whole.

Their arrays are all float32. Each parameter group is then one range of values, and so are all
parameters; moments and styles come after them.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from coordinator.errors import MalformedBodyError
from coordinator.layout import read_header, write_header
from coordinator.method.arrays import Values, values_before
from coordinator.parameters import Manifest, Message, parse_message, value_count
from coordinator.storage.durable import damaged

_VALUE_BYTES: Final = 4


class Source(Protocol):
    """Bytes that nobody writes to, wherever they lie."""

    @property
    def name(self) -> str:
        """What they are called, should something be wrong with them."""

    @property
    def size_bytes(self) -> int:
        """How many there are."""

    def read_into(self, room: memoryview, offset: int) -> int:
        """Fill ``room`` with what comes from an offset on; return how many bytes that were.

        Raises:
            StateDamagedError: if they cannot be read.
        """


@dataclass(frozen=True, slots=True)
class FileSource:
    """The bytes of a file; each reading opens it anew, so thousands may be held."""

    path: Path
    size_bytes: int

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self.path.name

    def read_into(self, room: memoryview, offset: int) -> int:
        """Fill ``room`` with what comes from an offset on; return how many bytes that were."""
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(offset)
                return file.readinto(room)
        except OSError as error:
            raise damaged(self.name) from error


@dataclass(frozen=True, slots=True)
class Body:
    """A canonical body.

    Attributes:
        source: Its bytes; whoever opened the body vouches that nobody writes to them.
        metadata: Of the header.
        shapes: Of the arrays, in order of their names, as they lie in the file.
        data_offset: Bytes before the first value.
    """

    source: Source
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
        if values.size:
            offset = self.data_offset + start * _VALUE_BYTES
            read = self.source.read_into(values.data.cast("B"), offset)
            if read != values.nbytes:
                raise damaged(self.source.name)
        return values


def open_body(path: Path) -> Body:
    """Read the header of a body in a file, and nothing else of it.

    Raises:
        MalformedBodyError: if the file is no canonical body.
        StateDamagedError: if it cannot be read.
    """
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise damaged(path.name) from error
    return read_body(FileSource(path, size_bytes))


def read_body(source: Source) -> Body:
    """Read the header of a body, and nothing else of it; raises what ``open_body`` does."""
    header = read_header(_FromStart(source))
    for name in header.bytes_arrays:
        raise MalformedBodyError(f"Array {name!r} is U8; only float32 may travel")
    if source.size_bytes - header.size_bytes != header.data_bytes:
        raise MalformedBodyError(
            f"The body has {source.size_bytes - header.size_bytes} bytes of values; "
            f"its header describes {header.data_bytes}"
        )
    return Body(source, header.metadata, header.shapes, header.size_bytes)


class _FromStart:
    """The part of a file that reading a header takes."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._offset = 0

    def read(self, size: int, /) -> bytes:
        room = bytearray(max(0, min(size, self._source.size_bytes - self._offset)))
        if room:
            self._offset += self._source.read_into(memoryview(room), self._offset)
        return bytes(room)


def body_parts(
    shapes: Manifest, metadata: Mapping[str, str], values: Iterable[Values]
) -> Iterator[memoryview]:
    """Yield a canonical body piece by piece.

    Args:
        shapes: Of its arrays.
        metadata: For the header.
        values: All values of the arrays, in order of the arrays' names, in pieces of any size.
    """
    yield memoryview(write_header(shapes, metadata))
    count = 0
    for piece in values:
        count += piece.size
        yield np.ascontiguousarray(piece, "<f4").reshape(-1).data
    if count != value_count(shapes):
        raise ValueError(f"{count} values given for a body of {value_count(shapes)}")
