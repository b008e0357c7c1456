"""torchvision's networks as feature extractors, all built by one rule.

Each keeps torchvision's names and shapes up to its last layer, so that its weight files fit; that
layer, ImageNet's classifier, becomes a projection to the study's width.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import torch
from torch import nn

from desktop_client.training.efficientnet import Norm
from desktop_client.training.layers import models


@dataclass(frozen=True)
class TorchvisionFamily:
    """Where a network differs from the others.

    Attributes:
        build: torchvision's function.
        stem: Name of the first convolution, the only one that knows the number of channels.
        head: Name of what is replaced; its first linear layer reads the pooled features.
        epsilon: Of the batch norm that published weights were trained with.
        normalisation: From scratch; ``layer`` where the network has layer norm of its own.
        memory_format: The layout that is quicker on a processor.
        choices: What randomness of training is switched off: a sample's features must be the same
            whenever they are computed within a step.
    """

    build: Callable[..., nn.Module]
    stem: str
    head: str
    epsilon: float = 1e-5
    normalisation: Literal["group", "layer"] = "group"
    memory_format: torch.memory_format = torch.contiguous_format
    choices: Mapping[str, Any] = field(default_factory=dict)

    def network(self, channels: int, feature_dim: int, norm: Norm | None) -> nn.Module:
        """Build ``[B, channels, S, S]`` to ``[B, feature_dim]``.

        Args:
            channels: Of the images.
            feature_dim: Width of the features.
            norm: In the place of batch norm; None for the network's own.
        """
        network = self.build(weights=None, norm_layer=norm, **self.choices)
        stem = network.get_submodule(self.stem)
        if channels != 3 and isinstance(stem, nn.Conv2d):
            network.set_submodule(self.stem, _with_channels(stem, channels))
        projection = nn.Sequential(
            nn.Linear(_width_read_by(network.get_submodule(self.head)), feature_dim),
            nn.LayerNorm(feature_dim, elementwise_affine=False),
        )
        network.set_submodule(self.head, projection)
        return network.to(memory_format=self.memory_format)


TORCHVISION: Final[dict[str, TorchvisionFamily]] = {
    "resnet18": TorchvisionFamily(models.resnet18, "conv1", "fc"),
    "resnet34": TorchvisionFamily(models.resnet34, "conv1", "fc"),
    "resnet50": TorchvisionFamily(models.resnet50, "conv1", "fc"),
    "efficientnet_b0": TorchvisionFamily(
        models.efficientnet_b0,
        "features.0.0",
        "classifier",
        memory_format=torch.channels_last,
        choices={"stochastic_depth_prob": 0.0},
    ),
    "mobilenet_v3_large": TorchvisionFamily(
        models.mobilenet_v3_large,
        "features.0.0",
        "classifier",
        epsilon=1e-3,
        memory_format=torch.channels_last,
    ),
    "convnext_tiny": TorchvisionFamily(
        models.convnext_tiny,
        "features.0.0",
        "classifier.2",
        normalisation="layer",
        choices={"stochastic_depth_prob": 0.0},
    ),
}
"""Source: He et al. 2016, https://arxiv.org/abs/1512.03385; Tan and Le 2019,
https://arxiv.org/abs/1905.11946; Howard et al. 2019, https://arxiv.org/abs/1905.02244; Liu et al.
2022, https://arxiv.org/abs/2201.03545. Group norm instead of batch norm: Wu and He 2018,
https://arxiv.org/abs/1803.08494."""


def _with_channels(stem: nn.Conv2d, channels: int) -> nn.Conv2d:
    return nn.Conv2d(
        channels,
        stem.out_channels,
        kernel_size=stem.kernel_size,  # type: ignore[arg-type]  # a pair, as given
        stride=stem.stride,  # type: ignore[arg-type]
        padding=stem.padding,  # type: ignore[arg-type]
        bias=stem.bias is not None,
    )


def _width_read_by(head: nn.Module) -> int:
    return next(m.in_features for m in head.modules() if isinstance(m, nn.Linear))
