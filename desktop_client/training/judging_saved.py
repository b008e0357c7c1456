"""Judges a model as it was saved, by a site's held-out images, and notes how it came to be."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from uuid import UUID

import numpy as np
import torch

from coordinator.study import Method
from desktop_client.labelling.identity import digest_file
from desktop_client.labelling.store import LabelStore
from desktop_client.training.appraisal import appraise, places_of
from desktop_client.training.checkpoint import ModelCard, load_checkpoint
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.device import describe_device
from desktop_client.training.evaluation import FloatArray, Predictions, lesion_metrics, predict
from desktop_client.training.measuring import Answers
from desktop_client.training.model import SiteBlindModel
from desktop_client.training.quality import is_judged, quality_path_of, save_quality
from desktop_client.training.record import LeftOut, ModelRecord, Stage, versions_now
from desktop_client.training.recording import amounts_of
from desktop_client.training.trainer import SiteImages


@dataclass(frozen=True)
class Upbringing:
    """How a model came to be, as far as its file does not say so."""

    origin: Literal["own", "study"]
    method: Method
    seed: int
    stages: tuple[Stage, ...]
    stage_count: int
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bench:
    """What a saved model is judged by.

    Attributes:
        images: Of this site; the model never learnt here from those held out.
        domains: Domain labels of the scanners to report on.
        domain_names: What these are called.
        untrained: The same network before training.
        device: Where to compute.
    """

    images: SiteImages
    domains: tuple[int, ...]
    domain_names: tuple[str, ...]
    untrained: SiteBlindModel
    device: torch.device


def judge_saved(path: Path, bench: Bench, upbringing: Upbringing) -> None:
    """Judge a model's file and write the report beside it; nothing if it is there already.

    Raises:
        CheckpointError: if the file cannot be used.
        QualityReportError: if the report cannot be written.
        TrainingDivergedError: if the model's answers are no numbers.
    """
    if is_judged(path):
        return
    digest = digest_file(path)
    model, card = load_checkpoint(path)
    images, contract = bench.images.validation, card.input
    found = predict(model.to(bench.device), images, contract)
    untrained = predict(bench.untrained.to(bench.device).eval(), images, contract)
    report = appraise(
        _answers(bench, card, found.probabilities),
        found.z.double().numpy(),
        untrained.z.double().numpy(),
        len(bench.images.training),
        _record(card, digest, bench, _with_round(upbringing, card, found, images)),
    )
    save_quality(quality_path_of(path), report)


def scanner_names(labels_path: Path) -> dict[UUID, str]:
    """Return what the scanners of a label store are called now."""
    with LabelStore(labels_path) as store:
        return {domain.domain_id: domain.name for domain in store.domains()}


def _answers(bench: Bench, card: ModelCard, probabilities: FloatArray) -> Answers:
    images = bench.images.validation
    places = {label: place for place, label in enumerate(bench.domains)}
    return Answers(
        probabilities=probabilities,
        labels=images.lesion_labels.numpy(),
        domains=np.array([places[d] for d in images.domain_labels.tolist()], np.int64),
        patients=places_of([sample.patient for sample in images.samples]),
        sample_ids=tuple(sample.sample_id for sample in images.samples),
        class_names=tuple(lesion_class.name for lesion_class in card.classes),
        domain_names=bench.domain_names,
    )


def _with_round(
    upbringing: Upbringing, card: ModelCard, found: Predictions, images: PreparedImages
) -> Upbringing:
    """Tell of a study's model at least the round that it is from, where no other was seen."""
    if upbringing.stages or card.round_number is None:
        return upbringing
    metrics = lesion_metrics(found.probabilities, images.lesion_labels.numpy())
    return replace(upbringing, stages=(Stage(number=card.round_number, validation=metrics),))


def _record(card: ModelCard, digest: str, bench: Bench, upbringing: Upbringing) -> ModelRecord:
    return ModelRecord(
        model_name=card.name,
        model_digest=digest,
        origin=upbringing.origin,
        stages=upbringing.stages,
        stage_count=upbringing.stage_count,
        design=card.model,
        input=card.input,
        method=upbringing.method,
        seed=upbringing.seed,
        temperature=card.temperature,
        device=describe_device(bench.device),
        versions=versions_now(),
        amounts=amounts_of(bench.images, len(card.classes), bench.domains),
        left_out=upbringing.left_out,
        warnings=upbringing.warnings,
    )
