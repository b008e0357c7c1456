"""Model files: safetensors with everything needed to use them, written whole or not at all."""

from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError, safe_open

from coordinator.errors import CoordinatorError, NonFiniteParametersError
from coordinator.parameters import (
    MESSAGE_KEY,
    Parameters,
    check_parameters,
    decode,
    manifest_of,
)
from coordinator.protocol import STUDY_KEY, GlobalMessage
from coordinator.study import InputContract, LesionClass, ModelDesign, Study
from desktop_client.durable import write_durably
from desktop_client.errors import CheckpointError
from desktop_client.training.array_file import safetensors_pieces
from desktop_client.training.model import SiteBlindModel, new_model


class ModelCard(BaseModel):
    """What a model file says about itself: enough to preprocess for it and to name its answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: int = 1
    name: str
    classes: tuple[LesionClass, ...]
    input: InputContract
    model: ModelDesign
    round_number: int | None = None
    """Of the study it comes from; None for a model trained at this site alone."""
    temperature: float | None = Field(default=None, ge=1)
    """By which logits are divided before they are called confidence; None if nobody fitted one."""
    intended_use: str = "Research use only. Not for diagnostic use."


def model_arrays(model: SiteBlindModel) -> Parameters:
    """Return all floating-point state of a model as float32 arrays on the CPU."""
    return {name: array.copy() for name, array in _views(model).items()}


def load_arrays(model: SiteBlindModel, arrays: Parameters) -> None:
    """Copy arrays into a model that has exactly these names and shapes."""
    state = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    model.load_state_dict(state, strict=False)


def save_checkpoint(path: Path, model: SiteBlindModel, card: ModelCard) -> None:
    """Write a model file durably.

    Raises:
        CheckpointError: if it cannot be written or holds values that are not finite; an earlier
            file is left as it was.
    """
    arrays = _views(model)
    try:
        check_parameters(arrays, manifest_of(arrays))
    except NonFiniteParametersError as error:
        raise CheckpointError(f"The model is not saved: training has spoilt it. {error}") from error
    said = {MESSAGE_KEY: card.model_dump_json()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, *safetensors_pieces(arrays, said))
    except OSError as error:
        raise CheckpointError(f"{path} cannot be written: {error.strerror}") from error


def load_checkpoint(path: Path) -> tuple[SiteBlindModel, ModelCard]:
    """Read a model file and build its model, on the CPU and in evaluation mode.

    What a coordinator exports of a study is a model file, too.

    Raises:
        CheckpointError: if the file is missing, damaged or of another program.
    """
    try:
        arrays, card = _read(path)
        model = new_model(card.model, card.input, len(card.classes), seed=0)
        check_parameters(arrays, manifest_of(model_arrays(model)))
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error
    except CoordinatorError as error:
        raise CheckpointError(f"{path} is no usable SiteBlind model: {error}") from error
    load_arrays(model, arrays)
    return model.eval(), card


def _views(model: SiteBlindModel) -> Parameters:
    """Return what ``model_arrays`` does, but on a CPU the model's own numbers, which may change."""
    return {
        name: tensor.detach().cpu().numpy().astype(np.float32, copy=False)
        for name, tensor in model.state_dict().items()
        if tensor.is_floating_point()
    }


def _read(path: Path) -> tuple[Parameters, ModelCard]:
    study = _exported_study(path)
    if study is None:
        return decode(path.read_bytes(), ModelCard)
    arrays, message = decode(path.read_bytes(), GlobalMessage)
    named = [name for name in study.model.extractors if name == message.extractor]
    extractor = named[0] if named else study.model.extractor
    card = ModelCard(
        name=study.name,
        classes=study.classes,
        input=study.input,
        model=study.model.with_extractor(extractor),
        round_number=message.round_number,
    )
    return arrays, card


def _exported_study(path: Path) -> Study | None:
    """Return the study that an exported model carries; None for any other file."""
    try:
        with safe_open(path, framework="numpy") as file:
            return Study.model_validate_json((file.metadata() or {})[STUDY_KEY])
    except (SafetensorError, ValidationError, KeyError):
        return None
