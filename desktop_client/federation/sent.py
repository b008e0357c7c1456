"""What an update consists of, read from the very bytes that are sent; no value is kept.

Never loads torch.
"""

import hashlib
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import zstandard
from pydantic import BaseModel, ConfigDict

from coordinator.encoding import DIFFERENCE
from coordinator.layout import read_header
from coordinator.parameters import MOMENTS_PREFIX, STYLES_PREFIX, Manifest
from coordinator.protocol import UpdateMessage

ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
"""How a zstd frame begins; RFC 8878, 3.1.1."""
BITS: Final[Mapping[str, int]] = {"float32": 32, "float16": 16, "int8": 8, "int4": 4}

Kind = Literal["parameters", "moments", "styles"]


class Kept(BaseModel):
    """Base of what is kept: nothing changes after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SentArray(Kept):
    """One array of numbers that travelled, by name, without its values."""

    name: str
    kind: Kind
    shape: tuple[int, ...]
    encoding: str
    """``float32``, or in how many bits each value's difference from the shared model was sent."""

    @property
    def value_count(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    @property
    def byte_count(self) -> int:
        """How many bytes they take, before any compression."""
        return math.ceil(self.value_count * BITS[self.encoding] / 8)


class SentUpdate(Kept):
    """What one update consisted of.

    Attributes:
        prepared_at: Before it was sent.
        byte_count: Of the whole, as it travels.
        digest: SHA-256 of those bytes.
        message: Everything that is not an array, word for word.
        arrays: Every array.
    """

    prepared_at: datetime
    byte_count: int
    digest: str
    message: UpdateMessage
    arrays: tuple[SentArray, ...]


@dataclass(frozen=True, slots=True)
class UpdateAnnounced:
    """What would be sent as the site is now; scanners go by their names here, by numbers there."""

    arrays: tuple[SentArray, ...]
    sample_count: int


def describe_update(body: bytes, manifest: Manifest) -> SentUpdate:
    """Return what an update consists of, read from the very bytes that are sent.

    Args:
        body: As it travels.
        manifest: Of the study's model, which a body of differences does not spell out.
    """
    plain = body
    if body.startswith(ZSTD_MAGIC):
        plain = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)).read()
    header = read_header(io.BytesIO(plain))
    message = header.message(UpdateMessage)
    shapes = dict(header.shapes)
    if DIFFERENCE in header.bytes_arrays:
        shapes |= manifest
    arrays = tuple(
        SentArray(
            name=name,
            kind=kind_of(name),
            shape=shape,
            encoding=message.encoding if kind_of(name) == "parameters" else "float32",
        )
        for name, shape in sorted(shapes.items())
    )
    digest = hashlib.sha256(body).hexdigest()
    return SentUpdate(
        prepared_at=datetime.now(UTC),
        byte_count=len(body),
        digest=digest,
        message=message,
        arrays=arrays,
    )


def kind_of(name: str) -> Kind:
    """Return what an array is, by its name."""
    if name.startswith(MOMENTS_PREFIX):
        return "moments"
    return "styles" if name.startswith(STYLES_PREFIX) else "parameters"
