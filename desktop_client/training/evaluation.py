"""How good a model is: features, probabilities and lesion metrics on held-out images."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from coordinator.protocol import LesionMetrics
from coordinator.study import InputContract
from desktop_client.errors import TrainingDivergedError, TrainingError
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.inputs import ActivationMemory, Inputs
from desktop_client.training.measuring import area_under
from desktop_client.training.model import UNLABELLED, SiteBlindModel

EVALUATION_BATCH = 32
"""More are slower on a processor, whose caches they outgrow: 128 take 1.1 times as long."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Predictions:
    """What a model makes of images: ``z [N, F]`` and lesion ``probabilities [N, K]``."""

    z: Tensor
    probabilities: FloatArray


def predict(
    model: SiteBlindModel,
    images: PreparedImages,
    contract: InputContract,
    memory: ActivationMemory | None = None,
) -> Predictions:
    """Run images through the model, without gradients and batch by batch.

    Raises:
        TrainingDivergedError: if its answers are no longer numbers.
        TrainingError: if not even a single image fits into the memory.
    """
    inputs = Inputs(model, contract, memory)
    with torch.no_grad():
        parts = _features_in_parts(model, inputs, images)
        width = model.lesion_classifier.in_features
        device = model.lesion_classifier.weight.device
        z = torch.cat(parts) if parts else torch.empty(0, width, device=device)
        probabilities = model.lesion_classifier(z).softmax(dim=1).double().cpu().numpy()
    if not np.isfinite(probabilities).all():
        raise TrainingDivergedError(
            "The model has diverged: its answers are no longer numbers. Start again "
            "with another seed; the labels are untouched"
        )
    return Predictions(z.cpu(), probabilities)


def _features_in_parts(
    model: SiteBlindModel, inputs: Inputs, images: PreparedImages
) -> list[Tensor]:
    """Return the features of all images, in as few parts as the memory has room for.

    Even parts: batch norm in training mode has no statistics of a last part of one image.
    """
    part_count = max(1, -(-len(images) // EVALUATION_BATCH))
    while True:
        try:
            return [
                model.features(inputs.read(images, rows))
                for rows in torch.arange(len(images)).tensor_split(part_count)
                if len(rows)
            ]
        except torch.OutOfMemoryError as error:
            if part_count >= len(images):
                raise TrainingError(
                    "The memory of the device is too small even for a single image. Close other "
                    "programs, or choose a smaller network or the processor in the settings"
                ) from error
        # Not while the error is handled: it still holds what fills the memory.
        part_count = min(len(images), 2 * part_count)


def lesion_metrics(probabilities: FloatArray, lesion_labels: IntArray) -> LesionMetrics:
    """Compare probabilities ``[N, K]`` with labels ``[N]``; unlabelled images do not count.

    What is undefined is None: everything without images, the AUC with fewer than two classes
    present. With more than two classes the AUC is the unweighted mean of one class against the
    rest, over the classes that are present.
    """
    is_labelled = lesion_labels != UNLABELLED
    labels, probabilities = lesion_labels[is_labelled], probabilities[is_labelled]
    if not len(labels):
        return LesionMetrics(sample_count=0)
    answers = probabilities.argmax(axis=1)
    recalls = [float((answers[labels == c] == c).mean()) for c in np.unique(labels)]
    return LesionMetrics(
        sample_count=len(labels),
        accuracy=float((answers == labels).mean()),
        balanced_accuracy=float(np.mean(recalls)),
        auc=area_under_curve(probabilities, labels),
    )


def area_under_curve(probabilities: FloatArray, labels: IntArray) -> float | None:
    """Area under the ROC curve, one class against the rest; None with one class only."""
    present = np.unique(labels)
    if len(present) < 2:
        return None
    once = np.ones(len(labels))
    if probabilities.shape[1] == 2:
        return area_under(probabilities[:, 1], labels == 1, once)
    return float(np.mean([area_under(probabilities[:, c], labels == c, once) for c in present]))


def evaluate(
    model: SiteBlindModel,
    images: PreparedImages,
    contract: InputContract,
    memory: ActivationMemory | None = None,
) -> LesionMetrics:
    """Return the lesion metrics of a model on images.

    Raises:
        TrainingDivergedError: if its answers are no longer numbers.
    """
    return lesion_metrics(
        predict(model, images, contract, memory).probabilities, images.lesion_labels.numpy()
    )
