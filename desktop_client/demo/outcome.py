"""What the demo's federation achieved, measured on held-out phantom images with the real code.

Only a demo can measure across sites: the images of all of them are on this machine.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coordinator.study import Method, Study
from desktop_client.federation.membership import Contribution
from desktop_client.federation.site import labelled_samples
from desktop_client.training.batches import Batches, BatchPlan
from desktop_client.training.evaluation import FloatArray, evaluate, predict
from desktop_client.training.inputs import Inputs
from desktop_client.training.leakage import Leakage, measure_leakage
from desktop_client.training.model import SiteBlindModel, initial_model
from desktop_client.training.trainer import (
    Schedule,
    SiteImages,
    known_domains,
    prepare_site,
    train,
    training_step,
)


@dataclass(frozen=True)
class Hospital:
    """A hospital's name and its images, prepared as its site process prepares them."""

    name: str
    images: SiteImages


@dataclass(frozen=True)
class SiteOutcome:
    """One hospital's held-out accuracies, 0 to 1.

    Attributes:
        name: The hospital.
        class_counts: Training images by class name; the shares differ by hospital.
        held_out_count: Images the accuracies are measured on.
        before: Of the initial global model.
        after: Of the final global model.
        alone: Of a model trained on this hospital's images only.
        control: Of the final global model of plain federated averaging.
        recognised: Share of its held-out images whose hospital a linear probe still tells.
    """

    name: str
    class_counts: dict[str, int]
    held_out_count: int
    before: float
    after: float
    alone: float
    control: float
    recognised: float


@dataclass(frozen=True)
class ModelOutcome:
    """One model over all hospitals."""

    name: str
    mean_accuracy: float
    unseen_accuracy: float
    """On a hospital that took no part."""
    leakage: Leakage


@dataclass(frozen=True)
class DemoOutcome:
    """Everything the report shows.

    Attributes:
        study: The study that was run.
        sites: One row per hospital.
        models: Untrained, control and SiteBlind, over all hospitals.
        curves: By preset and hospital, the held-out accuracy after each round, by round.
        gallery: By hospital, an image of each class.
    """

    study: Study
    sites: tuple[SiteOutcome, ...]
    models: tuple[ModelOutcome, ...]
    curves: dict[str, dict[str, dict[int, float]]]
    gallery: dict[str, tuple[Path, ...]]


def load_hospital(name: str, labels_path: Path, study: Study) -> Hospital:
    """Read a hospital's labelled images, split exactly as its site splits them."""
    samples, labels = labelled_samples(labels_path, study, Contribution())
    domains = {s.domain_id: 0 for s in samples}
    preparing = prepare_site(samples, study.input, labels, domains)
    try:
        while True:
            next(preparing)
    except StopIteration as done:
        return Hospital(name, done.value)


def train_alone(hospital: Hospital, study: Study) -> SiteBlindModel:
    """Train on one hospital's images only, as many steps as it takes in the study's rounds.

    Plain supervised training: with one scanner there is no domain to be blind to.
    """
    plan, size = study.rounds, study.method
    method = Method(preset="fedavg", learning_rate=size.learning_rate, batch_size=size.batch_size)
    model = initial_model(study.model, study.input, len(study.classes), plan.seed)
    known = known_domains(model.domain_classifier, {0})
    step = training_step(model, method, known, {}, plan.seed)
    inputs = Inputs(model, study.input)
    source = Batches(hospital.images.training, inputs, BatchPlan(method.batch_size, plan.seed))
    # A hospital is picked for `fraction` of the rounds.
    step_count = round(plan.fraction * plan.count) * size.local_steps
    deque(train(step, source, step_count, Schedule(0, step_count)), maxlen=0)
    return model.eval()


def accuracy(model: SiteBlindModel, hospital: Hospital, study: Study) -> float:
    """Return the share of a hospital's held-out images whose lesion is recognised."""
    share = evaluate(model, hospital.images.validation, study.input).accuracy
    return float("nan") if share is None else share


def leakage(model: SiteBlindModel, hospitals: Sequence[Hospital], study: Study) -> Leakage:
    """Measure how well the hospital can be told from the features of held-out images."""
    held_out = [hospital.images.validation for hospital in hospitals]
    z: FloatArray = np.concatenate(
        [predict(model, images, study.input).z.double().numpy() for images in held_out]
    )
    return measure_leakage(
        z,
        np.repeat(np.arange(len(held_out)), [len(images) for images in held_out]),
        np.concatenate([images.lesion_labels.numpy() for images in held_out]),
        [sample.patient for images in held_out for sample in images.samples],
    )


def model_outcome(
    name: str,
    model: SiteBlindModel,
    hospitals: Sequence[Hospital],
    unseen: Hospital,
    study: Study,
) -> ModelOutcome:
    """Judge one model over all hospitals and on the one that took no part."""
    return ModelOutcome(
        name=name,
        mean_accuracy=float(np.mean([accuracy(model, h, study) for h in hospitals])),
        unseen_accuracy=accuracy(model, unseen, study),
        leakage=leakage(model, hospitals, study),
    )


def example_paths(hospital: Hospital, study: Study) -> tuple[Path, ...]:
    """Return an image of each class that the hospital has, in the study's order."""
    labels = hospital.images.training.lesion_labels.tolist()
    present = [labels.index(c) for c in range(len(study.classes)) if c in labels]
    return tuple(hospital.images.training.samples[row].path for row in present)


def class_counts(hospital: Hospital, study: Study) -> dict[str, int]:
    """Count a hospital's training images by class name."""
    labels = hospital.images.training.lesion_labels
    return {c.name: int((labels == index).sum()) for index, c in enumerate(study.classes)}
