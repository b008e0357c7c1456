"""Parameters as rounded differences from others that both sides have; pure.

A difference is a safetensors body with one array of bytes, the blocks of ``coordinator.rounding``
in order, and the statistics that ride along; all of it in a zstd frame if the study compresses.
It is made and taken apart piece by piece. How long it is follows from the study's manifest, and
no more of it than that is ever decompressed.
"""

import io
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
import zstandard
from pydantic import BaseModel

from coordinator.errors import BodyTooLargeError, MalformedBodyError, ParameterMismatchError
from coordinator.layout import Header, Readable, read_header, with_message, write_header
from coordinator.parameters import (
    MESSAGE_KEY,
    MOMENTS_PREFIX,
    STYLES_PREFIX,
    Group,
    Manifest,
    Message,
    Parameters,
    body_limit_bytes,
    value_count,
)
from coordinator.rounding import Values, block_bytes, block_counts, in_blocks, rounded, values_in
from coordinator.study import Exchange

ValuesAt = Callable[[int, int], Values]
"""Gives a range of all parameters' values, in order of the arrays' names."""

DIFFERENCE: Final = "difference"
"""Name of the array of bytes; it comes before those of all statistics."""

_VALUE_BYTES: Final = 4
_LARGEST_WINDOW: Final = 1 << 23
"""Memory that a frame may ask for: as much as zstd's levels below 20 use at most."""
_LEVEL: Final = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """What a body has to fit.

    Attributes:
        shapes: Of the study's parameters.
        statistics_count: float32 values that the moments and styles in it can have.
        exchange: Of the study.
    """

    shapes: Manifest
    statistics_count: int
    exchange: Exchange

    @property
    def limit_bytes(self) -> int:
        """How many bytes it can have as it travels."""
        if not self.exchange.is_of_differences:
            return body_limit_bytes(self.shapes, self.statistics_count)
        plain = self.difference_bytes + body_limit_bytes({}, self.statistics_count)
        # What cannot be compressed grows: https://github.com/facebook/zstd, ZSTD_COMPRESSBOUND.
        return plain if self.exchange.compression == "none" else plain + (plain >> 8) + 64

    @property
    def difference_bytes(self) -> int:
        """How long the array of bytes is."""
        return sum(block_bytes(c, self.exchange.encoding) for c in block_counts(self.shapes))


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference whose header is read and fits; its values come once, from a stream."""

    header: Header
    fit: Fit
    _stream: "_Source"

    @property
    def shapes(self) -> Manifest:
        """Of the parameters and the statistics, in order of their names."""
        return {**dict(sorted(self.fit.shapes.items())), **self.header.shapes}

    def values(self, base: ValuesAt) -> Iterator[Values]:
        """Yield all values of the parameters, then those of the statistics.

        Args:
            base: What the difference was told from.

        Raises:
            MalformedBodyError: if the body ends early, or goes on.
        """
        start, encoding = 0, self.fit.exchange.encoding
        for count in block_counts(self.fit.shapes):
            block = self._stream.exactly(block_bytes(count, encoding))
            with np.errstate(over="ignore", invalid="ignore"):  # refused when all of it is there
                yield base(start, start + count) + values_in(block, count, encoding)
            start += count
        for shape in self.header.shapes.values():
            content = self._stream.exactly(_VALUE_BYTES * math.prod(shape))
            yield np.frombuffer(content, "<f4").astype(np.float32)
        if self._stream.read(1):
            raise MalformedBodyError("The body goes on after its last array")


def difference_parts(
    message: BaseModel,
    new: Iterable[Values],
    base: ValuesAt,
    statistics: Mapping[str, Values],
    fit: Fit,
    seed: int,
) -> Iterator[bytes]:
    """Yield a difference piece by piece; the same seed gives the same bytes.

    Args:
        message: What it says.
        new: All values of the parameters, in order of the arrays' names, in pieces of any size.
        base: What they are told from.
        statistics: Moments and styles, which travel as they are.
        fit: Of the study.
        seed: For the rounding.

    Raises:
        NonFiniteParametersError: if a difference is not finite.
    """
    plain = _plain_parts(message, new, base, statistics, fit, seed)
    if fit.exchange.compression == "none":
        yield from plain
        return
    compressor = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
    for piece in plain:
        if compressed := compressor.compress(piece):
            yield compressed
    yield compressor.flush()


@contextmanager
def opened_difference(stream: BinaryIO, fit: Fit) -> Iterator[Difference]:
    """Open a difference; nothing but its header is read before its values are asked for.

    Raises:
        MalformedBodyError: if it is no difference, or not compressed as the study has it.
        ParameterMismatchError: if it is not one of this study's model.
        BodyTooLargeError: if it says that it has more statistics than are possible.
    """
    if fit.exchange.compression == "none":
        yield _opened(_Source(stream), fit)
        return
    decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
    with decompressor.stream_reader(stream, read_across_frames=True, closefd=False) as plain:
        yield _opened(_Source(plain), fit)


def restored(
    body: bytes, message_type: type[Message], base: Parameters, fit: Fit
) -> tuple[Parameters, Message]:
    """Make parameters and statistics of a difference in memory, and return its message too.

    Raises:
        BodyRefusedError: naming what does not fit.
    """
    with opened_difference(io.BytesIO(body), fit) as found:
        message = found.header.message(message_type)
        flat = np.concatenate([np.empty(0, np.float32), *found.values(values_of(base))])
    arrays, start = {}, 0
    for name, shape in found.shapes.items():
        stop = start + math.prod(shape)
        arrays[name] = flat[start:stop].reshape(shape)
        start = stop
    return arrays, message


def values_of(arrays: Parameters) -> ValuesAt:
    """Return the way to ranges of the values of arrays in memory."""
    in_order = (arrays[name].ravel() for name in sorted(arrays))
    flat = np.concatenate([np.empty(0, np.float32), *in_order])

    def values(start: int, stop: int) -> Values:
        return flat[start:stop]

    return values


class _Source:
    """A stream whose broken frames are refused in our words."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Return so many bytes; fewer only at the end.

        Raises:
            MalformedBodyError: if they cannot be decompressed.
        """
        parts, missing = [], size
        try:
            while missing and (part := self._stream.read(missing)):
                parts.append(part)
                missing -= len(part)
        except zstandard.ZstdError as error:
            raise MalformedBodyError(f"The body cannot be decompressed: {error}") from error
        return b"".join(parts)

    def exactly(self, size: int) -> bytes:
        """Return so many bytes.

        Raises:
            MalformedBodyError: if there are fewer, or they cannot be decompressed.
        """
        content = self.read(size)
        if len(content) < size:
            raise MalformedBodyError("The body ends before its last array")
        return content


def _opened(source: _Source, fit: Fit) -> Difference:
    header = read_header(source)
    if header.metadata.keys() != {MESSAGE_KEY}:
        raise MalformedBodyError("The difference's metadata holds more or less than its message")
    for name in header.shapes:
        if not name.startswith((MOMENTS_PREFIX, STYLES_PREFIX)):
            raise ParameterMismatchError(
                f"Array {name!r} travels as it is; parameters of this study do as a difference"
            )
    if header.bytes_arrays != {DIFFERENCE: fit.difference_bytes}:
        raise ParameterMismatchError(
            f"A difference of this study's model is one array of {fit.difference_bytes} bytes "
            f"named {DIFFERENCE!r}"
        )
    if value_count(header.shapes) > fit.statistics_count:
        raise BodyTooLargeError(
            f"The statistics have more than the {fit.statistics_count} values that are possible "
            "here"
        )
    return Difference(header, fit, source)


def _plain_parts(
    message: BaseModel,
    new: Iterable[Values],
    base: ValuesAt,
    statistics: Mapping[str, Values],
    fit: Fit,
    seed: int,
) -> Iterator[bytes]:
    shapes = {DIFFERENCE: (fit.difference_bytes,), **{n: a.shape for n, a in statistics.items()}}
    yield write_header(shapes, with_message(message), {DIFFERENCE: "U8"})
    start = 0
    for block, chance in zip(in_blocks(new, fit.shapes), _chances(fit.shapes, seed), strict=True):
        away = block - base(start, start + block.size)
        yield rounded(away, fit.exchange.encoding, chance)
        start += block.size
    for name in sorted(statistics):
        yield np.ascontiguousarray(statistics[name], "<f4").tobytes()


def _chances(shapes: Manifest, seed: int) -> Iterator[np.random.Generator]:
    """Yield what each block is rounded by: equal classifiers equally, beside any extractor."""
    for group in sorted(Group):
        chance = np.random.default_rng((seed, *group.encode()))
        of_group = {n: shape for n, shape in shapes.items() if n.startswith(f"{group}.")}
        for _ in block_counts(of_group):
            yield chance
