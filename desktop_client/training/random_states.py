"""The random states that any code may draw from: Python's, numpy's and torch's own.

Training draws from generators of its own; these are kept so that nothing that is added to it can
make a resumed run differ from an uninterrupted one.
"""

import json
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

Arrays = Mapping[str, npt.NDArray[Any]]


def random_states() -> dict[str, npt.NDArray[Any]]:
    """Return the states as arrays, those of every CUDA device that is in use among them."""
    states: dict[str, npt.NDArray[Any]] = {"torch": torch.get_rng_state().numpy()}
    legacy: Any = np.random.get_state(legacy=False)
    for name, known in (("python", random.getstate()), ("numpy", legacy)):
        text = json.dumps(known, default=lambda array: array.tolist())
        states[name] = np.frombuffer(text.encode(), np.uint8)
    if torch.cuda.is_initialized():
        for number, state in enumerate(torch.cuda.get_rng_state_all()):
            states[f"cuda.{number}"] = state.cpu().numpy()
    return states


def restore_random_states(states: Arrays) -> None:
    """Go back to these states; those of devices that are not there are left alone."""
    torch.set_rng_state(torch.from_numpy(states["torch"].copy()))
    version, internal, gauss = json.loads(states["python"].tobytes())
    random.setstate((version, tuple(internal), gauss))
    legacy = json.loads(states["numpy"].tobytes())
    legacy["state"]["key"] = np.array(legacy["state"]["key"], np.uint32)
    np.random.set_state(legacy)
    for number in range(torch.cuda.device_count() if torch.cuda.is_initialized() else 0):
        if f"cuda.{number}" in states:
            torch.cuda.set_rng_state(torch.from_numpy(states[f"cuda.{number}"].copy()), number)
