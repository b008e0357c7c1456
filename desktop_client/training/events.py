"""What training says while it runs: plain, frozen, free of torch and of tensors."""

from dataclasses import dataclass
from pathlib import Path

from coordinator.protocol import LesionMetrics


@dataclass(frozen=True, slots=True)
class StillWorking:
    """Nothing new; sent at least every 100 ms so that whoever iterates can cancel."""


@dataclass(frozen=True, slots=True)
class ImagesPrepared:
    """So many images are decoded and scaled to the model's input."""

    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class ImageLeftOut:
    """An image that cannot be used, and why; training goes on without it."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    """The data is ready and the device chosen."""

    device: str
    training_count: int
    validation_count: int
    left_out_count: int
    domain_count: int
    step_count: int
    device_type: str = "cpu"
    """``cpu``, ``cuda`` or ``mps``."""


@dataclass(frozen=True, slots=True)
class StepFinished:
    """One training step; shares are of the batch, 0 to 1; losses are means in nats."""

    step: int
    step_count: int
    lesion_loss: float
    domain_loss: float
    confusion_loss: float
    """How far the domain classifier's answers on second targets are from the target; 0 if none."""
    lesion_accuracy: float
    domain_accuracy: float
    first_target_share: float
    second_target_share: float
    adversarial_weight: float


@dataclass(frozen=True, slots=True)
class EpochFinished:
    """One pass over the training images, with the metrics on the held-out ones.

    The model as it is now is saved; stopping from here on loses nothing but later steps.
    """

    epoch: int
    epoch_count: int
    validation: LesionMetrics


@dataclass(frozen=True, slots=True)
class TrainingWarned:
    """Something a person should know; training goes on."""

    sentence: str


@dataclass(frozen=True, slots=True)
class TrainingResumed:
    """An interrupted training goes on after ``step``, with all that it had said until then."""

    step: int
    history: tuple[StepFinished | EpochFinished | TrainingWarned, ...]


@dataclass(frozen=True, slots=True)
class JudgingStarted:
    """The model of the last finished epoch is saved; how good it is is being found out."""

    checkpoint_path: Path


@dataclass(frozen=True, slots=True)
class TrainingPaused:
    """The training was asked to stop for now; everything that it needs to go on is saved."""

    run_path: Path
    step: int
    step_count: int


@dataclass(frozen=True, slots=True)
class TrainingFinished:
    """The model is saved."""

    checkpoint_path: Path
    validation: LesionMetrics


@dataclass(frozen=True, slots=True)
class PredictionStarted:
    """The model is loaded; it is asked about so many images or files."""

    model_name: str
    device: str
    total_count: int


@dataclass(frozen=True, slots=True)
class ImagesPredicted:
    """The model has answered about so many images or files, or they were left out."""

    done_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class PredictionFinished:
    """Every answer is saved."""

    model_name: str
    predicted_count: int
    left_out_count: int
    table_path: Path | None = None
    """The CSV they are in; None where they are suggestions in the label store."""


@dataclass(frozen=True, slots=True)
class PicturesWritten:
    """Where a model looks is shown in so many pictures."""

    model_name: str
    picture_count: int
    left_out_count: int
    folder: Path


@dataclass(frozen=True, slots=True)
class ModelExportStarted:
    """The model is loaded; making a file of it that other programs read takes a while."""

    model_name: str


@dataclass(frozen=True, slots=True)
class ModelExported:
    """Other programs can use the model from this file."""

    model_name: str
    path: Path


PredictionEvent = (
    StillWorking | ImageLeftOut | PredictionStarted | ImagesPredicted | PredictionFinished
)

ExplainFilesEvent = ImageLeftOut | PredictionStarted | ImagesPredicted | PicturesWritten

TrainingEvent = (
    StillWorking
    | ImagesPrepared
    | ImageLeftOut
    | TrainingStarted
    | StepFinished
    | EpochFinished
    | TrainingWarned
    | TrainingResumed
    | JudgingStarted
    | TrainingPaused
    | TrainingFinished
)
