"""Statistics of local batch norm, taken anew when the parameters around them have changed."""

from typing import Final

import torch
from torch import nn

from desktop_client.training.dataset import PreparedImages
from desktop_client.training.inputs import Inputs
from desktop_client.training.model import SiteBlindModel

BATCH_SIZE: Final = 128
SUFFICIENT_IMAGE_COUNT: Final = 512
"""Images that settle a mean and a variance per channel; more would only take time."""


def settle_statistics(model: SiteBlindModel, images: PreparedImages, inputs: Inputs) -> None:
    """Replace running statistics by those of images, if the model has any of its own.

    Averaged parameters come to a site with statistics of what it trained rounds ago, or never:
    judged with those, local normalisation looks much worse than it is. No label is needed.

    Source:
        Li et al. 2018, https://doi.org/10.1016/j.patcog.2018.03.005 (AdaBN).
    """
    layers = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    if not layers or not len(images):
        return
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # a plain mean over the batches
    model.train()
    shuffled = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    rows = shuffled[:SUFFICIENT_IMAGE_COUNT]
    with torch.no_grad():
        # Even parts: a last one of a single image would count as much as all others together.
        for part in rows.tensor_split(-(-len(rows) // BATCH_SIZE)):
            model.features(inputs.read(images, part))
    model.eval()
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
