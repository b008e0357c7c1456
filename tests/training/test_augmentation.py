"""Images varied at random: the same again from the same state, and what they show stays."""

from dataclasses import replace
from itertools import islice

import pytest
import torch
from torch import Tensor

from coordinator.study import Augmentation, InputContract, Method, ModelDesign
from desktop_client.training.augmentation import LIGHT, vary
from desktop_client.training.batches import Batches, BatchPlan
from desktop_client.training.inputs import Inputs
from desktop_client.training.model import new_model
from desktop_client.training.trainer import plan_of
from tests.training.prepared import some_images

CONTRACT = InputContract(size_px=16)


def noise(count: int) -> Tensor:
    return torch.randn(count, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def varied(inputs: Tensor, choice: Augmentation, seed: int = 0) -> Tensor:
    return vary(inputs, choice, torch.Generator().manual_seed(seed))


def test_without_variation_nothing_changes_and_nothing_is_drawn() -> None:
    inputs, generator = noise(2), torch.Generator().manual_seed(5)
    before = generator.get_state()
    assert vary(inputs, "none", generator) is inputs
    assert torch.equal(generator.get_state(), before)


def test_flips_show_each_image_in_one_of_four_ways_about_as_often() -> None:
    image = noise(1)
    ways = [image, image.flip(3), image.flip(2), image.flip(2, 3)]
    found = varied(image.repeat(400, 1, 1, 1), "flips")
    counts = [int((found == way).flatten(1).all(dim=1).sum()) for way in ways]
    assert sum(counts) == 400
    # A quarter of 400 fair draws, give or take five standard deviations.
    assert all(57 <= count <= 143 for count in counts)


def test_mild_variation_keeps_a_lesion_in_sight_and_nearly_as_dark() -> None:
    inputs = torch.zeros(100, 1, 40, 40)
    inputs[:, :, 16:24, 16:24] = -2.0  # a dark lesion in the middle of the skin
    found = varied(inputs, "mild")
    assert found.shape == inputs.shape
    middle = found[:, 0, 18:22, 18:22].mean(dim=(1, 2))
    assert ((middle > -2 * (1 + LIGHT) - LIGHT) & (middle < -2 * (1 - LIGHT) + LIGHT)).all()
    areas = (found < found.amax(dim=(2, 3), keepdim=True) - 1).sum(dim=(1, 2, 3))
    # Enlarged by 1/0.9 at most, its area grows by a quarter; its edge is rounded to pixels.
    assert ((areas >= 64) & (areas <= 100)).all()
    assert len(areas.unique()) > 1


def test_colours_keep_their_relation_to_each_other() -> None:
    inputs = torch.randn(20, 1, 16, 16).repeat(1, 3, 1, 1)
    found = varied(inputs, "mild")
    torch.testing.assert_close(found[:, 0], found[:, 2])


@pytest.mark.parametrize("choice", ["flips", "mild"])
def test_the_same_state_gives_the_same_batches_and_another_seed_others(
    choice: Augmentation,
) -> None:
    model = new_model(ModelDesign(feature_dim=8), CONTRACT, class_count=2, seed=0)
    images, inputs = some_images(20), Inputs(model, CONTRACT)
    plan = BatchPlan(8, 1, augmentation=choice)
    whole = Batches(images, inputs, plan)
    first, *later = islice(whole, 4)
    source = Batches(images, inputs, plan)
    assert torch.equal(next(source).inputs, first.inputs)
    resumed = Batches(images, inputs, replace(plan, seed=9))
    assert not torch.equal(next(resumed).inputs, first.inputs)
    resumed.go_on_from(source.order, source.size)
    for expected, found in zip(later, islice(resumed, 3), strict=True):
        assert torch.equal(found.inputs, expected.inputs)


def test_what_frozen_stages_made_of_images_is_not_varied() -> None:
    method = Method(augmentation="mild")
    for extractor, augmentation in (("small_cnn", "mild"), ("efficientnet_lite0", "none")):
        design = ModelDesign.model_validate({"extractor": extractor, "feature_dim": 8})
        model = new_model(design, CONTRACT, class_count=2, seed=0)
        assert plan_of(method, model, seed=0).augmentation == augmentation
