"""What the trained stages read: computed once where it stays the same, and never mixed up."""

from copy import deepcopy
from functools import cache

import torch
from torch import Tensor

from coordinator.study import ACTIVATION_CHANNELS, InputContract, ModelDesign
from desktop_client.training.inputs import ActivationMemory, Inputs
from desktop_client.training.model import SiteBlindModel, new_model
from desktop_client.training.restyle import channel_statistics, restyle
from tests.training.prepared import some_images

CONTRACT = InputContract(size_px=32, mean=(0.5, 0.25, 0.0), standard_deviation=(0.25, 0.5, 1.0))
IMAGES = some_images(6, size_px=32)
ACTIVATION_BYTES = 4 * ACTIVATION_CHANNELS["efficientnet_lite0"] * 2 * 2
"""Of one image of 32 pixels, sixteen of which become one."""


@cache
def _template(extractor: str, seed: int) -> SiteBlindModel:
    design = ModelDesign.model_validate({"extractor": extractor, "feature_dim": 8})
    return new_model(design, CONTRACT, class_count=2, seed=seed).train()


def a_model(extractor: str, seed: int = 0) -> SiteBlindModel:
    return deepcopy(_template(extractor, seed))  # much quicker than drawing it again


def computed(model: SiteBlindModel) -> list[int]:
    """Return a list that grows by the number of images at each run of the frozen stages."""
    counts: list[int] = []
    assert model.frozen_stages is not None
    model.frozen_stages.register_forward_hook(lambda _, x, __: counts.append(len(x[0])))
    return counts


def rows(*numbers: int) -> Tensor:
    return torch.tensor(numbers)


def test_without_frozen_stages_the_inputs_are_the_standardised_pixels() -> None:
    images = some_images(2, size_px=32)
    images.pixels[0] = 255
    images.pixels[1] = 51  # a fifth of 255
    inputs = Inputs(a_model("small_cnn"), CONTRACT).read(images, rows(1, 0))
    assert inputs.shape == (2, 3, 32, 32)
    white = [(1 - 0.5) / 0.25, (1 - 0.25) / 0.5, 1.0]
    dark = [(0.2 - 0.5) / 0.25, (0.2 - 0.25) / 0.5, 0.2]
    torch.testing.assert_close(inputs[:, :, 3, 5], torch.tensor([dark, white]))


def test_pixels_are_from_zero_to_one() -> None:
    pixels = Inputs(a_model("small_cnn"), CONTRACT).pixels(IMAGES, rows(0, 3))
    torch.testing.assert_close(pixels * 255, IMAGES.pixels[[0, 3]].float())


def test_a_restyled_image_stays_within_what_pixels_can_be() -> None:
    """Restyled first, then cut to 0 to 1, then standardised."""
    bright = torch.tensor([[[0.9, 0.9, 0.9], [0.3, 0.3, 0.3]]])
    inputs = Inputs(a_model("small_cnn"), CONTRACT)
    restyled = inputs.read_restyled(IMAGES, rows(2), bright)
    expected = restyle(IMAGES.pixels[2:3].float() / 255, bright).clamp(0, 1)
    assert expected.max() == 1.0
    torch.testing.assert_close(restyled[:, 2], expected[:, 2])  # the channel with mean 0, sd 1
    torch.testing.assert_close(restyled[:, 0], (expected[:, 0] - 0.5) / 0.25)


def test_kept_activations_equal_fresh_ones_and_are_computed_once() -> None:
    model = a_model("efficientnet_lite0")
    counts, inputs = computed(model), Inputs(model, CONTRACT, ActivationMemory())
    first = inputs.read(IMAGES, rows(0, 1, 2))
    again = inputs.read(IMAGES, rows(2, 0))
    assert counts == [3]
    assert torch.equal(again, first[[2, 0]])
    fresh = Inputs(model, CONTRACT).read(IMAGES, rows(2, 0))
    torch.testing.assert_close(again, fresh)


def test_activations_are_those_of_the_standardised_image() -> None:
    lite0 = a_model("efficientnet_lite0")
    assert lite0.frozen_stages is not None
    pixels = IMAGES.pixels[:2].float() / 255
    mean, deviation = torch.tensor(CONTRACT.mean), torch.tensor(CONTRACT.standard_deviation)
    standardised = (pixels - mean.view(3, 1, 1)) / deviation.view(3, 1, 1)
    read = Inputs(lite0, CONTRACT).read(IMAGES, rows(0, 1))
    torch.testing.assert_close(read, lite0.frozen_stages(standardised))
    torch.testing.assert_close(lite0.features(read), lite0.feature_extractor(standardised))


def test_a_new_image_in_a_batch_is_computed_alone() -> None:
    model = a_model("efficientnet_lite0")
    counts, inputs = computed(model), Inputs(model, CONTRACT, ActivationMemory())
    inputs.read(IMAGES, rows(0, 1))
    inputs.read(IMAGES, rows(0, 5, 1))
    assert counts == [2, 1]


