"""The messages between site and coordinator, their paths and their limits.

Every exchange is started by the site. JSON both ways, but for parameters: they travel as one
safetensors body whose metadata holds an ``UpdateMessage`` or a ``GlobalMessage``. Its arrays are
float32 and lie in order of their names, without gaps; its digest is the SHA-256 of its bytes.
Where the study says so, updates and the steps from one round's parameters to the next travel as
rounded differences (``coordinator.encoding``), which their receiver makes such bodies of.

An upload names its body by digest and length, in headers of every request about it. ``GET`` asks
whether the body may come, and from which byte on: an ``UploadReply``, or a refusal before anything
is sent. ``PUT`` sends the bytes from ``Upload-Offset`` on. When the last byte is there the body is
checked, made durable, and answered; until then the answer is 202 and an ``UploadReply``. After a
cut the site asks again and goes on. Sending an accepted body again changes nothing and gives the
same answer.
"""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from coordinator.encoding import Fit
from coordinator.errors import ProtocolVersionError
from coordinator.parameters import STYLE_COUNT, Manifest
from coordinator.study import METHOD_VERSION as METHOD_VERSION  # every message carries it
from coordinator.study import Encoding, ExtractorName, Study

PROTOCOL_VERSION: Final = 1
SERVED_PROTOCOLS: Final = frozenset({1})
"""The current version and, from version 2 on, the one before."""

PROTOCOL_HEADER: Final = "SiteBlind-Protocol"
"""Optional in a request; lets a coordinator refuse by name what it could not even parse."""
STUDY_KEY: Final = "study"
"""Metadata key of the study's JSON in an exported model, beside the ``GlobalMessage``."""
PARAMETERS_MEDIA_TYPE: Final = "application/vnd.safetensors"

PLACE_HEADER: Final = "SiteBlind-Place"
"""Optional in a request of a site that takes part: 32 hexadecimal digits of its own making, which
tell its computer and project from a copy elsewhere. Of two at a time the second is refused."""
DIGEST_HEADER: Final = "SiteBlind-Digest"
"""Of an upload: the SHA-256 of the whole body, in hexadecimal."""
LENGTH_HEADER: Final = "Upload-Length"
"""Of an upload: how many bytes the whole body has."""
OFFSET_HEADER: Final = "Upload-Offset"
"""Of a ``PUT``: which byte of the whole body comes first in this request."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Credential = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""256 random bits, URL-safe base64; chosen by the site, so that a lost reply loses nothing."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""Of a study or a site; safe as a part of a path, since it may name a folder."""

ENROLMENTS_PATH: Final = "/v1/enrolments"
INVITED_PATH: Final = "/v1/invited"
"""``POST`` an ``InvitedRequest``, get an ``InvitedReply``: what a code is for, before its use."""


def study_path(study_id: str) -> str:
    """Path of a study; ``GET`` gives a ``StudyReply``."""
    return f"/v1/studies/{study_id}"


def round_path(study_id: str) -> str:
    """Path of what a site should do now; ``GET`` gives a ``RoundReply``."""
    return f"{study_path(study_id)}/round"


def credential_path(study_id: str) -> str:
    """Path of a site's credential: ``PUT`` a ``CredentialRequest``, get a ``CredentialReply``."""
    return f"{study_path(study_id)}/credential"


def membership_path(study_id: str) -> str:
    """Path of a site's membership: ``DELETE`` ends it; the reply is a ``LeavingReply``.

    What the site sent and is still kept is removed, and its credential is void: repeating it is
    refused as any request of somebody who is no member.
    """
    return f"{study_path(study_id)}/membership"


def domains_path(study_id: str) -> str:
    """Path of the domain indices; ``POST`` a ``DomainsRequest``, get a ``DomainsReply``."""
    return f"{study_path(study_id)}/domains"


def parameters_path(study_id: str, round_number: int) -> str:
    """Path of the global parameters after a round; 0 are the initial ones.

    ``GET`` gives a safetensors body with a ``GlobalMessage``. Its ``ETag`` is the body's digest;
    ``Range`` and ``If-Range`` give the rest of a body that was cut.
    """
    return f"{study_path(study_id)}/parameters/{round_number}"


def difference_path(study_id: str, round_number: int) -> str:
    """Path of what a round changed: the difference of its global parameters from those before.

    ``GET`` gives a difference with a ``DifferenceMessage``, whose ``ETag`` is its digest, in a
    study whose parameters travel so. Who has the parameters before makes the very body of
    ``parameters_path`` of it.
    """
    return f"{parameters_path(study_id, round_number)}/difference"


