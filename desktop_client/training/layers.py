"""The layers, networks and transforms that come from torchvision, imported here and nowhere else.

The CPU edition has PyTorch's CPU build. The compiled part of PyPI's torchvision wants CUDA's
libraries and does not load there; nothing here uses it, but torchvision describes two of its
operators at import and stops if they do not exist. Then they are declared first.
"""

import torch

try:
    import torchvision  # noqa: F401  fails or not, which is the question
except RuntimeError:
    if torch.version.cuda is not None:  # then something else is wrong, and the error says what
        raise
    # Kept by name: what is declared goes away with the object that declared it.
    _OPERATORS = torch.library.Library("torchvision", "DEF")
    _OPERATORS.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _OPERATORS.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from torchvision import models
from torchvision.ops import Conv2dNormActivation, FrozenBatchNorm2d
from torchvision.transforms.v2 import functional

__all__ = ["Conv2dNormActivation", "FrozenBatchNorm2d", "functional", "models"]
