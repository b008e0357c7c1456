"""Training on this site's own images: from the label store to a saved model."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

import torch
from torch import Tensor

from coordinator.study import InputContract, LesionClass, Method
from desktop_client.errors import NothingToTrainError
from desktop_client.labelling.sample import Sample
from desktop_client.labelling.split import split_by_patient
from desktop_client.labelling.store import LabelStore
from desktop_client.training.batches import BatchPlan, batches
from desktop_client.training.calibration import fitted_temperature
from desktop_client.training.checkpoint import ModelCard, save_checkpoint
from desktop_client.training.dataset import PreparedImages, prepare_images
from desktop_client.training.device import choose_device, describe_device, leave_a_core_free
from desktop_client.training.evaluation import lesion_metrics, predict
from desktop_client.training.events import (
    EpochFinished,
    ImageLeftOut,
    ImagesPrepared,
    StepFinished,
    TrainingEvent,
    TrainingFinished,
    TrainingStarted,
)
from desktop_client.training.guards import Guards
from desktop_client.training.inputs import ActivationMemory, Inputs
from desktop_client.training.model import DomainClassifier, SiteBlindModel, initial_model
from desktop_client.training.moments import DomainMoments, MomentsSampler
from desktop_client.training.request import TrainingRequest
from desktop_client.training.step import (
    Batch,
    Optimizers,
    OtherDomains,
    TrainingStep,
    adversarial_schedule,
    anchors_of,
)

OWN_TRAINING_NAME: Final = "Trained at this site"


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
) -> TrainingStep:
    """Compose the step for a model, with new optimizers.

    Args:
        model: To be trained.
        method: Every choice of the step.
        known_domains: ``[G, capacity]`` bool, the possible answers of each domain classifier.
        moments: Of domains that this site holds no image of; by domain, or by domain and lesion.
        seed: For the draws from other domains.
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
    )


def train(
    step: TrainingStep, source: Iterator[Batch], step_count: int, schedule: Schedule
) -> Generator[StepFinished]:
    """Take ``step_count`` steps and yield what each of them saw."""
    step.model.train()
    for number, batch in enumerate(islice(source, step_count), start=1):
        progress = (schedule.first_step + number) / schedule.step_count
        weight = adversarial_schedule(step.method.adversarial_weight, progress)
        measures = step(batch, weight)
        yield StepFinished(
            step=schedule.first_step + number,
            step_count=schedule.step_count,
            adversarial_weight=weight,
            **vars(measures),
        )


def train_from_store(request: TrainingRequest) -> Generator[TrainingEvent]:
    """Train on the labelled images of a label store; save the model after each epoch.

    Raises:
        NothingToTrainError: saying what is missing.
        TrainingDivergedError: if the loss is no longer a number.
        CheckpointError: if the model cannot be written.
    """
    leave_a_core_free()
    device = choose_device(request.device)
    with LabelStore(request.labels_path) as store:
        samples = store.training_samples()
        names = {c.class_id: c.name for c in store.classes()}
    class_ids = [class_id for class_id in names if any(s.class_id == class_id for s in samples)]
    _check_labels(samples, class_ids)
    domain_ids = sorted({s.domain_id for s in samples}, key=str)
    images = yield from prepare_site(
        samples,
        request.input,
        {class_id: index for index, class_id in enumerate(class_ids)},
        {domain_id: index for index, domain_id in enumerate(domain_ids)},
    )
    if len(images.training.lesion_labels.unique()) < 2:
        raise NothingToTrainError("Fewer than two classes have readable images to train on")
    classes = tuple(LesionClass(class_id=c, name=names[c]) for c in class_ids)
    yield from _train_epochs(request, images, classes, len(domain_ids), device)


def _train_epochs(
    request: TrainingRequest,
    images: SiteImages,
    classes: tuple[LesionClass, ...],
    domain_count: int,
    device: torch.device,
) -> Generator[TrainingEvent]:
    design = request.model.model_copy(
        update={"domain_capacity": max(request.model.domain_capacity, domain_count)}
    )
    # Where all images come from one scanner there is none to be blind to.
    adversary = {} if domain_count > 1 else {"second": "off"}
    method = request.method.model_copy(update=adversary)
    model = initial_model(design, request.input, len(classes), request.seed).to(device)
    known = known_domains(model.domain_classifier, range(domain_count))
    step = training_step(model, method, known, {}, request.seed)
    memory = ActivationMemory()
    inputs = Inputs(model, request.input, memory)
    source = batches(
        images.training, inputs, BatchPlan(method.batch_size, request.seed, method.sampling)
    )
    epoch_steps = -(-len(images.training) // method.batch_size)
    step_count = epoch_steps * request.epoch_count
    yield TrainingStarted(
        device=describe_device(device),
        training_count=len(images.training),
        validation_count=len(images.validation),
        left_out_count=images.left_out_count,
        domain_count=domain_count,
        step_count=step_count,
    )
    guards = Guards(window=epoch_steps)
    card = ModelCard(name=OWN_TRAINING_NAME, classes=classes, input=request.input, model=design)
    for epoch in range(request.epoch_count):
        schedule = Schedule(epoch * epoch_steps, step_count)
        yield from guards.watch(train(step, source, epoch_steps, schedule))
        answers = predict(model.eval(), images.validation, request.input, memory).probabilities
        labels = images.validation.lesion_labels.numpy()
        validation = lesion_metrics(answers, labels)
        temperature = fitted_temperature(answers, labels)
        # Saved before it is told: whoever stops after this event has the model.
        save_checkpoint(
            request.checkpoint_path, model, card.model_copy(update={"temperature": temperature})
        )
        yield EpochFinished(epoch + 1, request.epoch_count, validation)
    yield TrainingFinished(request.checkpoint_path, validation)


def _check_labels(samples: list[Sample], class_ids: list[UUID]) -> None:
    if len(class_ids) >= 2:
        return
    have = f"{len(samples)} labelled images of {len(class_ids)} classes"
    raise NothingToTrainError(
        f"Training needs labelled images of at least two classes; there are {have}. "
        "Label some images of another class first"
    )
