"""Canonical bodies: safetensors files that are read and written by ranges, never whole.

Their arrays are all float32. Each parameter group is then one range of values, and so are all
parameters; moments and styles come after them.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from coordinator.errors import MalformedBodyError
from coordinator.layout import read_header, write_header
from coordinator.method.arrays import Values, values_before
from coordinator.parameters import Manifest, Message, parse_message, value_count
from coordinator.storage.durable import damaged

_VALUE_BYTES: Final = 4


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
            header = read_header(file)
    except OSError as error:
        raise damaged(path.name) from error
    for name in header.bytes_arrays:
        raise MalformedBodyError(f"Array {name!r} is U8; only float32 may travel")
    if size - header.size_bytes != header.data_bytes:
        raise MalformedBodyError(
            f"The body has {size - header.size_bytes} bytes of values; "
            f"its header describes {header.data_bytes}"
        )
    return Body(path, header.metadata, header.shapes, header.size_bytes)


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
