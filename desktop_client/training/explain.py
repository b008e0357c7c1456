"""Where a model looks: which places of an image its answer depends on (Grad-CAM).

A map shows where the answer is sensitive, not why, and is no proof that the answer is right.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from desktop_client.errors import TrainingDivergedError, TrainingError
from desktop_client.imaging.heat import HeatMap
from desktop_client.imaging.image import DecodedImage
from desktop_client.imaging.preprocess import Placement, to_input
from desktop_client.training.calibration import with_temperature
from desktop_client.training.inputs import Standardise
from desktop_client.training.predicting import FinishedModel

LEAST_LOGITS: Final = 1e-3
"""Places that differ by less in what they add to a logit are alike: none of them stands out."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Where a model looks for one class.

    Attributes:
        class_index: Which of the model's classes the map is about.
        probabilities: Of all its classes, adjusted by the model's temperature if it has one.
        heat: Over the image as it is, without the filling of the model's input; None where no
            place stands out, since the weakest differences would look as hot as the strongest.
    """

    class_index: int
    probabilities: tuple[float, ...]
    heat: HeatMap | None


class Explainer:
    """Explains the answers of one model, image by image, on the device it is on."""

    def __init__(self, finished: FinishedModel) -> None:
        self.card = finished.card
        self._model = finished.model
        self._device = next(finished.model.parameters()).device
        self._standardise = Standardise(finished.card.input).to(self._device)

    def explain(self, image: DecodedImage, class_index: int | None = None) -> Explanation:
        """Ask the model about an image, and where it looks for a class.

        Args:
            image: As decoded; it is made the model's input here.
            class_index: One of the model's classes; None for the one it answers.

        Raises:
            TrainingDivergedError: if the model's answer is no number.
            TrainingError: if its extractor has no map of places.
        """
        inputs = self.inputs_of(image)
        with torch.no_grad():
            answer = self._model(inputs).softmax(dim=1).double().cpu().numpy()
        if not np.isfinite(answer).all():
            raise TrainingDivergedError("The model is spoilt: its answers are no numbers")
        chosen = int(answer.argmax()) if class_index is None else class_index
        placement = Placement.of(image.width_px, image.height_px, self.card.input.size_px)
        sensitive = sensitivity(self._model, inputs, chosen)[placement.part]
        probabilities = with_temperature(answer, self.card.temperature)[0]
        return Explanation(chosen, tuple(probabilities.tolist()), heat_of(sensitive))

    def inputs_of(self, image: DecodedImage) -> Tensor:
        """Return an image as the model reads it, ``[1, C, S, S]``."""
        pixels = torch.from_numpy(to_input(image, self.card.input)).to(self._device)
        standardised: Tensor = self._standardise(pixels[None].float() / 255)
        return standardised


def sensitivity(model: nn.Module, inputs: Tensor, class_index: int) -> Tensor:
    r"""Return how much each place adds to a class's logit, as far as it is linear; ``[S, S]``.

    With the activations :math:`A^k_{ij}` of the last map of places and the logit :math:`y^c`,

    .. math:: \max(0, \sum_k A^k_{ij} \sum_{uv} \partial y^c / \partial A^k_{uv}),

    enlarged to the input's size. The paper takes the mean over the places ``uv``; their sum differs
    by a factor only, and gives what an image would have that looks everywhere as it does there.
    Logits count from the mean of all classes: what raises all of them changes no answer.

    Args:
        model: Images to logits; in evaluation mode. Stages without gradients may come before
            the last map.
        inputs: One image ``[1, C, S, S]`` as the model reads it.
        class_index: Of the logit.

    Raises:
        TrainingError: if the model has no map of places.

    Source:
        Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391, equations 1 and 2.
    """
    held: list[Tensor] = []

    def hold(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        held[:] = [output.detach().requires_grad_()]
        return held[0].clone()  # what comes next may work in place, which a leaf does not allow

    handle = last_map(model, inputs).register_forward_hook(hold)
    try:
        logits = model(inputs)[0]
    finally:
        handle.remove()
    activations = held[0]
    (gradient,) = torch.autograd.grad(logits[class_index] - logits.mean(), activations)
    adds = (activations.detach() * gradient.sum(dim=(2, 3), keepdim=True)).sum(dim=1, keepdim=True)
    side = inputs.shape[2:]
    return functional.interpolate(adds.relu(), side, mode="bilinear", align_corners=False)[0, 0]


def heat_of(sensitive: Tensor) -> HeatMap | None:
    """Return a sensitivity ``[h, w]`` in shares of its strongest place; None if none stands out."""
    strongest = sensitive.max()
    if strongest - sensitive.min() < LEAST_LOGITS:
        return None
    heat: HeatMap = (sensitive / strongest).cpu().numpy().astype(np.float32)
    return heat


def last_map(model: nn.Module, inputs: Tensor) -> nn.Module:
    """Return the module whose output is the last that still has places, whatever the network.

    Inputs are square, so maps are: what has channels last inside a block is not taken for one,
    nor is what is left after the mean over all places.

    Raises:
        TrainingError: if there is none.
    """
    found: list[nn.Module] = []

    def note(module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor) and output.ndim == 4:
            height, width = output.shape[2:]
            if height == width > 1:
                found.append(module)

    handles = [module.register_forward_hook(note) for module in model.modules()]
    try:
        with torch.no_grad():
            model(inputs)
    finally:
        for handle in handles:
            handle.remove()
    if not found:
        raise TrainingError("This model has no map of places, so where it looks cannot be shown")
    return found[-1]
