"""What to train and on what: plain values that can be sent to the training process."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from coordinator.study import InputContract, Method, ModelDesign

DeviceChoice = Literal["automatic", "cpu", "cuda", "mps"]


@dataclass(frozen=True)
class TrainingRequest:
    """Train a model on this site's own labelled images, outside any study.

    Carried out by ``desktop_client.training.own_training:train_from_store``.
    """

    labels_path: Path
    checkpoint_path: Path
    """Where the safetensors model is written after each epoch."""
    epoch_count: int = 20
    input: InputContract = field(default_factory=InputContract)
    model: ModelDesign = field(default_factory=ModelDesign)
    weights_path: Path | None = None
    """Of the weights file, where the model begins from one."""
    method: Method = field(default_factory=Method)
    device: DeviceChoice = "automatic"
    seed: int = 0
    is_deterministic: bool = False
    """Whether the same seed must give the same bits on a graphics card too, at some cost."""
    is_mixed_precision: bool = False
    """Whether the extractor computes in bfloat16 on CUDA cards that can."""
    rank_count: int = 1
    """Processes that compute each batch together, each on a graphics card of its own; 0: as many
    as there are cards."""


@dataclass(frozen=True)
class DoctorRequest:
    """Find out what training would compute on, and why.

    Carried out by ``desktop_client.training.doctor:examine``.
    """

    device: DeviceChoice = "automatic"
    model: ModelDesign = field(default_factory=ModelDesign)
    method: Method = field(default_factory=Method)
    is_timed: bool = True
    """Whether to time trial steps; not while something else computes."""


@dataclass(frozen=True)
class ResumeRequest:
    """Go on with a training that was paused or interrupted, with the settings that it had.

    Carried out by ``desktop_client.training.own_training:resume_from_store``.
    """

    labels_path: Path
    checkpoint_path: Path
    """Of the interrupted training."""


@dataclass(frozen=True)
class SuggestionRequest:
    """Ask a model about images of the label store and keep what it suggests.

    Carried out by ``desktop_client.training.suggesting:suggest_from_store``.
    """

    labels_path: Path
    model_path: Path
    """A model trained here, received from a study, or exported by its coordinator."""
    sample_ids: frozenset[str] | None = None
    """Which images; None for all."""
    device: DeviceChoice = "automatic"


@dataclass(frozen=True)
class PredictionRequest:
    """Ask a model about the images of a folder, or of the label store, and write a CSV.

    Carried out by ``desktop_client.training.prediction_table:predict_to_table``.
    """

    model_path: Path
    table_path: Path
    labels_path: Path
    folder: Path | None = None
    """None for the images of the label store."""
    device: DeviceChoice = "automatic"


@dataclass(frozen=True)
class ExplainFilesRequest:
    """Show where a model looks in image files, as a PNG file for each frame.

    Carried out by ``desktop_client.training.explained_files:explain_files``.
    """

    model_path: Path
    paths: tuple[Path, ...]
    """Image files, and folders of them."""
    output_folder: Path
    """A new or empty one."""
    class_name: str | None = None
    """The class it is about; None for the one that the model answers."""
    device: DeviceChoice = "automatic"


@dataclass(frozen=True)
class OnnxExportRequest:
    """Write a model file as ONNX, for other programs.

    Carried out by ``desktop_client.training.onnx_export:export_onnx``.
    """

    model_path: Path
    onnx_path: Path
