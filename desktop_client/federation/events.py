"""What a site says while it takes part in a study: plain, frozen, free of torch.

Training inside a round adds the events of ``desktop_client.training.events``.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from coordinator.protocol import LesionMetrics
from desktop_client.federation.alone_record import AloneRecord
from desktop_client.federation.sent import SentUpdate


@dataclass(frozen=True, slots=True)
class StudyOpened:
    """The study is read and the site's images fit it."""

    study_id: str
    name: str
    site_id: str
    round_count: int
    training_count: int
    validation_count: int
    device: str


@dataclass(frozen=True, slots=True)
class RoundWaited:
    """The coordinator was asked and there is nothing to do yet; ``sentence`` says why."""

    sentence: str
    round_number: int
    round_count: int
    is_picked: bool
    picked_count: int
    update_count: int
    site_count: int
    is_paused: bool = False
    """The study's owner lets no further round open for now."""
    deadline_at: datetime | None = None
    """When the open round ends, if enough sites have sent by then."""
    waiting_for: tuple[str, ...] = ()
    """Other sites that have not sent yet, if the study tells sites which."""


@dataclass(frozen=True, slots=True)
class RoundJoined:
    """The site was picked and begins to train."""

    round_number: int
    round_count: int


@dataclass(frozen=True, slots=True)
class RoundTrained:
    """The site has trained; both are measured on its held-out images."""

    round_number: int
    before: LesionMetrics
    """Of the shared model that training began from."""
    after: LesionMetrics
    """Of the site's own model, before any averaging."""


@dataclass(frozen=True, slots=True)
class UpdatePrepared:
    """What is about to be sent, exactly; nothing of it was sent yet."""

    round_number: int
    update: SentUpdate


@dataclass(frozen=True, slots=True)
class TransferAdvanced:
    """So much of a body is through."""

    direction: Literal["up", "down"]
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class UpdateSent:
    """The site's update of the round is durable at the coordinator."""

    round_number: int
    byte_count: int
    sample_count: int


@dataclass(frozen=True, slots=True)
class UpdateRefused:
    """The coordinator would not take the update; the site goes on with the next round."""

    round_number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class ParametersLoaded:
    """New global parameters are in the model, with their metrics on this site's own images."""

    round_number: int
    round_count: int
    digest: str
    byte_count: int
    validation: LesionMetrics


@dataclass(frozen=True, slots=True)
class CoordinatorAway:
    """No answer; asked again in ``retry_in_s`` seconds. Nothing is lost."""

    sentence: str
    retry_in_s: float


@dataclass(frozen=True, slots=True)
class StudyFinished:
    """The last round is over, or the owner has stopped the study; ``sentence`` says which.

    The final model is saved at this site, if the study came to have one.
    """

    sentence: str
    checkpoint_path: Path | None
    validation: LesionMetrics


@dataclass(frozen=True, slots=True)
class AloneMeasured:
    """A model was trained at this site alone, to compare with the shared one."""

    record: AloneRecord


FederationEvent = (
    StudyOpened
    | RoundWaited
    | RoundJoined
    | RoundTrained
    | UpdatePrepared
    | TransferAdvanced
    | UpdateSent
    | UpdateRefused
    | ParametersLoaded
    | CoordinatorAway
    | StudyFinished
)
