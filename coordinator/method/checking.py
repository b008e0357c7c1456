"""Whether an update is exactly what a round expects of its site; pure.

Looked at as a whole, and block by block, before anything of it is kept.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from coordinator.encoding import Fit
from coordinator.errors import MomentsRefusedError, StudyMismatchError, UpdateTooFarError
from coordinator.method.arrays import Arrays, Values, blocks, group_span
from coordinator.method.reach import LENGTHENING, farthest
from coordinator.parameters import (
    MOMENTS_PREFIX,
    STYLES_PREFIX,
    Group,
    Manifest,
    check_finite,
    check_moments,
    check_shapes,
    check_styles,
    moment_indices,
)
from coordinator.protocol import UpdateMessage, check_method, update_fit
from coordinator.study import ExtractorName, ModelDesign, Study


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the update of a site must be made for."""

    study_id: str
    study: Study
    manifest: Manifest
    """Of the site's model."""
    site_id: str
    extractor: ExtractorName
    """The one that the site has chosen."""
    round_number: int
    base_digest: str
    """Digest of the global parameters that the round starts from."""
    domain_indices: frozenset[int]
    """The domains of the site."""

    @property
    def fit(self) -> Fit:
        """What the update has to fit before any of it is read."""
        return update_fit(self.study, self.manifest, len(self.domain_indices))


def check_update(
    message: UpdateMessage, arrays: Arrays, expected: Expectation, base: Arrays
) -> None:
    """Refuse an update that is not exactly what the round expects of the site.

    Args:
        message: Of the update.
        arrays: That it came with.
        expected: What it must be made for.
        base: The global parameters that the round starts from.

    Raises:
        BodyRefusedError: naming what does not fit.
        ProtocolVersionError: if it was made by another version of the method.
    """
    _check_origin(message, expected)
    _check_domains(message, expected.domain_indices)
    statistics = {n for n in arrays.shapes if n.startswith((MOMENTS_PREFIX, STYLES_PREFIX))}
    shapes = {n: shape for n, shape in arrays.shapes.items() if n not in statistics}
    check_shapes(shapes, expected.manifest)
    for group in Group:
        _check_reach(arrays, base, group, expected.study)
    _check_statistics(message, arrays, sorted(statistics), expected)


@np.errstate(over="ignore")  # what is too large to be squared is too far in any case
def _check_reach(update: Arrays, base: Arrays, group: Group, study: Study) -> None:
    """Refuse a group that is not finite, or farther from the base than training can bring it."""
    start, stop = group_span(base.shapes, group)
    moved, norm = 0.0, 0.0
    for begin, end in blocks(start, stop):
        origin = base.values(begin, end)
        away = update.values(begin, end) - origin
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


def _check_origin(message: UpdateMessage, expected: Expectation) -> None:
    check_method(message.method_version)
    study = expected.study
    _check_extractor(message.extractor, expected.extractor, study.model)
    claims: Iterable[tuple[str, object, object]] = (
        ("study", message.study_id, expected.study_id),
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


def _check_statistics(
    message: UpdateMessage, arrays: Arrays, names: Iterable[str], expected: Expectation
) -> None:
    """Check moments and styles, those of one domain or lesion class at a time."""
    study, own = expected.study, set(message.domain_indices)
    indices = moment_indices(own, study.moments_per_domain)
    for _, alike in groupby(names, key=lambda name: name.split(".")[:2]):
        found = {name: arrays.array(name) for name in alike}
        moments = {n: a for n, a in found.items() if n.startswith(MOMENTS_PREFIX)}
        if moments and study.method.domains != "moments":
            raise MomentsRefusedError(
                "This study shares no domain moments; send the update without"
            )
        check_moments(moments, indices, study.model.feature_dim)
        styles = {n: a for n, a in found.items() if n not in moments}
        check_styles(styles, own, study.style_channel_count)