def proposal_path(study_id: str) -> str:
    """Path of a site's proposal of initial parameters: an upload of a ``GlobalMessage``.

    The answer to the whole body is a ``ParametersReference``.
    """
    return f"{study_path(study_id)}/proposal"


def update_path(study_id: str, round_number: int) -> str:
    """Path of a site's update: an upload of an ``UpdateMessage``.

    The answer to the whole body is an ``UpdateReply``.
    """
    return f"{study_path(study_id)}/rounds/{round_number}/update"


def metrics_path(study_id: str) -> str:
    """Path of what a site has measured of a study's result: ``PUT`` a ``ResultMetrics``.

    The answer is what the coordinator keeps: the first that the site has sent.
    """
    return f"{study_path(study_id)}/metrics"


class Message(BaseModel):
    """Base of all messages: immutable, and nothing unknown in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProtocolStamp(BaseModel):
    """The one field that every version of a message has; read before anything else is."""

    protocol_version: int


class ErrorReply(Message):
    """A refusal: a code for programs and a sentence for people."""

    code: str
    message: str


class EnrolmentRequest(Message):
    """A site's first call: its one-time code, and the credential it will use from now on.

    Repeating it with the same credential gives the same reply.
    """

    protocol_version: int
    code: str = Field(min_length=1, max_length=100)
    credential: Credential
    site_name: str = Field(min_length=1, max_length=200)
    extractor: ExtractorName | None = Field(default=None, exclude_if=lambda named: named is None)
    """The one that the site has chosen of those that the study has; None for its first."""


class EnrolmentReply(Message):
    """Which study the code was for, and who the site is in it."""

    study_id: Identifier
    site_id: Identifier


class InvitedRequest(Message):
    """Whoever holds a code asks what it is for; the code is as good afterwards.

    The credential is the one that the site would join with: a code that was used with it, by a site
    that lost the reply, still tells.
    """

    protocol_version: int
    code: str = Field(min_length=1, max_length=100)
    credential: Credential


class CredentialRequest(Message):
    """The credential that a site, authenticated by its old one, will use from now on.

    A site that lost the reply repeats this with the old credential and, if that is void already,
    with the new one; both give the same reply.
    """

    credential: Credential


class CredentialReply(Message):
    """The new credential is durable at the coordinator, and the old one is void."""

    site_id: Identifier


class LeavingReply(Message):
    """The site is no member any more, and nothing that it sent is kept by itself."""

    site_id: Identifier


class ParametersReference(Message):
    """Which global parameters are meant, by the digest of their body."""

    round_number: int = Field(ge=0)
    digest: Sha256
    size_bytes: int = Field(gt=0)


class StudyReply(Message):
    """The study as its owner wrote it down, which the site trains by."""

    study_id: Identifier
    study: Study
    study_digest: Sha256


class InvitedReply(StudyReply):
    """The study that a code is for, as it stands."""

    site_count: int = Field(ge=0)
    """Sites that have joined already."""
    parameters_bytes: int | None = Field(ge=0)
    """Of the model's parameters in float32; None while the study has no initial ones."""
    further_bytes: dict[ExtractorName, int] = Field(
        default_factory=dict, exclude_if=lambda by_extractor: not by_extractor
    )
    """The same of the models with the study's other extractors."""

    def bytes_with(self, extractor: ExtractorName) -> int | None:
        """Return the size of the model with one of the study's extractors, as far as known."""
        if extractor == self.study.model.extractor:
            return self.parameters_bytes
        return self.further_bytes.get(extractor)


class RoundReply(Message):
    """What the asking site should know and do now.

    ``state``: ``waiting_for_parameters`` (nobody gave initial ones yet), ``waiting_for_sites``
    (fewer here than the starting quorum), ``collecting`` (the round is open, perhaps beyond its
    deadline if it is short of updates), ``paused`` (by the study owner, before the next round),
    ``finished`` (the last round was averaged, or the owner stopped the study, perhaps before it
    had any parameters). ``global_parameters`` are the newest ones.
    """

    state: Literal[
        "waiting_for_parameters", "waiting_for_sites", "collecting", "paused", "finished"
    ]
    sentence: str
    round_number: int = Field(ge=0)
    round_count: int = Field(ge=1)
    is_picked: bool
    is_update_accepted: bool
    picked_count: int = Field(ge=0)
    update_count: int = Field(ge=0)
    site_count: int = Field(ge=0)
    deadline_at: datetime | None
    waiting_for: tuple[str, ...] = Field(default=(), exclude_if=lambda names: not names)
    """Other sites whose update is missing, as the study lets sites call each other; empty where it
    tells only how many."""
    global_parameters: ParametersReference | None
    may_propose_parameters: bool
    poll_after_s: float = Field(gt=0)


