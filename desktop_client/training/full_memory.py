"""What happens when the memory of the device is full: the batch is halved and training goes on."""

from collections.abc import Callable
from typing import Final

import torch

from desktop_client.errors import TrainingError
from desktop_client.training.batches import Batches
from desktop_client.training.events import StepFinished, TrainingWarned
from desktop_client.training.model import SiteBlindModel

SMALLEST_BATCH: Final = 2
"""Images that a step needs at least: a single one has no statistics of its own."""


def step_within_memory(take: Callable[[], StepFinished]) -> StepFinished | None:
    """Take a step, or return None if the memory of the device is full."""
    try:
        return take()
    except torch.OutOfMemoryError:
        return None  # not handled here: the error still holds what fills the memory


def halve_batch(model: SiteBlindModel, source: Batches) -> TrainingWarned:
    """Free what a step has left, have fewer images come at a time and say so.

    Raises:
        TrainingError: if not even the smallest batch fits.
    """
    before, device = source.size, next(model.parameters()).device
    if before // 2 < SMALLEST_BATCH:
        raise TrainingError(
            f"The memory of the {device.type.upper()} device is too small even for {before} images "
            "at a time. Close other programs, or choose a smaller network or the processor in the "
            "settings"
        )
    model.zero_grad(set_to_none=True)
    if device.type == "cuda":
        torch.cuda.empty_cache()
    source.halve()
    return TrainingWarned(
        f"The memory was full with {before} images at a time; training goes on with "
        f"{source.size}, which takes longer"
    )
