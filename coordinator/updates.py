"""A site's update: checked as a whole before anything of it is kept.

Nothing here decides about rounds; ``coordinator.rounds`` does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from coordinator.errors import MomentsRefusedError, StudyMismatchError
from coordinator.parameters import (
    Group,
    Parameters,
    check_moments,
    check_parameters,
    decode,
    digest_of,
    encode,
    read_message,
    split_moments,
)
from coordinator.protocol import ProtocolStamp, UpdateMessage, check_method, check_protocol
from coordinator.studies import StudyRecord


@dataclass(frozen=True, slots=True)
class SiteUpdate:
    """A readable update, its arrays not yet compared with the study."""

    parameters: Parameters
    moments: Parameters
    message: UpdateMessage
    digest: str
    """Of all arrays, moments included."""

    @property
    def moment_indices(self) -> list[int]:
        """The domains that the moments are about; only sensible once they are checked."""
        return sorted({int(name.split(".")[1]) for name in self.moments})

    def kept_body(self) -> bytes:
        """What outlives the round: the domain classifier and the moments."""
        kept = {n: a for n, a in self.parameters.items() if n.startswith(Group.DOMAIN_CLASSIFIER)}
        return encode({**kept, **self.moments}, self.message)


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
    parameters, moments = split_moments(arrays)
    return SiteUpdate(parameters, moments, message, digest_of(arrays))


def check_update(update: SiteUpdate, expected: Expectation) -> None:
    """Refuse an update that is not exactly what the round expects of the site.

    Raises:
        BodyRefusedError: naming what does not fit.
        ProtocolVersionError: if it was made by another version of the method.
    """
    _check_origin(update.message, expected)
    _check_domains(update.message, expected.domain_indices)
    check_parameters(update.parameters, expected.record.manifest or {})
    study = expected.record.study
    if update.moments and study.method.domains != "moments":
        raise MomentsRefusedError("This study shares no domain moments; send the update without")
    own = set(update.message.domain_indices)
    check_moments(update.moments, own, study.model.feature_dim)


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