class DomainsRequest(Message):
    """The acquisition domains of the site's images, which need an index in the study."""

    domain_ids: tuple[UUID, ...] = Field(min_length=1, max_length=4096)


class DomainsReply(Message):
    """Index of each domain in the domain classifier's answers; never reused."""

    indices: dict[UUID, int]


class LesionMetrics(Message):
    """How the global parameters do on a site's held-out images; None where undefined."""

    sample_count: int = Field(ge=0)
    accuracy: float | None = Field(default=None, ge=0, le=1)
    balanced_accuracy: float | None = Field(default=None, ge=0, le=1)
    auc: float | None = Field(default=None, ge=0, le=1)


class ResultMetrics(Message):
    """How a study's result does on a site's held-out images, measured when the study is over."""

    digest: Sha256
    """Of the body of the parameters that were measured."""
    metrics: LesionMetrics


class UpdateMessage(Message):
    """What a site says about the update it travels with."""

    protocol_version: int
    method_version: int
    study_id: Identifier
    study_digest: Sha256
    site_id: Identifier
    round_number: int = Field(ge=1)
    extractor: str
    base_digest: Sha256
    """Digest of the global parameters that training began from."""
    encoding: Encoding = "float32"
    """Of the study. Other than float32: the update came as a difference from its base."""
    sample_count: int = Field(ge=1, le=100_000_000)
    domain_indices: tuple[int, ...] = Field(min_length=1, max_length=4096)
    """The domains the site trained on; it counts as many times in the domain classifier."""
    metrics_before: LesionMetrics


class UploadReply(Message):
    """How much of a body is here, and whether all of it was accepted."""

    received_bytes: int = Field(ge=0)
    is_accepted: bool


class UpdateReply(Message):
    """The update is durable at the coordinator."""

    round_number: int
    digest: Sha256


class GlobalMessage(Message):
    """What the coordinator says about the global parameters it sends."""

    protocol_version: int
    method_version: int
    study_id: Identifier
    study_digest: Sha256
    round_number: int = Field(ge=0)
    extractor: str
    encoding: Literal["float32"] = "float32"
    domain_count: int = Field(ge=0)
    """Domain indices assigned so far; logits from there on are masked."""


class DifferenceMessage(Message):
    """What the coordinator says about a round's step from one model to the next."""

    parameters: GlobalMessage
    """What the global parameters that come of it say about themselves."""
    base_digest: Sha256
    """Digest of the body of those it is told from."""
    encoding: Encoding


def domain_statistics_limit(study: Study) -> int:
    """Return how many float32 values the moments and the styles of one domain can have."""
    width = study.model.feature_dim
    moments = study.moments_per_domain * (width + width**2)
    return moments + STYLE_COUNT * 2 * study.style_channel_count


def statistics_limit(study: Study) -> int:
    """Return how many float32 values the moments and styles of all domains can have."""
    return study.model.domain_capacity * domain_statistics_limit(study)


def global_fit(study: Study, manifest: Manifest) -> Fit:
    """Return what the difference between two rounds' global parameters has to fit."""
    return Fit(manifest, statistics_limit(study), study.exchange)


def update_fit(study: Study, manifest: Manifest, domain_count: int) -> Fit:
    """Return what the update of a site with so many domains has to fit."""
    return Fit(manifest, domain_count * domain_statistics_limit(study), study.exchange)


def check_protocol(protocol_version: int) -> None:
    """Refuse a protocol that is not served.

    Raises:
        ProtocolVersionError: naming both versions.
    """
    if protocol_version not in SERVED_PROTOCOLS:
        served = ", ".join(str(version) for version in sorted(SERVED_PROTOCOLS))
        raise ProtocolVersionError(
            f"This site speaks protocol {protocol_version}; the coordinator serves {served}. "
            "Install matching versions of SiteBlind"
        )


def check_method(method_version: int) -> None:
    """Refuse work done by another version of the training step than this one.

    Raises:
        ProtocolVersionError: naming both versions.
    """
    if method_version != METHOD_VERSION:
        raise ProtocolVersionError(
            f"This site trains by method {method_version}; the study by {METHOD_VERSION}. "
            "Install matching versions of SiteBlind"
        )
