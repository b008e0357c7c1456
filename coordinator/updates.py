"""A site's update: checked as a whole before anything of it is kept.

Nothing here decides about rounds; ``coordinator.rounds`` does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from coordinator.averaging import kept_arrays
from coordinator.errors import MomentsRefusedError, StudyMismatchError
from coordinator.parameters import (
    Parameters,
    check_moments,
    check_parameters,
    check_styles,
    decode,
    digest_of,
    encode,
    moment_indices,
    read_message,
    split_arrays,
)
from coordinator.protocol import ProtocolStamp, UpdateMessage, check_method, check_protocol
from coordinator.studies import StudyRecord


@dataclass(frozen=True, slots=True)
class SiteUpdate:
    """A readable update, its arrays not yet compared with the study."""

    arrays: Parameters
    """Parameters, moments and styles."""
    message: UpdateMessage
    digest: str
    """Of the arrays."""

    def kept_body(self) -> bytes:
        """Pack what outlives the round."""
        return encode(kept_arrays(self.arrays), self.message)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the update of a site must be made for."""

    record: StudyRecord
    site_id: str
    round_number: int
    base_digest: str
    """Digest of the global parameters that the round starts from."""
    domain_indices: frozenset[int]
    """The domains of the site."""


def read_update(body: bytes) -> SiteUpdate:
    """Unpack an update.

    Raises:
        ProtocolVersionError: if it speaks a version that is not served.
        MalformedBodyError: if it is no safetensors body with an update's message.
    """
    check_protocol(read_message(body, ProtocolStamp).protocol_version)
    arrays, message = decode(body, UpdateMessage)
    return SiteUpdate(arrays, message, digest_of(arrays))


def check_update(update: SiteUpdate, expected: Expectation) -> None:
    """Refuse an update that is not exactly what the round expects of the site.

    Raises:
        BodyRefusedError: naming what does not fit.
        ProtocolVersionError: if it was made by another version of the method.
    """
    _check_origin(update.message, expected)
    _check_domains(update.message, expected.domain_indices)
    parameters, moments, styles = split_arrays(update.arrays)
    check_parameters(parameters, expected.record.manifest or {})
    study, own = expected.record.study, update.message.domain_indices
    if moments and study.method.domains != "moments":
        raise MomentsRefusedError("This study shares no domain moments; send the update without")
    allowed = moment_indices(own, study.moments_per_domain)
    check_moments(moments, allowed, study.model.feature_dim)
    check_styles(styles, set(own), study.style_channel_count)


def _check_origin(message: UpdateMessage, expected: Expectation) -> None:
    check_method(message.method_version)
    study = expected.record.study
    claims: Iterable[tuple[str, object, object]] = (
        ("study", message.study_id, expected.record.study_id),
        ("study.toml", message.study_digest, study.digest),
        ("site", message.site_id, expected.site_id),
        ("round", message.round_number, expected.round_number),
        ("extractor", message.extractor, study.model.extractor),
        ("base model", message.base_digest, expected.base_digest),
    )
    for what, claimed, wanted in claims:
        if claimed != wanted:
            raise StudyMismatchError(
                f"The update was made for another {what}: {claimed} instead of {wanted}"
            )


def _check_domains(message: UpdateMessage, own: frozenset[int]) -> None:
    indices = message.domain_indices
    for index in sorted(set(indices) - own):
        raise StudyMismatchError(f"Domain {index} of the update is none of this site's domains")
    if len(set(indices)) < len(indices):
        raise StudyMismatchError("The update names a domain twice")
