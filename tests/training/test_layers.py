import subprocess
import sys

from torch import zeros

from desktop_client.training.layers import models

OF_ANOTHER_BUILD = """
import torch

load = torch.ops.load_library


def refuse(path):
    if "torchvision" in str(path):
        raise OSError("libtorch_cuda.so: cannot open shared object file")
    load(path)


torch.version.cuda = None
torch.ops.load_library = refuse

from desktop_client.training.layers import Conv2dNormActivation, FrozenBatchNorm2d, models

assert FrozenBatchNorm2d and models.convnext_tiny
print(tuple(Conv2dNormActivation(3, 8)(torch.zeros(1, 3, 16, 16)).shape))
"""
"""PyTorch's CPU build with torchvision's compiled part for CUDA, as the CPU edition has them."""


def test_the_networks_are_there() -> None:
    assert models.resnet18(num_classes=4).eval()(zeros(1, 3, 32, 32)).shape == (1, 4)


def test_layers_work_where_torchvisions_compiled_part_does_not_load() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", OF_ANOTHER_BUILD], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(1, 8, 16, 16)"
