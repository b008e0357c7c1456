"""Run files: what an interrupted training needs to go on, written whole or not at all.

Loads no torch, so that the window can say what there is to go on with.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load

from coordinator.protocol import LesionMetrics
from coordinator.study import LesionClass
from desktop_client.durable import sweep_remains, write_durably
from desktop_client.errors import RunFileError
from desktop_client.training.array_file import digest_of, safetensors_pieces
from desktop_client.training.course import Course
from desktop_client.training.request import TrainingRequest

RUN_SUFFIX: Final = ".run"

Arrays = dict[str, npt.NDArray[Any]]

_CARD, _DIGEST = "run", "sha256"


class FinishedEpoch(BaseModel):
    """The step after which an epoch was over, and how good the model was then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: int
    validation: LesionMetrics


class RunCard(BaseModel):
    """What a run file says about itself; all else in it are arrays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    request: TrainingRequest
    classes: tuple[LesionClass, ...]
    device: str
    thread_count: int
    rank_count: int = 1
    """Processes that computed together."""
    course: Course
    target_share: float
    epochs: tuple[FinishedEpoch, ...]
    warnings: tuple[str, ...]
    saved_at: datetime


def run_path_of(checkpoint_path: Path) -> Path:
    """Return where the run file of a model is."""
    return checkpoint_path.with_suffix(RUN_SUFFIX)


def save_run(path: Path, card: RunCard, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write a run file durably.

    Raises:
        RunFileError: if it cannot be written; an earlier one is left as it was.
    """
    text = card.model_dump_json()
    said = {_CARD: text, _DIGEST: digest_of(text, arrays)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, *safetensors_pieces(arrays, said))
    except OSError as error:
        raise RunFileError(
            f"{path} cannot be written, so this training could not be resumed: {error.strerror}"
        ) from error


def load_run(path: Path) -> tuple[RunCard, Arrays]:
    """Read a run file; nothing of it is used unless all of it is as it was written.

    Raises:
        RunFileError: if it cannot be read, is damaged or of another version of the program.
    """
    card = read_card(path)
    try:
        arrays = load(path.read_bytes())
        with safe_open(path, framework="numpy") as file:
            said = file.metadata()
    except OSError as error:
        raise RunFileError(f"{path} cannot be read: {error.strerror}") from error
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise _damaged(path) from error
    if said.get(_DIGEST) != digest_of(said[_CARD], arrays):
        raise _damaged(path)
    return card, arrays


def read_card(path: Path) -> RunCard:
    """Read what a run file says about itself, without its arrays.

    Raises:
        RunFileError: if it cannot be read, is damaged or of another version of the program.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            return RunCard.model_validate_json((file.metadata() or {})[_CARD])
    except FileNotFoundError as error:
        raise RunFileError(f"There is no interrupted training {path}") from error
    except OSError as error:
        raise RunFileError(f"{path} cannot be read: {error}") from error
    except (SafetensorError, KeyError, ValidationError) as error:
        raise _damaged(path) from error


def discard_run(path: Path) -> None:
    """Remove a run file, and what killed writes have left of it and of its model.

    Raises:
        RunFileError: if it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
        sweep_run(path)
    except OSError as error:
        raise RunFileError(f"{path} cannot be removed: {error.strerror}") from error


def sweep_run(path: Path) -> None:
    """Remove what killed writes have left of a run file and of its model."""
    for written in (path, path.with_suffix(".safetensors")):
        sweep_remains(written)


def unfinished_runs(folder: Path) -> list[Path]:
    """Return the run files in a folder, the newest first."""
    return sorted(folder.glob(f"*{RUN_SUFFIX}"), key=lambda p: p.stat().st_mtime, reverse=True)


def _damaged(path: Path) -> RunFileError:
    return RunFileError(
        f"{path} is damaged, or of another version of SiteBlind: the training in it cannot go on. "
        "Discard it and start a new one; the model of its last finished pass stays"
    )
