"""Statistics of local batch norm, taken from a site's images as they are."""

import pytest
import torch
from torch import Tensor, nn

from coordinator.study import InputContract, ModelDesign
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.inputs import Inputs
from desktop_client.training.model import SiteBlindModel, new_model
from desktop_client.training.normalisation import settle_statistics
from tests.training.prepared import some_images

CONTRACT = InputContract(size_px=16, mean=(0.0,) * 3, standard_deviation=(1.0,) * 3)


def a_model(normalisation: str) -> SiteBlindModel:
    design = ModelDesign.model_validate({"feature_dim": 8, "normalisation": normalisation})
    return new_model(design, CONTRACT, class_count=2, seed=0).eval()


def settled(images: PreparedImages) -> SiteBlindModel:
    model = a_model("local")
    settle_statistics(model, images, Inputs(model, CONTRACT))
    return model


def first_norm(model: SiteBlindModel) -> nn.BatchNorm2d:
    return next(m for m in model.modules() if isinstance(m, nn.BatchNorm2d))


def what_it_normalises(model: SiteBlindModel, images: PreparedImages) -> Tensor:
    """Return ``[channels, values]`` of what the first convolution makes of all images."""
    first = next(m for m in model.modules() if isinstance(m, nn.Conv2d))
    with torch.no_grad():
        convolved = nn.functional.conv2d(
            images.pixels.float() / 255, first.weight, stride=2, padding=1
        )
    return convolved.transpose(0, 1).flatten(1)


def running(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    return norm.running_mean, norm.running_var


def test_statistics_become_mean_and_variance_over_the_images() -> None:
    images = some_images(40)
    model = settled(images)
    values = what_it_normalises(model, images)
    mean, variance = running(first_norm(model))
    torch.testing.assert_close(mean, values.mean(dim=1), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(variance, values.var(dim=1), atol=1e-5, rtol=1e-4)


def test_no_image_counts_more_because_it_is_in_a_small_last_part() -> None:
    """One white image among 129: whichever part it is in, it counts about a 129th."""
    images = some_images(129)
    images.pixels[:] = 100
    row = torch.randperm(129, generator=torch.Generator().manual_seed(0))[-1]
    images.pixels[row] = 255
    model = settled(images)
    expected = what_it_normalises(model, images).mean(dim=1)
    torch.testing.assert_close(running(first_norm(model))[0], expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("earlier", [some_images(30, seed=1), some_images(30, seed=2)])
def test_nothing_of_earlier_statistics_is_left(earlier: PreparedImages) -> None:
    images, model = some_images(30), settled(earlier)
    settle_statistics(model, images, Inputs(model, CONTRACT))
    for ours, fresh in zip(
        running(first_norm(model)), running(first_norm(settled(images))), strict=True
    ):
        assert torch.equal(ours, fresh)


def test_parameters_and_momentum_stay_and_the_model_is_ready_to_be_asked() -> None:
    fresh, model = a_model("local"), settled(some_images(30))
    assert not model.training
    assert first_norm(model).momentum == first_norm(fresh).momentum
    for ours, theirs in zip(model.parameters(), fresh.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize(("normalisation", "count"), [("own", 30), ("local", 0)])
def test_without_local_statistics_or_without_images_nothing_changes(
    normalisation: str, count: int
) -> None:
    model = a_model(normalisation)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    settle_statistics(model, some_images(count), Inputs(model, CONTRACT))
    assert all(torch.equal(t, before[name]) for name, t in model.state_dict().items())
