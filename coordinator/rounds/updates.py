"""A site's update: checked as a whole before anything of it is kept.

Nothing here decides about rounds; ``coordinator.rounds.life`` does.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from coordinator.encoding import Fit, opened_difference
from coordinator.errors import (
    MalformedBodyError,
    MomentsRefusedError,
    StudyMismatchError,
    UpdateTooFarError,
)
from coordinator.method.arrays import Arrays, Values, blocks, group_span
from coordinator.method.reach import LENGTHENING, farthest
from coordinator.method.weighting import KEPT_PREFIXES
from coordinator.parameters import (
    MESSAGE_KEY,
    MOMENTS_PREFIX,
    STYLES_PREFIX,
    Group,
    Manifest,
    check_finite,
    check_moments,
    check_shapes,
    check_styles,
    moment_indices,
    value_count,
)
from coordinator.protocol import (
    ProtocolStamp,
    UpdateMessage,
    check_method,
    check_protocol,
    update_fit,
)
from coordinator.storage.arrivals import Arrived
from coordinator.storage.blobs import Blobs
from coordinator.storage.bodies import Body, body_parts, open_body
from coordinator.storage.studies import StudyRecord
from coordinator.study import ExtractorName, ModelDesign, Study


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


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the update of a site must be made for."""

    record: StudyRecord
    site_id: str
    extractor: ExtractorName
    """The one that the site has chosen."""
    round_number: int
    base_digest: str
    """Digest of the global parameters that the round starts from."""
    domain_indices: frozenset[int]
    """The domains of the site."""

    @property
    def manifest(self) -> Manifest:
        """Of the site's model."""
        return self.record.manifests.get(self.extractor, {})

    @property
    def fit(self) -> Fit:
        """What the update has to fit before any of it is read."""
        return update_fit(self.record.study, self.manifest, len(self.domain_indices))


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


def check_update(update: SiteUpdate, expected: Expectation, base: Body) -> None:
    """Refuse an update that is not exactly what the round expects of the site.

    Args:
        update: What the site sent.
        expected: What it must be made for.
        base: The global parameters that the round starts from.

    Raises:
        BodyRefusedError: naming what does not fit.
        ProtocolVersionError: if it was made by another version of the method.
    """
    _check_origin(update.message, expected)
    _check_domains(update.message, expected.domain_indices)
    statistics = {n for n in update.body.shapes if n.startswith((MOMENTS_PREFIX, STYLES_PREFIX))}
    shapes = {n: shape for n, shape in update.body.shapes.items() if n not in statistics}
    check_shapes(shapes, expected.manifest)
    for group in Group:
        _check_reach(update.body, base, group, expected.record.study)
    _check_statistics(update, sorted(statistics), expected)


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


@np.errstate(over="ignore")  # what is too large to be squared is too far in any case
def _check_reach(update: Body, base: Body, group: Group, study: Study) -> None:
    """Refuse a group that is not finite, or farther from the base than training can bring it."""
    start, stop = group_span(base.shapes, group)
    moved, norm = 0.0, 0.0
    for begin, end in blocks(start, stop):
        origin, away = base.values(begin, end), update.values(begin, end)
        away -= origin
        norm += _square_sum(origin)
        moved += _square_sum(away)
    if not math.isfinite(moved):
        for name in update.shapes:
            check_finite(name, update.array(name))
    limit = LENGTHENING[study.exchange.encoding] * farthest(study.method, group, math.sqrt(norm))
    if math.sqrt(moved) > limit:
        raise UpdateTooFarError(
            f"The {group} moved by {math.sqrt(moved):.4g} from the global parameters; training by "
            f"this study.toml cannot move it by more than {limit:.4g}"
        )


def _square_sum(block: Values) -> float:
    """Return the sum of a block's squares; infinity or NaN if not all can be squared.

    In float32, whose error here is far below what ``reach`` leaves for rounding. In float64 the
    product would be shared out among threads, which costs 40 times as much processor time.
    """
    return float(block @ block)


def _site_update(path: Path, digest: str, blob: str) -> SiteUpdate:
    body = open_body(path)
    check_protocol(body.message(ProtocolStamp).protocol_version)
    if body.metadata.keys() != {MESSAGE_KEY}:
        raise MalformedBodyError("The update's metadata holds more than its message")
    return SiteUpdate(path, body, body.message(UpdateMessage), digest, blob)


def _check_origin(message: UpdateMessage, expected: Expectation) -> None:
    check_method(message.method_version)
    study = expected.record.study
    _check_extractor(message.extractor, expected.extractor, study.model)
    claims: Iterable[tuple[str, object, object]] = (
        ("study", message.study_id, expected.record.study_id),
        ("study.toml", message.study_digest, study.digest),
        ("site", message.site_id, expected.site_id),
        ("round", message.round_number, expected.round_number),
        ("base model", message.base_digest, expected.base_digest),
        ("encoding", message.encoding, study.exchange.encoding),
    )
    for what, claimed, wanted in claims:
        if claimed != wanted:
            raise StudyMismatchError(
                f"The update was made for another {what}: {claimed} instead of {wanted}"
            )


def _check_extractor(claimed: str, own: ExtractorName, design: ModelDesign) -> None:
    """Refuse an update of another feature extractor than the site has chosen."""
    if claimed == own:
        return
    if claimed not in design.extractors:
        raise StudyMismatchError(
            f"The update was made with the feature extractor {claimed}, which the study does not "
            f"have; it has {', '.join(design.extractors)}"
        )
    raise StudyMismatchError(
        f"The update was made with the feature extractor {claimed}; this site has joined with "
        f"{own}. To change it, leave the study and join it again"
    )


def _check_domains(message: UpdateMessage, own: frozenset[int]) -> None:
    indices = message.domain_indices
    for index in sorted(set(indices) - own):
        raise StudyMismatchError(f"Domain {index} of the update is none of this site's domains")
    if len(set(indices)) < len(indices):
        raise StudyMismatchError("The update names a domain twice")


def _check_statistics(update: SiteUpdate, names: Iterable[str], expected: Expectation) -> None:
    """Check moments and styles, those of one domain or lesion class at a time."""
    study, own = expected.record.study, set(update.message.domain_indices)
    indices = moment_indices(own, study.moments_per_domain)
    for _, alike in groupby(names, key=lambda name: name.split(".")[:2]):
        arrays = {name: update.body.array(name) for name in alike}
        moments = {n: a for n, a in arrays.items() if n.startswith(MOMENTS_PREFIX)}
        if moments and study.method.domains != "moments":
            raise MomentsRefusedError(
                "This study shares no domain moments; send the update without"
            )
        check_moments(moments, indices, study.model.feature_dim)
        styles = {n: a for n, a in arrays.items() if n not in moments}
        check_styles(styles, own, study.style_channel_count)
