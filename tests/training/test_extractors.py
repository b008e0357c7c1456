"""What every extractor promises: a width, one scale, and what its features depend on."""

import pytest
import torch
from torch import Tensor, nn

from coordinator.study import InputContract, ModelDesign
from desktop_client.training.extractors import EXTRACTORS, build_extractor, normalisation_of
from desktop_client.training.model import SiteBlindModel, new_model

CONTRACT = InputContract(size_px=32)
ALL = [(name, norm) for name in EXTRACTORS for norm in ("own", "local")]


def a_design(extractor: str, normalisation: str = "own") -> ModelDesign:
    return ModelDesign.model_validate(
        {"extractor": extractor, "normalisation": normalisation, "feature_dim": 24}
    )


def a_model(extractor: str, normalisation: str) -> SiteBlindModel:
    return new_model(a_design(extractor, normalisation), CONTRACT, class_count=2, seed=0)


def images(count: int) -> Tensor:
    return torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("extractor", "normalisation"), ALL)
def test_features_have_the_studys_width_and_one_scale(extractor: str, normalisation: str) -> None:
    network = build_extractor(a_design(extractor, normalisation), CONTRACT).train()
    with torch.no_grad():
        z = network(images(4))
    assert z.shape == (4, 24)
    torch.testing.assert_close(z.mean(dim=1), torch.zeros(4), atol=1e-5, rtol=0)
    assert (z.var(dim=1, correction=0) <= 1.0 + 1e-5).all()


@pytest.mark.parametrize(("extractor", "normalisation"), ALL)
def test_features_depend_on_the_batch_only_where_normalisation_is_local(
    extractor: str, normalisation: str
) -> None:
    """In training mode: what is selected first must be the same in a batch of its own."""
    model = a_model(extractor, normalisation).train()
    with torch.no_grad():
        whole, part = (model.feature_extractor(images(8)[:count])[:2] for count in (8, 4))
    assert torch.allclose(whole, part, atol=1e-4) == (normalisation == "own")
    assert model.is_per_sample == (normalisation == "own")


@pytest.mark.parametrize(("extractor", "normalisation"), ALL)
def test_only_local_normalisation_has_batch_norm(extractor: str, normalisation: str) -> None:
    modules = build_extractor(a_design(extractor, normalisation), CONTRACT).modules()
    has_batch_norm = any(isinstance(module, nn.BatchNorm2d) for module in modules)
    assert has_batch_norm == (normalisation == "local")


def test_normalisation_is_the_extractors_own_unless_the_study_says_local() -> None:
    own = {name: normalisation_of(a_design(name)) for name in EXTRACTORS}
    assert own == {"small_cnn": "group", "resnet18": "group", "efficientnet_lite0": "frozen"}
    assert {normalisation_of(a_design(name, "local")) for name in EXTRACTORS} == {"local"}


@pytest.mark.parametrize("extractor", ["small_cnn", "resnet18"])
def test_grey_images_can_be_read(extractor: str) -> None:
    contract = InputContract(size_px=32, channels=1, mean=(0.5,), standard_deviation=(0.25,))
    network = build_extractor(a_design(extractor), contract)
    with torch.no_grad():
        assert network(images(2)[:, :1]).shape == (2, 24)
