"""One of several processes that compute a batch together, led by the first.

It has no images, labels or optimizers, only the leader's network, whose values come with each part.
"""

import json
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

from coordinator.study import InputContract, ModelDesign
from desktop_client.errors import RankLostError
from desktop_client.training.device import compute_repeatably
from desktop_client.training.model import SiteBlindModel, new_model
from desktop_client.training.rank_link import Order, RankLink, Task
from desktop_client.training.ranks import features_of

Made = TypeVar("Made")


def follow_orders(link: RankLink, card: int) -> None:
    """Compute what the leader asks for, until it asks for no more or is gone.

    Args:
        link: To the leader.
        card: Number of the graphics card to compute on, where cards compute.
    """
    follower = _Follower(link, card)
    try:
        while (order := link.hear()).task is not Task.END:
            follower.carry_out(order)
    except RankLostError:
        return  # told where somebody listens: by the leader


class _Follower:
    def __init__(self, link: RankLink, card: int) -> None:
        self._link = link
        self._card = card
        self._device = torch.device("cpu")
        self._model: SiteBlindModel
        self._z: Tensor | None = None
        """Features of the last part, for the way back."""

    def carry_out(self, order: Order) -> None:
        if order.task is Task.BUILD:
            self._build(json.loads(self._link.hear_text(order.shape[0])))
        elif order.task is Task.FEATURES:
            self._compute_features(order)
        else:
            self._follow_back(order)

    def _build(self, told: dict[str, object]) -> None:
        if told["is_deterministic"]:
            compute_repeatably()
        if told["device"] == "cuda":
            self._device = torch.device("cuda", self._card)
            torch.cuda.set_device(self._device)
        self._link.compute_on(self._device)
        design = ModelDesign.model_validate(told["design"])
        contract = InputContract.model_validate(told["contract"])
        # Classes are the leader's affair; of the whole model only the extractor is used here.
        self._model = new_model(design, contract, class_count=2, seed=0).to(self._device).train()

    def _compute_features(self, order: Order) -> None:
        self._z = None
        self._link.spread(self._model.trained_state)
        part = self._link.take(order.shape, self._device)
        with torch.set_grad_enabled(order.needs_graph):
            z = self._together(lambda: features_of(self._model, part, is_mixed=order.is_mixed))
        if z is not None:
            self._z = z
            self._link.give(z)

    def _follow_back(self, order: Order) -> None:
        pull = self._link.take(order.shape, self._device)
        z, self._z = self._z, None
        parameters = self._model.trained_parameters
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)  # all that a part without images gives
        if z is None:
            raise RuntimeError("There is no way back from features that were not computed")
        if self._together(lambda: z.backward(pull) or True if len(pull) else True):
            self._link.add_up([p.grad for p in parameters if p.grad is not None])

    def _together(self, compute: Callable[[], Made]) -> Made | None:
        """Do the own part; return what it gave, or None if it or another's did not fit."""
        made: Made | None
        try:
            made = compute()
        except torch.OutOfMemoryError:
            made = None
        if self._link.is_agreed(is_done=made is not None):
            return made
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        return None
