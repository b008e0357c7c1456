"""A site's update as a file: made readable, and cut to what is kept of it.

What it must be like is in ``coordinator.method.checking``; nothing here decides about rounds.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coordinator.encoding import opened_difference
from coordinator.errors import MalformedBodyError
from coordinator.method.arrays import Arrays, blocks
from coordinator.method.checking import Expectation
from coordinator.method.weighting import KEPT_PREFIXES
from coordinator.parameters import MESSAGE_KEY, Manifest, check_finite, value_count
from coordinator.protocol import ProtocolStamp, UpdateMessage, check_protocol
from coordinator.storage.arrivals import Arrived
from coordinator.storage.blobs import Blobs
from coordinator.storage.bodies import Body, body_parts, open_body


@dataclass(frozen=True, slots=True)
class SiteUpdate:
    """A readable update, its arrays not yet compared with the study."""

    path: Path
    """The file of the body."""
    body: Body
    """Parameters, moments and styles."""
    message: UpdateMessage
    digest: str
    """SHA-256 of the bytes that arrived."""
    blob: str
    """SHA-256 of the body's bytes: the same, unless a difference arrived."""


@contextmanager
def read_update(
    arrived: Arrived, expected: Expectation, base: Body, blobs: Blobs
) -> Iterator[SiteUpdate]:
    """Give an update as a canonical body: the file that arrived, or what a difference comes to.

    Of a canonical body nothing but its header is read. What a difference comes to is a file
    that is gone afterwards, unless the folder adopts it.

    Args:
        arrived: What the site sent.
        expected: What it must be made for.
        base: The global parameters that the round starts from.
        blobs: Where the file of a difference goes.

    Raises:
        ProtocolVersionError: if it speaks a version that is not served.
        MalformedBodyError: if it has no update's message, or holds something else beside it.
        ParameterMismatchError: if it is a difference of another model.
        BodyTooLargeError: if it would come to more than is possible.
    """
    if not expected.fit.exchange.is_of_differences:
        yield _site_update(arrived.path, arrived.digest, arrived.digest)
        return
    with arrived.path.open("rb") as file, opened_difference(file, expected.fit) as found:
        values = found.values(base.values)
        with blobs.written(body_parts(found.shapes, found.header.metadata, values)) as made:
            path, blob = made
            yield _site_update(path, arrived.digest, blob.name)


def check_values(body: Body, shapes: Manifest) -> None:
    """Refuse a body whose parameters are not all finite; they are its first arrays.

    Raises:
        NonFiniteParametersError: naming the first array with NaN or infinity.
    """
    for start, stop in blocks(0, value_count(shapes)):
        if not np.isfinite(body.values(start, stop)).all():
            for name in shapes:
                check_finite(name, body.array(name))


def kept_parts(update: Arrays, metadata: Mapping[str, str]) -> Iterator[bytes | memoryview]:
    """Yield the body of what outlives an update's round: domain classifier, moments and styles."""
    kept = {n: shape for n, shape in update.shapes.items() if n.startswith(KEPT_PREFIXES)}
    return body_parts(kept, metadata, (update.array(name) for name in kept))


def _site_update(path: Path, digest: str, blob: str) -> SiteUpdate:
    body = open_body(path)
    check_protocol(body.message(ProtocolStamp).protocol_version)
    if body.metadata.keys() != {MESSAGE_KEY}:
        raise MalformedBodyError("The update's metadata holds more than its message")
    return SiteUpdate(path, body, body.message(UpdateMessage), digest, blob)
