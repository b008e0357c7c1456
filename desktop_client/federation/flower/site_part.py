"""A site's part of a study on Flower: say who it is, train a round when it is picked.

Nothing that names a file or else of the site's own goes back to the server, not in an error either.
"""

import logging
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import torch
from flwr.app import Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp

from coordinator.errors import CoordinatorError
from coordinator.parameters import decode, encode
from coordinator.study import ExtractorName, Study
from desktop_client.errors import (
    ClientError,
    FlowerError,
    StudyUnsuitableError,
    TrainingDivergedError,
)
from desktop_client.federation.events import RoundJoined, RoundTrained, UpdatePrepared
from desktop_client.federation.exchange import (
    GlobalParameters,
    load_parameters,
    local_state,
    read_global,
)
from desktop_client.federation.flower.records import (
    BODY,
    OWN,
    Introduction,
    OwnState,
    TrainingReport,
    TrainingTask,
    body_in,
    content_of,
    record_of,
    said_in,
)
from desktop_client.federation.local_model import LocalModel, model_of
from desktop_client.federation.round_record import recorded
from desktop_client.federation.sent import describe_update
from desktop_client.federation.site_domains import with_indices
from desktop_client.paths import Home
from desktop_client.training.events import StepFinished, TrainingWarned
from desktop_client.training.inputs import ActivationMemory
from desktop_client.training.trainer import SiteImages

logger = logging.getLogger(__name__)

TOLD: Final = (StudyUnsuitableError, TrainingDivergedError, FlowerError)
"""Whose sentences name nothing of a site's own; a server may read them."""
NOT_TOLD: Final = "it cannot do its part; the log of its supernode says why"
APP_ERROR: Final = 2
"""Flower's code of an error of ours; it has no public name."""
MEMORY_BYTES: Final = 500_000_000
_ACTIVATIONS: Final = ActivationMemory(MEMORY_BYTES)
"""Of this process, which may see many messages."""


@dataclass(frozen=True)
class OpenedSite:
    """A site that is ready to train.

    Attributes:
        name: Of the site.
        study: That it has agreed to.
        images: Domain labels are places in ``domain_ids``.
        domain_ids: Of its images.
        device: Where to compute.
        extractor: The feature extractor that it has chosen.
        record: The project, and the name there of this run, under which what leaves is put on
            record; None in a simulation, where nothing leaves.
    """

    name: str
    study: Study
    images: SiteImages
    domain_ids: tuple[UUID, ...]
    device: torch.device
    extractor: ExtractorName
    record: tuple[Home, str] | None = None


@dataclass
class _Round:
    """A site's part of one round, and what comes of it."""

    study: Study
    local: LocalModel
    base: GlobalParameters
    task: TrainingTask
    told: list[StepFinished | TrainingWarned] = field(default_factory=list)
    body: bytes = b""

    def events(
        self,
    ) -> Generator[RoundJoined | StepFinished | TrainingWarned | RoundTrained | UpdatePrepared]:
        """Take the steps and pack the update."""
        local, task = self.local, self.task
        number = task.round_number
        yield RoundJoined(number, self.study.rounds.count)
        for event in local.train_round(self.base, number, task.site_id):
            self.told.append(event)
            yield event
        if task.measures_first:
            yield RoundTrained(number, local.metrics, local.measure_trained())
        self.body = local.update(self.base, number, task.study_id, task.site_id)
        yield UpdatePrepared(number, describe_update(self.body, local.manifest))


def client_app(open_site: Callable[[Context], OpenedSite]) -> ClientApp:
    """Make Flower's app of a site.

    Args:
        open_site: Prepares the site of a node; called for every message, in any process.
    """
    app = ClientApp()

    @app.query()  # type: ignore[untyped-decorator]
    def introduce(message: Message, context: Context) -> Message:
        return _answered(message, lambda: _introduction(open_site(context)))

    @app.train()  # type: ignore[untyped-decorator]
    def train(message: Message, context: Context) -> Message:
        return _answered(message, lambda: _trained(open_site(context), message, context))

    return app


def _answered(message: Message, answer: Callable[[], RecordDict]) -> Message:
    """Answer a server, in the worst case by a sentence; Flower would send it any error's words."""
    try:
        return Message(answer(), reply_to=message)
    except TOLD as error:
        reason = str(error)
        logger.error("%s", error)
    except (ClientError, CoordinatorError) as error:
        reason = NOT_TOLD
        logger.error("%s", error)
    except Exception:  # last line of defence: whatever it says stays here
        reason = NOT_TOLD
        logger.exception("The part of this site failed")
    return Message(Error(APP_ERROR, reason), reply_to=message)


def _introduction(site: OpenedSite) -> RecordDict:
    return content_of(
        Introduction(
            site_name=site.name,
            study_digest=site.study.digest,
            extractor=site.extractor,
            domain_ids=site.domain_ids,
        )
    )


def _trained(site: OpenedSite, message: Message, context: Context) -> RecordDict:
    """Take the round's steps and answer with the update."""
    task = said_in(message, TrainingTask)
    if task.study_digest != site.study.digest:
        raise StudyUnsuitableError(
            f"{site.name} has agreed to another study.toml than the one that is run; give both the "
            "same"
        )
    indices = [task.domain_indices[domain_id] for domain_id in site.domain_ids]
    images, model = with_indices(site.images, indices), model_of(site.study, site.extractor)
    local = LocalModel(site.study, images, site.device, _ACTIVATIONS, model=model)
    is_lent = OWN in message.content  # by a simulation, which keeps it for all of its sites
    _take_up(local, message.content if is_lent else context.state)
    body = body_in(message)
    base = read_global(body, site.study, local.manifest, task.parameters, site.extractor)
    if task.measures_first:
        local.load(base)
    part = _Round(site.study, local, base, task)
    events = part.events()
    deque(events if site.record is None else recorded(*site.record, events), maxlen=0)
    report = TrainingReport(
        steps=tuple(event for event in part.told if isinstance(event, StepFinished)),
        warnings=tuple(event.sentence for event in part.told if isinstance(event, TrainingWarned)),
    )
    bodies = {BODY: part.body}
    if own := local_state(local.model):
        packed = encode(own, OwnState(round_number=task.round_number))
        if is_lent:
            bodies[OWN] = packed
        else:
            context.state[OWN] = record_of(OWN, packed)
    return content_of(report, **bodies)


def _take_up(local: LocalModel, records: RecordDict) -> None:
    """Load what was the site's own of the model after its last round, if there is anything."""
    if OWN in records:
        arrays, _ = decode(records[OWN][OWN].data, OwnState)
        load_parameters(local.model, arrays)
