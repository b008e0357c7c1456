"""A site's part of a study on Flower: say who it is, train a round when it is picked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import torch
from flwr.app import Context, Message, RecordDict
from flwr.clientapp import ClientApp

from coordinator.parameters import decode, encode
from coordinator.study import ExtractorName, Study
from desktop_client.errors import ClientError, StudyUnsuitableError
from desktop_client.federation.exchange import load_parameters, local_state, read_global
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
from desktop_client.federation.site_domains import with_indices
from desktop_client.training.events import StepFinished, TrainingWarned
from desktop_client.training.inputs import ActivationMemory
from desktop_client.training.trainer import SiteImages

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
    """

    name: str
    study: Study
    images: SiteImages
    domain_ids: tuple[UUID, ...]
    device: torch.device
    extractor: ExtractorName


def client_app(open_site: Callable[[Context], OpenedSite]) -> ClientApp:
    """Make Flower's app of a site.

    Args:
        open_site: Prepares the site of a node; called for every message, in any process.
    """
    app = ClientApp()

    @app.query()  # type: ignore[untyped-decorator]
    def introduce(message: Message, context: Context) -> Message:
        site = open_site(context)
        words = Introduction(
            site_name=site.name,
            study_digest=site.study.digest,
            extractor=site.extractor,
            domain_ids=site.domain_ids,
        )
        return Message(content_of(words), reply_to=message)

    @app.train()  # type: ignore[untyped-decorator]
    def train(message: Message, context: Context) -> Message:
        try:
            return _trained(open_site(context), message, context)
        except ClientError as error:
            report = TrainingReport(steps=(), warnings=(), problem=str(error))
            return Message(content_of(report), reply_to=message)

    return app


def _trained(site: OpenedSite, message: Message, context: Context) -> Message:
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
    events = list(local.train_round(base, task.round_number, task.site_id))
    body = local.update(base, task.round_number, task.study_id, task.site_id)
    report = TrainingReport(
        steps=tuple(event for event in events if isinstance(event, StepFinished)),
        warnings=tuple(event.sentence for event in events if isinstance(event, TrainingWarned)),
    )
    bodies = {BODY: body}
    if own := local_state(local.model):
        packed = encode(own, OwnState(round_number=task.round_number))
        if is_lent:
            bodies[OWN] = packed
        else:
            context.state[OWN] = record_of(OWN, packed)
    return Message(content_of(report, **bodies), reply_to=message)


def _take_up(local: LocalModel, records: RecordDict) -> None:
    """Load what was the site's own of the model after its last round, if there is anything."""
    if OWN in records:
        arrays, _ = decode(records[OWN][OWN].data, OwnState)
        load_parameters(local.model, arrays)
