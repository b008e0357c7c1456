"""Weights from a file that a person gives: used as they are, or refused in one sentence."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision import models

from coordinator.study import InputContract, ModelDesign
from desktop_client.errors import PretrainedWeightsError
from desktop_client.training.model import SiteBlindModel, initial_model

CONTRACT = InputContract(size_px=32)
GREY = InputContract(size_px=32, channels=1, mean=(0.5,), standard_deviation=(0.25,))


def torchvisions(extractor: str) -> nn.Module:
    """Return torchvision's own network with its ImageNet classifier, as if somebody trained it."""
    torch.manual_seed(1)
    network: nn.Module = getattr(models, extractor)(weights=None)
    with torch.no_grad(), torch.random.fork_rng():
        network.train()(torch.randn(4, 3, 32, 32))  # statistics that are not 0 and 1
    return network.eval()


def begun_from(
    path: Path | None, extractor: str = "resnet18", contract: InputContract = CONTRACT
) -> SiteBlindModel:
    words = {"extractor": extractor, "weights": "file", "feature_dim": 16}
    return initial_model(ModelDesign.model_validate(words), contract, 2, 0, path).eval()


def before_the_head(network: nn.Module, extractor: str, inputs: Tensor) -> Tensor:
    """Return what the last layer reads."""
    head = "fc" if extractor.startswith("resnet") else "classifier"
    held: list[Tensor] = []
    handle = network.get_submodule(head).register_forward_pre_hook(
        lambda _module, given: held.append(given[0])
    )
    with torch.no_grad():
        network(inputs)
    handle.remove()
    return held[0]


@pytest.fixture(scope="module")
def resnet18(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "resnet18.pth"
    torch.save(torchvisions("resnet18").state_dict(), path)
    return path


@pytest.mark.parametrize(
    ("extractor", "suffix"),
    [
        ("resnet18", ".pth"),
        ("resnet50", ".safetensors"),
        ("efficientnet_b0", ".pth"),
        ("mobilenet_v3_large", ".safetensors"),
        ("convnext_tiny", ".pth"),
    ],
)
def test_the_network_computes_what_torchvisions_own_does(
    tmp_path: Path, extractor: str, suffix: str
) -> None:
    theirs, path = torchvisions(extractor), tmp_path / f"weights{suffix}"
    if suffix == ".pth":
        torch.save(theirs.state_dict(), path)
    else:
        save_file(theirs.state_dict(), path)
    ours = begun_from(path, extractor).feature_extractor
    inputs = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    expected = before_the_head(theirs, extractor, inputs)
    found = before_the_head(ours, extractor, inputs)
    # Some fifty layers in float32; frozen batch norm multiplies in another order.
    torch.testing.assert_close(found, expected, atol=1e-3 * expected.abs().max().item(), rtol=0)


def test_a_grey_image_is_seen_as_if_it_were_shown_in_red_green_and_blue(resnet18: Path) -> None:
    colour, grey = begun_from(resnet18), begun_from(resnet18, contract=GREY)
    inputs = torch.randn(2, 1, 32, 32, generator=torch.Generator().manual_seed(2))
    expected = before_the_head(colour.feature_extractor, "resnet18", inputs.repeat(1, 3, 1, 1))
    found = before_the_head(grey.feature_extractor, "resnet18", inputs)
    torch.testing.assert_close(found, expected, atol=1e-3 * expected.abs().max().item(), rtol=0)


def test_only_the_projection_is_new_and_depends_on_the_seed(resnet18: Path) -> None:
    design = ModelDesign(extractor="resnet18", weights="file", feature_dim=16)
    one, other = (initial_model(design, CONTRACT, 2, seed, resnet18) for seed in (1, 2))
    states = one.feature_extractor.state_dict(), other.feature_extractor.state_dict()
    differing = {name for name in states[0] if not torch.equal(states[0][name], states[1][name])}
    assert differing == {"fc.0.weight", "fc.0.bias"}


def test_without_a_file_a_sentence_asks_for_it() -> None:
    with pytest.raises(PretrainedWeightsError, match=r"none was named\. Name it with --weights"):
        begun_from(None)


def test_the_weights_of_another_network_are_refused_and_it_is_named(resnet18: Path) -> None:
    for contract in (CONTRACT, GREY):
        with pytest.raises(PretrainedWeightsError) as refused:
            begun_from(resnet18, "resnet34", contract)
        assert str(refused.value) == (
            f"{resnet18} holds no weights of ResNet-34: layer1.2.conv1.weight and 79 others are "
            "missing. It is of ResNet-18: choose that network, or another file"
        )


def test_weights_of_no_network_there_is_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.pth"
    torch.save({"a": torch.zeros(3)}, path)
    with pytest.raises(PretrainedWeightsError, match="Take the weights that torchvision publishes"):
        begun_from(path)


def test_weights_of_another_shape_are_refused_by_name(resnet18: Path, tmp_path: Path) -> None:
    path, state = tmp_path / "other.pth", torch.load(resnet18, weights_only=True)
    torch.save({**state, "conv1.weight": torch.zeros(64, 3, 3, 3)}, path)
    with pytest.raises(PretrainedWeightsError, match=r"conv1.weight has the shape \[64, 3, 3, 3\]"):
        begun_from(path)


def test_weights_that_are_no_numbers_are_refused(resnet18: Path, tmp_path: Path) -> None:
    path, state = tmp_path / "spoilt.pth", torch.load(resnet18, weights_only=True)
    state["layer4.1.bn2.bias"][3] = torch.nan
    torch.save(state, path)
    with pytest.raises(PretrainedWeightsError, match="some of its weights are no numbers"):
        begun_from(path)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_that_is_missing_torn_or_something_else_is_refused(
    resnet18: Path, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"weights{suffix}"
    with pytest.raises(PretrainedWeightsError, match="cannot be read: No such file"):
        begun_from(path)
    whole = resnet18.read_bytes()
    if suffix == ".safetensors":
        save_file(torch.load(resnet18, weights_only=True), path)
        whole = path.read_bytes()
    for content in (b"", b"no weights at all", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(PretrainedWeightsError, match="is damaged, or no weights file"):
            begun_from(path)


def test_nothing_but_tensors_is_unpickled(tmp_path: Path) -> None:
    path, witness = tmp_path / "weights.pth", tmp_path / "it ran"

    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (witness,)

    path.write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(PretrainedWeightsError, match="is damaged, or no weights file"):
        begun_from(path)
    torch.save({"conv1.weight": Harmful()}, path)
    with pytest.raises(PretrainedWeightsError, match="is damaged, or no weights file"):
        begun_from(path)
    assert not witness.exists()


def test_a_trainings_checkpoint_is_told_from_the_weights_in_it(
    resnet18: Path, tmp_path: Path
) -> None:
    path = tmp_path / "checkpoint.pth"
    torch.save({"epoch": 3, "state_dict": torch.load(resnet18, weights_only=True)}, path)
    with pytest.raises(PretrainedWeightsError, match="Take the state dict itself"):
        begun_from(path)
