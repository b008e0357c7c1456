"""Weights from a file that a person gives: a state dict of torchvision, as .pth or safetensors.

Nothing is unpickled but tensors, and nothing is used unless all of it fits.
"""

import warnings
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from desktop_client.errors import PretrainedWeightsError
from desktop_client.training.families import FAMILIES
from desktop_client.training.torchvision_extractors import TORCHVISION

_UNUSED = "num_batches_tracked"
"""Batch norm's count of what it has seen; nothing is computed from it."""


def load_weights(network: nn.Module, extractor: str, path: Path) -> None:
    """Give an extractor the weights of a file; its projection to the features stays new.

    Kernels that read colour are summed for a network that reads grey: it then answers as it would
    if the grey image were shown as red, green and blue.

    Args:
        network: As ``TorchvisionFamily.network`` built it.
        extractor: Which family it is.
        path: Of the file.

    Raises:
        PretrainedWeightsError: if the file cannot be read, is damaged or of another network,
            saying which.
    """
    family = TORCHVISION[extractor]
    given = found = read_weights(path)
    state = network.state_dict()
    wanted = {n: t for n, t in state.items() if not n.startswith(f"{family.head}.")}
    stem = f"{family.stem}.weight"
    if stem in given and given[stem].ndim == 4 and wanted[stem].shape[1] == 1:
        given = {**found, stem: found[stem].sum(dim=1, keepdim=True)}
    if problem := _misfit(wanted, given):
        raise PretrainedWeightsError(
            f"{path} holds no weights of {FAMILIES[extractor].title}: {problem}. "
            f"{_advice(found, extractor)}"
        )
    if not all(bool(t.isfinite().all()) for t in given.values() if t.is_floating_point()):
        raise PretrainedWeightsError(
            f"{path} is damaged: some of its weights are no numbers. Get it again from its source"
        )
    with torch.no_grad():
        for name, tensor in wanted.items():
            if not name.endswith(_UNUSED):
                tensor.copy_(given[name])


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a file by name.

    Raises:
        PretrainedWeightsError: if it cannot be read, or holds anything but named tensors.
    """
    is_safetensors = path.suffix == ".safetensors"
    try:
        if is_safetensors:
            return load_file(path)
        with warnings.catch_warnings():
            # Of pickles by others than itself, which it may read or refuse.
            warnings.simplefilter("ignore", UserWarning)
            state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise PretrainedWeightsError(
            f"The weights file {path} cannot be read: {error.strerror or error}. Put it back, or "
            "choose another"
        ) from error
    except (SafetensorError, EOFError, RuntimeError, UnpicklingError, ValueError) as error:
        raise PretrainedWeightsError(
            f"{path} is damaged, or no weights file. Get it again from its source: a state dict "
            "of torchvision, saved by PyTorch (.pth) or as .safetensors"
        ) from error
    if not isinstance(state, dict) or not all(isinstance(t, Tensor) for t in state.values()):
        raise PretrainedWeightsError(
            f"{path} holds something else than named weights. Take the state dict itself, as "
            "torchvision publishes it, not a training's checkpoint around it"
        )
    return dict(state)


def _misfit(wanted: dict[str, Tensor], given: dict[str, Tensor]) -> str:
    """Return what of a network is missing or of another shape; empty if all is there."""
    names = [name for name in wanted if not name.endswith(_UNUSED)]
    missing = [name for name in names if name not in given]
    if missing:
        others = f" and {len(missing) - 1} others are" if len(missing) > 1 else " is"
        return f"{missing[0]}{others} missing"
    for name in names:
        if given[name].shape != wanted[name].shape:
            found, needed = list(given[name].shape), list(wanted[name].shape)
            return f"{name} has the shape {found} instead of {needed}"
    return ""


def _advice(given: dict[str, Tensor], extractor: str) -> str:
    """Say which network a file is of, if it is of one that there is."""
    for name, family in TORCHVISION.items():
        with torch.device("meta"):
            state = family.network(3, 2, nn.BatchNorm2d if _has_batch_norm(name) else None)
        wanted = {
            n: t for n, t in state.state_dict().items() if not n.startswith(f"{family.head}.")
        }
        if name != extractor and not _misfit(wanted, given):
            return f"It is of {FAMILIES[name].title}: choose that network, or another file"
    return f"Take the weights that torchvision publishes for {extractor}"


def _has_batch_norm(extractor: str) -> bool:
    return TORCHVISION[extractor].normalisation == "group"
