"""What every extractor promises: a width, one scale, and what its features depend on."""

from functools import cache
from typing import get_args

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from coordinator.study import ExtractorName, InputContract, ModelDesign
from desktop_client.federation.exchange import local_state, travelling_parameters
from desktop_client.training.extractors import EXTRACTORS, normalisation_of
from desktop_client.training.families import FAMILIES
from desktop_client.training.layers import FrozenBatchNorm2d
from desktop_client.training.model import SiteBlindModel, new_model

CONTRACT = InputContract(size_px=32)
GREY = InputContract(size_px=32, channels=1, mean=(0.5,), standard_deviation=(0.25,))
PER_IMAGE = "convnext_tiny"
"""Its layer norm is part of the network; there is no batch norm to keep at a site."""
OF_A_FILE = ("resnet18", "mobilenet_v3_large", "convnext_tiny")
ALL = [
    *((name, "own", "own") for name in EXTRACTORS),
    *((name, "local", "own") for name in EXTRACTORS if name != PER_IMAGE),
    *((name, "own", "file") for name in OF_A_FILE),
]


def a_design(extractor: str, normalisation: str = "own", weights: str = "own") -> ModelDesign:
    words = {"extractor": extractor, "normalisation": normalisation, "weights": weights}
    return ModelDesign.model_validate({**words, "feature_dim": 24})


@cache
def a_model(extractor: str, normalisation: str, weights: str) -> SiteBlindModel:
    """Build a model once: the large ones take a second."""
    design = a_design(extractor, normalisation, weights)
    return new_model(design, CONTRACT, class_count=2, seed=0).train()


def images(count: int) -> Tensor:
    return torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def has(model: SiteBlindModel, kind: type[nn.Module]) -> bool:
    return any(isinstance(module, kind) for module in model.modules())


def test_each_is_described_to_those_who_choose() -> None:
    assert set(EXTRACTORS) == set(FAMILIES) == set(get_args(ExtractorName))


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_it_is_as_large_as_people_are_told(extractor: str) -> None:
    network = a_model(extractor, "own", "own").feature_extractor
    count = sum(t.numel() for t in network.state_dict().values() if t.is_floating_point())
    # Statistics of frozen batch norm are counted, too; they are some hundredths.
    assert count / 1e6 == pytest.approx(FAMILIES[extractor].millions, rel=0.05)


@pytest.mark.parametrize(("extractor", "normalisation", "weights"), ALL)
def test_features_have_the_studys_width_and_one_scale_and_every_layer_learns(
    extractor: str, normalisation: str, weights: str
) -> None:
    model = a_model(extractor, normalisation, weights)
    z = model.feature_extractor(images(4))
    assert z.shape == (4, 24)
    torch.testing.assert_close(z.mean(dim=1), torch.zeros(4), atol=1e-5, rtol=0)
    assert (z.var(dim=1, correction=0) <= 1.0 + 1e-5).all()
    model.zero_grad()
    z[:, 0].sum().backward()
    learning = [p for p in model.feature_extractor.parameters() if p.requires_grad]
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in learning)


@pytest.mark.parametrize(("extractor", "normalisation", "weights"), ALL)
def test_features_depend_on_the_batch_only_where_normalisation_is_local(
    extractor: str, normalisation: str, weights: str
) -> None:
    """In training mode: what is selected first must be the same in a batch of its own."""
    model = a_model(extractor, normalisation, weights)
    with torch.no_grad():
        whole, part = (model.feature_extractor(images(8)[:count])[:2] for count in (8, 4))
    assert torch.allclose(whole, part, atol=1e-3) == (normalisation == "own")
    assert model.is_per_sample == (normalisation == "own")


@pytest.mark.parametrize(("extractor", "normalisation", "weights"), ALL)
def test_only_local_normalisation_has_batch_norm_and_keeps_it_at_the_site(
    extractor: str, normalisation: str, weights: str
) -> None:
    model = a_model(extractor, normalisation, weights)
    assert has(model, nn.BatchNorm2d) == (normalisation == "local")
    kept = local_state(model)
    assert bool(kept) == (normalisation == "local")
    floating = {n for n, t in model.state_dict().items() if t.is_floating_point()}
    assert set(travelling_parameters(model)) == floating - set(kept)


def test_normalisation_is_the_extractors_own_unless_the_study_says_otherwise() -> None:
    own = {name: normalisation_of(a_design(name)) for name in EXTRACTORS}
    frozen, layer = own.pop("efficientnet_lite0"), own.pop(PER_IMAGE)
    assert (frozen, layer) == ("frozen", "layer")
    assert set(own.values()) == {"group"}
    from_files = {name: normalisation_of(a_design(name, weights="file")) for name in OF_A_FILE}
    assert from_files == {
        "resnet18": "frozen",
        "mobilenet_v3_large": "frozen",
        "convnext_tiny": "layer",
    }
    local = {normalisation_of(a_design(n, "local")) for n in EXTRACTORS if n != PER_IMAGE}
    assert local == {"local"}


def test_statistics_of_a_file_are_frozen_with_the_epsilon_they_were_learned_with() -> None:
    for extractor, epsilon in (("resnet18", 1e-5), ("mobilenet_v3_large", 1e-3)):
        model = a_model(extractor, "own", "file")
        found = {m.eps for m in model.modules() if isinstance(m, FrozenBatchNorm2d)}
        assert found == {epsilon}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"extractor": "convnext_tiny", "normalisation": "local"}, "has layer norm"),
        ({"extractor": "small_cnn", "weights": "file"}, "begins from no weights file"),
        ({"extractor": "efficientnet_lite0", "weights": "file"}, "begins from no weights file"),
        (
            {"extractor": "resnet50", "weights": "file", "normalisation": "local"},
            "the file is the owner's alone",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(words: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        ModelDesign.model_validate(words)


@pytest.mark.parametrize("extractor", ["small_cnn", "resnet18", "mobilenet_v3_large", PER_IMAGE])
def test_grey_images_can_be_read(extractor: str) -> None:
    model = new_model(a_design(extractor), GREY, class_count=2, seed=0)
    with torch.no_grad():
        assert model.feature_extractor(images(2)[:, :1]).shape == (2, 24)
