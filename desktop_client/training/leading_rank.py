"""The first of several processes: it has the images and the training, and shares out batches."""

import json
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

from desktop_client.training.model import SiteBlindModel
from desktop_client.training.rank_link import Order, RankLink, Task
from desktop_client.training.ranks import Ranks, features_of

Made = TypeVar("Made")


class LeadingRank(Ranks):
    """Computes a batch together with the other processes, which keep nothing between two orders.

    A network whose features depend on what else is in the batch is computed here alone.

    Args:
        link: To the others.
        device: Where this process computes; the others on the same kind.
    """

    def __init__(self, link: RankLink, device: torch.device) -> None:
        self._link = link
        self._device = device
        self._model: SiteBlindModel | None = None
        """Whose network the others have built."""
        link.compute_on(device)

    def features(self, model: SiteBlindModel, inputs: Tensor, *, is_mixed: bool) -> Tensor:
        """Return ``z [B, F]`` of all parts; only the own rows have a graph here.

        Raises:
            RankLostError: if one of the others does not answer.
            torch.OutOfMemoryError: if a part does not fit into the memory of who computes it.
        """
        if not model.is_per_sample:
            return super().features(model, inputs, is_mixed=is_mixed)
        self._introduce(model)
        has_graph = torch.is_grad_enabled()
        self._link.tell(Order(Task.FEATURES, tuple(inputs.shape), has_graph, is_mixed))
        self._link.spread(model.trained_state)
        part = self._link.hand_out(inputs)
        own = self._together(lambda: features_of(model, part, is_mixed=is_mixed))
        return torch.cat([own, *self._link.gather(own, len(inputs))])

    def follow_back(self, model: SiteBlindModel, z: Tensor, pull: Tensor) -> None:
        """Add the gradient of all parts; raises as ``features`` does."""
        if not model.is_per_sample:
            super().follow_back(model, z, pull)
            return
        self._link.tell(Order(Task.FOLLOW_BACK, tuple(pull.shape)))
        self._link.hand_out(pull)
        self._together(lambda: z.backward(pull))
        self._link.add_up([p.grad for p in model.trained_parameters if p.grad is not None])

    def end(self) -> None:
        """Let the others end."""
        self._link.tell(Order(Task.END))

    def _together(self, compute: Callable[[], Made]) -> Made:
        """Do the own part, and wait until all have done theirs.

        What failed elsewhere fails here too, so that it is dealt with as if there were one process.
        """
        try:
            made = compute()
        except torch.OutOfMemoryError:
            self._link.is_agreed(is_done=False)
            raise
        if not self._link.is_agreed(is_done=True):
            raise torch.OutOfMemoryError("The memory of another device is full")
        return made

    def _introduce(self, model: SiteBlindModel) -> None:
        """Let the others build the same network, once."""
        if model is self._model:
            return
        told = {
            "design": model.design.model_dump(mode="json"),
            "contract": model.contract.model_dump(mode="json"),
            "device": self._device.type,
            "is_deterministic": torch.are_deterministic_algorithms_enabled(),
        }
        text = json.dumps(told).encode()
        self._link.tell(Order(Task.BUILD, (len(text),)))
        self._link.tell_text(text)
        self._model = model
