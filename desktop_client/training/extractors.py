"""Feature extractors: images to features of the study's width, and how each normalises.

Every extractor ends in a layer norm without parameters, so that features, and with them the
domain moments that travel, keep one scale whatever the sites' training does to them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from torch import Tensor, nn

from coordinator.study import InputContract, ModelDesign
from desktop_client.training.efficientnet import (
    EfficientNetLite0,
    Norm,
    frozen_norm,
    load_imagenet_weights,
    local_norm,
)
from desktop_client.training.layers import resnet18

Normalisation = Literal["group", "frozen", "local"]
"""``group``: per image, travels. ``frozen``: pretrained statistics. ``local``: never travels."""


def build_extractor(design: ModelDesign, contract: InputContract) -> nn.Module:
    """Build the extractor that a study asks for: ``[B, C, S, S]`` to ``[B, feature_dim]``."""
    build = EXTRACTORS[design.extractor].build
    return build(contract.channels, design.feature_dim, NORMS[normalisation_of(design)])


def normalisation_of(design: ModelDesign) -> Normalisation:
    """Return how the extractor that a study asks for normalises."""
    if design.normalisation == "local":
        return "local"
    return EXTRACTORS[design.extractor].normalisation


def group_norm(channel_count: int) -> nn.GroupNorm:
    """Normalise groups of 8 channels per image: nothing depends on the batch or the site."""
    return nn.GroupNorm(channel_count // 8, channel_count)


NORMS: Final[dict[Normalisation, Norm]] = {
    "group": group_norm,
    "frozen": frozen_norm,
    "local": local_norm,
}


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


def build_resnet18(channels: int, feature_dim: int, norm: Norm) -> nn.Module:
    """ResNet-18 from scratch with group norm in the place of batch norm.

    Source:
        He et al. 2016, https://arxiv.org/abs/1512.03385; Wu and He 2018,
        https://arxiv.org/abs/1803.08494.
    """
    network = resnet18(weights=None, norm_layer=norm)
    if channels != 3:
        network.conv1 = nn.Conv2d(channels, 64, kernel_size=7, stride=2, padding=3, bias=False)
    network.fc = nn.Sequential(
        nn.Linear(network.fc.in_features, feature_dim),
        nn.LayerNorm(feature_dim, elementwise_affine=False),
    )
    built: nn.Module = network
    return built


def build_efficientnet_lite0(_channels: int, feature_dim: int, norm: Norm) -> nn.Module:
    """EfficientNet-Lite0; a study that asks for it has colour images."""
    return EfficientNetLite0(feature_dim, norm)


def load_pretrained(network: nn.Module) -> None:
    """Give an extractor the weights it begins from, if its family has any.

    Raises:
        PretrainedWeightsError: if they are not installed.
    """
    if isinstance(network, EfficientNetLite0):
        load_imagenet_weights(network)


@dataclass(frozen=True)
class Extractor:
    """How a family of extractors is built, and how it normalises unless a study asks otherwise."""

    build: Callable[[int, int, Norm], nn.Module]
    normalisation: Normalisation


EXTRACTORS: Final[dict[str, Extractor]] = {
    "small_cnn": Extractor(SmallCnn, "group"),
    "resnet18": Extractor(build_resnet18, "group"),
    "efficientnet_lite0": Extractor(build_efficientnet_lite0, "frozen"),
}
