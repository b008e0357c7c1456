"""The state of a training between two steps, as arrays and back, bit for bit."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.optim import SGD

from desktop_client.training.batches import Batches, Order
from desktop_client.training.events import StepFinished
from desktop_client.training.random_states import random_states, restore_random_states
from desktop_client.training.step import TrainingStep

Arrays = dict[str, npt.NDArray[Any]]

STEP_FIELDS: Final = tuple(StepFinished.__dataclass_fields__)
_WHOLE_NUMBERS: Final = ("step", "step_count")


def state_of(step: TrainingStep, source: Batches) -> Arrays:
    """Return everything that the next steps depend on, apart from settings and images."""
    arrays: Arrays = {
        f"model.{name}": tensor.detach().cpu().numpy()
        for name, tensor in step.model.state_dict().items()
    }
    for name, parameter, optimizer in _trained(step):
        momentum = optimizer.state[parameter].get("momentum_buffer")
        if momentum is not None:
            arrays[f"momentum.{name}"] = momentum.detach().cpu().numpy()
    arrays["order.generator"] = source.order.generator.numpy()
    arrays["order.queue"] = source.order.queue.numpy()
    arrays["others.generator"] = step.others.generator.get_state().numpy()
    return arrays | {f"random.{name}": state for name, state in random_states().items()}


def restore_state(arrays: Arrays, step: TrainingStep, source: Batches, batch_size: int) -> None:
    """Put a training back to where ``state_of`` was asked.

    Args:
        arrays: From a file that was checked as a whole.
        step: New, of the same settings.
        source: New, of the same images.
        batch_size: Images of the next step.
    """
    step.model.load_state_dict(_tensors(arrays, "model."))
    momenta = _tensors(arrays, "momentum.")
    for name, parameter, optimizer in _trained(step):
        if name in momenta:
            buffer = torch.zeros_like(parameter).copy_(momenta[name])
            optimizer.state[parameter]["momentum_buffer"] = buffer
    order = _tensors(arrays, "order.")
    source.go_on_from(Order(order["generator"], order["queue"]), batch_size)
    step.others.generator.set_state(_tensors(arrays, "others.")["generator"])
    restore_random_states(_below(arrays, "random."))


def steps_as_array(steps: list[StepFinished]) -> npt.NDArray[np.float64]:
    """Return one row per step, one column per field."""
    rows = [[float(getattr(step, name)) for name in STEP_FIELDS] for step in steps]
    return np.array(rows, np.float64).reshape(len(rows), len(STEP_FIELDS))


def steps_from_array(rows: npt.NDArray[np.float64]) -> list[StepFinished]:
    """Return the steps again."""
    steps = []
    for row in rows.tolist():
        fields = dict(zip(STEP_FIELDS, row, strict=True))
        steps.append(StepFinished(**fields | {n: int(fields[n]) for n in _WHOLE_NUMBERS}))
    return steps


def _trained(step: TrainingStep) -> Iterator[tuple[str, Tensor, SGD]]:
    """Yield each trained parameter with its name and its optimizer."""
    names = {parameter: name for name, parameter in step.model.named_parameters()}
    for optimizer in vars(step.optimizers).values():
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                yield names[parameter], parameter, optimizer


def _below(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> Arrays:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _tensors(arrays: Arrays, prefix: str) -> dict[str, Tensor]:
    return {n: torch.from_numpy(a.copy()) for n, a in _below(arrays, prefix).items()}
