"""Feature extractors: images to features of the study's width, and how each normalises.

Every extractor ends in a layer norm without parameters, so that features, and with them the
domain moments that travel, keep one scale whatever the sites' training does to them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from torch import Tensor, nn

from coordinator.study import InputContract, ModelDesign
from desktop_client.errors import PretrainedWeightsError
from desktop_client.training.efficientnet import (
    EPSILON,
    EfficientNetLite0,
    Norm,
    load_imagenet_weights,
    local_norm,
)
from desktop_client.training.layers import FrozenBatchNorm2d
from desktop_client.training.torchvision_extractors import TORCHVISION, TorchvisionFamily
from desktop_client.training.weights_file import load_weights

Normalisation = Literal["group", "layer", "frozen", "local"]
"""``group``, ``layer``: per image, travel. ``frozen``: pretrained statistics. ``local``: batch norm
that never travels."""


def build_extractor(design: ModelDesign, contract: InputContract) -> nn.Module:
    """Build the extractor that a study asks for: ``[B, C, S, S]`` to ``[B, feature_dim]``."""
    extractor = EXTRACTORS[design.extractor]
    norm = _norm_of(normalisation_of(design), extractor.epsilon)
    return extractor.build(contract.channels, design.feature_dim, norm)


def normalisation_of(design: ModelDesign) -> Normalisation:
    """Return how the extractor that a study asks for normalises."""
    if design.normalisation == "local":
        return "local"
    own = EXTRACTORS[design.extractor].normalisation
    return "frozen" if design.weights == "file" and own == "group" else own


def group_norm(channel_count: int) -> nn.GroupNorm:
    """Normalise groups of 8 channels per image: nothing depends on the batch or the site."""
    return nn.GroupNorm(channel_count // 8, channel_count)


class SmallCnn(nn.Module):
    """Four strided convolution blocks and a mean over space; 0.2 M parameters.

    The first block halves the image before anything costs much, so that two CPU cores suffice.
    """

    widths: Final = (32, 48, 96, 128)

    def __init__(self, channels: int, feature_dim: int, norm: Norm) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for before, after in zip((channels, *self.widths), self.widths, strict=False):
            blocks += [
                nn.Conv2d(before, after, kernel_size=3, stride=2, padding=1, bias=False),
                norm(after),
                nn.ReLU(inplace=True),
                nn.Conv2d(after, after, kernel_size=3, padding=1, groups=8, bias=False),
                norm(after),
                nn.ReLU(inplace=True),
            ]
        self.blocks = nn.Sequential(*blocks)
        self.project = nn.Linear(self.widths[-1], feature_dim)
        self.norm = nn.LayerNorm(feature_dim, elementwise_affine=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return features ``[B, feature_dim]`` of images ``[B, C, S, S]``."""
        z: Tensor = self.norm(self.project(self.blocks(images).mean(dim=(2, 3))))
        return z


def build_efficientnet_lite0(_channels: int, feature_dim: int, norm: Norm) -> nn.Module:
    """EfficientNet-Lite0; a study that asks for it has colour images."""
    return EfficientNetLite0(feature_dim, norm)


def load_pretrained(network: nn.Module, design: ModelDesign, weights_path: Path | None) -> None:
    """Give an extractor the weights it begins from, if it has any.

    Args:
        network: As ``build_extractor`` built it.
        design: Of which it is.
        weights_path: Of the file, where the design says ``weights = file``.

    Raises:
        PretrainedWeightsError: if they are not installed, or the file is missing or does not fit.
    """
    if design.weights == "file":
        if weights_path is None:
            raise PretrainedWeightsError(
                f"This model begins from a weights file of {design.extractor}, and none was named. "
                "Name it with --weights"
            )
        load_weights(network, design.extractor, weights_path)
    elif isinstance(network, EfficientNetLite0):
        load_imagenet_weights(network)


def _norm_of(normalisation: Normalisation, epsilon: float) -> Norm | None:
    """Return what normalises; None for what the network has itself."""
    norms: dict[Normalisation, Norm] = {
        "group": group_norm,
        "frozen": partial(FrozenBatchNorm2d, eps=epsilon),
        "local": local_norm,
    }
    return norms.get(normalisation)


@dataclass(frozen=True)
class Extractor:
    """How a family of extractors is built, and how it normalises unless a study asks otherwise."""

    build: Callable[..., nn.Module]
    """Of channels, feature width and norm."""
    normalisation: Normalisation
    epsilon: float = EPSILON
    """Of frozen batch norm."""

    @classmethod
    def of_torchvision(cls, family: TorchvisionFamily) -> "Extractor":
        """Build as the family does."""
        return cls(family.network, family.normalisation, family.epsilon)


EXTRACTORS: Final[dict[str, Extractor]] = {
    "small_cnn": Extractor(SmallCnn, "group"),
    "efficientnet_lite0": Extractor(build_efficientnet_lite0, "frozen"),
    **{name: Extractor.of_torchvision(family) for name, family in TORCHVISION.items()},
}
