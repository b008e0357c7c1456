"""Asking a finished model about images: probabilities and features, batch by batch.

What it answers is a suggestion, never a diagnosis.
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from coordinator.study import InputContract
from desktop_client.errors import ImageUnreadableError
from desktop_client.labelling.identity import digest_file
from desktop_client.labelling.sample import Sample
from desktop_client.training.calibration import with_temperature
from desktop_client.training.checkpoint import ModelCard, load_checkpoint
from desktop_client.training.dataset import PreparedImages, load_ahead, load_input
from desktop_client.training.evaluation import FloatArray, predict
from desktop_client.training.events import ImageLeftOut
from desktop_client.training.model import UNLABELLED, SiteBlindModel

BATCH_SIZE: Final = 32
"""A larger one is no quicker, and takes gigabytes where images are 224 pixels wide."""

Input = tuple[Sample, npt.NDArray[np.uint8]]
"""An image and its pixels ``[C, S, S]`` as the model's contract wants them."""


@dataclass(frozen=True)
class FinishedModel:
    """A model that answers; ``digest`` is the SHA-256 of its file."""

    model: SiteBlindModel
    card: ModelCard
    digest: str


@dataclass(frozen=True)
class Predicted:
    """What the model makes of a batch.

    Attributes:
        samples: The B images.
        probabilities: ``[B, K]`` in the order of the model's classes, adjusted by the model's
            temperature if it has one.
        z: Features ``[B, F]``, float32.
    """

    samples: tuple[Sample, ...]
    probabilities: FloatArray
    z: npt.NDArray[np.float32]


def load_finished(path: Path, device: torch.device) -> FinishedModel:
    """Read a model file of this site, of a study or exported by a coordinator.

    Raises:
        CheckpointError: if it cannot be used.
    """
    model, card = load_checkpoint(path)
    return FinishedModel(model.to(device), card, digest_file(path))


def sample_inputs(
    samples: Iterable[Sample], contract: InputContract
) -> Generator[Input | ImageLeftOut]:
    """Decode samples a little ahead; one that cannot be read is left out with its reason."""
    for sample, outcome in load_ahead(samples, partial(load_input, contract=contract)):
        if isinstance(outcome, ImageUnreadableError):
            yield ImageLeftOut(sample.path, outcome.reason)
        else:
            yield sample, outcome


def predict_batches(
    finished: FinishedModel, found: Iterable[Input | ImageLeftOut]
) -> Generator[Predicted | ImageLeftOut]:
    """Yield the model's answers about images, in their order; what was left out is passed on.

    Raises:
        TrainingDivergedError: if its answers are no numbers.
    """
    batch: list[Input] = []
    for item in found:
        if isinstance(item, ImageLeftOut):
            yield item
            continue
        batch.append(item)
        if len(batch) == BATCH_SIZE:
            yield _predicted(finished, batch)
            batch = []
    if batch:
        yield _predicted(finished, batch)


def _predicted(finished: FinishedModel, batch: Sequence[Input]) -> Predicted:
    images = PreparedImages(
        pixels=torch.from_numpy(np.stack([pixels for _, pixels in batch])),
        lesion_labels=torch.full((len(batch),), UNLABELLED),
        domain_labels=torch.zeros(len(batch), dtype=torch.int64),
        samples=tuple(sample for sample, _ in batch),
    )
    answers = predict(finished.model, images, finished.card.input)
    probabilities = with_temperature(answers.probabilities, finished.card.temperature)
    return Predicted(images.samples, probabilities, answers.z.numpy())
