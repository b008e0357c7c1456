"""What every training has in common: images split patient-wise, and steps over them."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

import torch
from torch import Tensor

from coordinator.study import InputContract, Method
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.split import split_by_patient
from desktop_client.training.batches import Batches, BatchPlan
from desktop_client.training.dataset import PreparedImages, prepare_images
from desktop_client.training.events import (
    ImageLeftOut,
    ImagesPrepared,
    StepFinished,
    TrainingWarned,
)
from desktop_client.training.full_memory import halve_batch, step_within_memory
from desktop_client.training.model import DomainClassifier, SiteBlindModel
from desktop_client.training.moments import DomainMoments, MomentsSampler
from desktop_client.training.ranks import Ranks
from desktop_client.training.step import (
    Optimizers,
    OtherDomains,
    TrainingStep,
    adversarial_schedule,
    anchors_of,
)

OWN_TRAINING_NAME: Final = "Trained at this site"

Prepared = TypeVar("Prepared")


@dataclass(frozen=True)
class Schedule:
    """Where in the whole training some steps lie, for the adversary's rising weight."""

    first_step: int
    step_count: int
    """Of the whole training."""


@dataclass(frozen=True)
class SiteImages:
    """A site's images, split patient-wise."""

    training: PreparedImages
    validation: PreparedImages
    left_out_count: int


def prepare_site(
    samples: list[Sample],
    contract: InputContract,
    lesion_labels: dict[UUID, int],
    domain_labels: dict[UUID, int],
) -> Generator[ImagesPrepared | ImageLeftOut, None, SiteImages]:
    """Prepare a site's images and split them so that no patient is on both sides."""
    images = yield from prepare_images(samples, contract, lesion_labels, domain_labels)
    split = split_by_patient(images.samples)
    return SiteImages(
        images.select(frozenset(s.sample_id for s in split.training)),
        images.select(frozenset(s.sample_id for s in split.validation)),
        len(samples) - len(images),
    )


def noting(
    left_out: list[ImageLeftOut],
    preparing: Generator[ImagesPrepared | ImageLeftOut, None, Prepared],
) -> Generator[ImagesPrepared | ImageLeftOut, None, Prepared]:
    """Prepare images, and note in ``left_out`` which cannot be used."""
    while True:
        try:
            event = next(preparing)
        except StopIteration as done:
            prepared: Prepared = done.value
            return prepared
        if isinstance(event, ImageLeftOut):
            left_out.append(event)
        yield event


def known_domains(classifier: DomainClassifier, domains: Iterable[int]) -> Tensor:
    """Return ``[G, capacity]`` bool: these domains, as possible answers of every classifier."""
    known = torch.zeros(classifier.lesion_count, classifier.capacity, dtype=torch.bool)
    known[:, sorted(domains)] = True
    return known


def training_step(
    model: SiteBlindModel,
    method: Method,
    known_domains: Tensor,
    moments: dict[int, DomainMoments],
    seed: int,
    ranks: Ranks | None = None,
) -> TrainingStep:
    """Compose the step for a model, with new optimizers.

    Args:
        model: To be trained.
        method: Every choice of the step.
        known_domains: ``[G, capacity]`` bool, the possible answers of each domain classifier.
        moments: Of domains that this site holds no image of; by domain, or by domain and lesion.
        seed: For the draws from other domains.
        ranks: Who computes; this process alone if None.
    """
    classifier = model.domain_classifier
    device = classifier.weight.device
    return TrainingStep(
        model,
        Optimizers.for_model(model, method),
        method,
        OtherDomains(
            known_domains.to(device),
            MomentsSampler(moments, classifier.in_features, device),
            torch.Generator().manual_seed(seed),
        ),
        anchors=anchors_of(model) if method.proximal_weight else {},
        ranks=ranks or Ranks(),
    )


def plan_of(
    method: Method, model: SiteBlindModel, seed: int, batch_size: int | None = None
) -> BatchPlan:
    """Return how a method wants its batches; of ``batch_size`` images if the memory forces it.

    Images are not varied where what frozen stages make of them is kept.
    """
    augmentation = method.augmentation if model.frozen_stages is None else "none"
    return BatchPlan(batch_size or method.batch_size, seed, method.sampling, augmentation)


def train(
    step: TrainingStep, source: Batches, step_count: int, schedule: Schedule
) -> Generator[StepFinished | TrainingWarned]:
    """Take ``step_count`` steps and yield what each of them saw.

    With too large a batch it is halved, and the steps that are left see fewer images each: more
    steps instead would lead further away from the other sites.

    Raises:
        TrainingDivergedError: if the loss is no longer a number.
        TrainingError: if not even the smallest batch fits into the memory.
    """
    step.model.train()
    place, last = schedule.first_step + 1, schedule.first_step + step_count
    while place <= last:
        progress = place / schedule.step_count
        taken = step_within_memory(
            partial(take_step, step, source, place, schedule.step_count, progress)
        )
        if taken is None:
            yield halve_batch(step.model, source)
            continue
        place += 1
        yield taken


def take_step(
    step: TrainingStep, source: Batches, number: int, step_count: int, progress: float
) -> StepFinished:
    """Take the step ``number`` of ``step_count``; ``progress`` steers the adversary's weight."""
    weight = adversarial_schedule(step.method.adversarial_weight, progress)
    measures = step(next(source), weight)
    return StepFinished(
        step=number, step_count=step_count, adversarial_weight=weight, **vars(measures)
    )
