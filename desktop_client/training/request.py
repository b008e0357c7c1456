"""What to train and on what: plain values that can be sent to the training process."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from coordinator.study import InputContract, Method, ModelDesign

DeviceChoice = Literal["automatic", "cpu", "cuda", "mps"]


@dataclass(frozen=True)
class TrainingRequest:
    """Train a model on this site's own labelled images, outside any study.

    Carried out by ``desktop_client.training.trainer:train_from_store``.
    """

    labels_path: Path
    checkpoint_path: Path
    """Where the safetensors model is written after each epoch."""
    epoch_count: int = 20
    input: InputContract = field(default_factory=InputContract)
    model: ModelDesign = field(default_factory=ModelDesign)
    method: Method = field(default_factory=Method)
    device: DeviceChoice = "automatic"
    seed: int = 0