def test_what_does_not_fit_into_memory_is_computed_anew() -> None:
    model = a_model("efficientnet_lite0")
    memory = ActivationMemory(limit_bytes=2 * ACTIVATION_BYTES)
    counts, inputs = computed(model), Inputs(model, CONTRACT, memory)
    first = inputs.read(IMAGES, rows(0, 1, 2, 3))
    again = inputs.read(IMAGES, rows(0, 1, 2, 3))
    assert counts == [4, 2]
    torch.testing.assert_close(again, first)


def test_an_image_twice_in_a_batch_takes_its_room_once() -> None:
    model = a_model("efficientnet_lite0")
    memory = ActivationMemory(limit_bytes=2 * ACTIVATION_BYTES)
    counts, inputs = computed(model), Inputs(model, CONTRACT, memory)
    inputs.read(IMAGES, rows(0, 0))
    inputs.read(IMAGES, rows(1))
    inputs.read(IMAGES, rows(0, 1))
    assert counts == [2, 1]


def test_without_a_memory_nothing_is_kept() -> None:
    model = a_model("efficientnet_lite0")
    counts, inputs = computed(model), Inputs(model, CONTRACT)
    inputs.read(IMAGES, rows(0))
    inputs.read(IMAGES, rows(0))
    assert counts == [1, 1]


def test_a_restyled_image_is_kept_by_its_style_beside_the_image_itself() -> None:
    model = a_model("efficientnet_lite0")
    counts, inputs = computed(model), Inputs(model, CONTRACT, ActivationMemory())
    styles = torch.tensor([[[0.6] * 3, [0.2] * 3], [[0.3] * 3, [0.1] * 3]])
    both = inputs.read_restyled(IMAGES, rows(0, 0), styles)
    own = inputs.read(IMAGES, rows(0))
    assert counts == [2, 1]
    assert torch.equal(inputs.read_restyled(IMAGES, rows(0), styles[1:]), both[1:])
    assert torch.equal(inputs.read(IMAGES, rows(0)), own)
    assert counts == [2, 1]
    assert not torch.equal(both[0], both[1])
    assert not torch.equal(both[0], own[0])


def test_restyled_by_less_is_kept_beside_restyled_in_full() -> None:
    model, memory = a_model("efficientnet_lite0"), ActivationMemory()
    style = torch.tensor([[[0.6] * 3, [0.2] * 3]])
    full, half = (
        Inputs(model, CONTRACT, memory, strength).read_restyled(IMAGES, rows(0), style)
        for strength in (1.0, 0.5)
    )
    assert not torch.equal(full, half)
    fresh = Inputs(model, CONTRACT, strength=0.5).read_restyled(IMAGES, rows(0), style)
    torch.testing.assert_close(half, fresh)


def test_styles_of_activations_restyle_what_is_kept_of_the_image() -> None:
    model = a_model("efficientnet_lite0")
    counts, inputs = computed(model), Inputs(model, CONTRACT, ActivationMemory())
    wanted = channel_statistics(inputs.read(IMAGES, rows(3)))
    restyled = inputs.read_restyled(IMAGES, rows(0), wanted)
    assert counts == [1, 1]  # of each image its own activations, and no more
    inputs.read_restyled(IMAGES, rows(0), wanted * 2)
    assert counts == [1, 1]
    own = inputs.read(IMAGES, rows(0))
    assert torch.equal(restyled, restyle(own, wanted))


def test_models_whose_frozen_stages_differ_do_not_share_activations() -> None:
    memory = ActivationMemory()
    one, other = a_model("efficientnet_lite0", seed=1), a_model("efficientnet_lite0", seed=2)
    of_one = Inputs(one, CONTRACT, memory).read(IMAGES, rows(0))
    of_other = Inputs(other, CONTRACT, memory).read(IMAGES, rows(0))
    assert not torch.equal(of_one, of_other)
    torch.testing.assert_close(of_other, Inputs(other, CONTRACT).read(IMAGES, rows(0)))


def test_training_the_other_stages_leaves_what_is_kept_in_use() -> None:
    model, memory = a_model("efficientnet_lite0"), ActivationMemory()
    counts = computed(model)
    Inputs(model, CONTRACT, memory).read(IMAGES, rows(0))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1)
    Inputs(model, CONTRACT, memory).read(IMAGES, rows(0))
    assert counts == [1]


def test_models_that_are_given_images_otherwise_do_not_share_activations() -> None:
    """Else two studies compared on one memory would both see what the first one saw."""
    model, memory = a_model("efficientnet_lite0"), ActivationMemory()
    Inputs(model, CONTRACT, memory).read(IMAGES, rows(0, 1))
    counts = computed(model)
    for change in ({"intensity": "shades_of_grey"}, {"mean": (0.0, 0.0, 0.0)}):
        Inputs(model, CONTRACT.model_copy(update=change), memory).read(IMAGES, rows(0, 1))
    assert counts == [2, 2]
