import json
import subprocess
import sys
from typing import Any

import pytest
from torch import zeros

from desktop_client.training.layers import models

OF_ANOTHER_BUILD = """
import json
import sys

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
shape = tuple(Conv2dNormActivation(3, 8)(torch.zeros(1, 3, 16, 16)).shape)

import desktop_client.federation.site, desktop_client.training.own_training

print(json.dumps({"shape": shape, "loaded": list(sys.modules)}))
"""
"""PyTorch's CPU build with torchvision's compiled part for CUDA, as the CPU edition has them."""


@pytest.fixture(scope="module")
def other_build() -> Any:
    """What is so in a process that has all that a training of its own and of a study need."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", OF_ANOTHER_BUILD], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_networks_are_there() -> None:
    assert models.resnet18(num_classes=4).eval()(zeros(1, 3, 32, 32)).shape == (1, 4)


def test_layers_work_where_torchvisions_compiled_part_does_not_load(other_build: Any) -> None:
    assert other_build["shape"] == [1, 8, 16, 16]


def test_what_only_a_probe_needs_is_not_loaded_before_there_is_something_to_probe(
    other_build: Any,
) -> None:
    assert not {"sklearn", "scipy", "matplotlib", "onnx"} & set(other_build["loaded"])
