"""Where a model looks: by hand on a tiny network, on every extractor, and on real pixels."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from coordinator.study import InputContract, LesionClass, ModelDesign
from desktop_client.errors import TrainingError
from desktop_client.imaging.image import DecodedImage
from desktop_client.training.checkpoint import ModelCard
from desktop_client.training.explain import Explainer, heat_of, last_map, sensitivity
from desktop_client.training.explained_pictures import LONGEST_PX, explained_picture
from desktop_client.training.extractors import EXTRACTORS
from desktop_client.training.model import SiteBlindModel, new_model
from desktop_client.training.predicting import FinishedModel

CLASSES = tuple(
    LesionClass(class_id=f"00000000-0000-4000-8000-00000000000{n}", name=name)
    for n, name in enumerate(("nevus", "melanoma"))
)
BLUE_LESION = (20, 30, 200)


class TwoMaps(nn.Module):
    """Brightness and darkness of 2 x 2 patches, their means, and two classes that read them."""

    def __init__(self, weight: list[list[float]]) -> None:
        super().__init__()
        self.maps = nn.Conv2d(1, 2, kernel_size=2, stride=2, bias=False)
        self.classes = nn.Linear(2, 2, bias=False)
        with torch.no_grad():
            self.maps.weight[0], self.maps.weight[1] = 0.25, -0.25
            self.classes.weight.copy_(torch.tensor(weight))

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classes(self.maps(images).mean(dim=(2, 3)))
        return logits


def four_patches(*values: float) -> Tensor:
    """An image of 4 x 4 pixels with one value in each quarter."""
    return (
        torch.tensor(values, dtype=torch.float32)
        .view(1, 1, 2, 2)
        .repeat_interleave(2, 2)
        .repeat_interleave(2, 3)
    )


def test_the_map_is_what_the_paper_says_by_hand() -> None:
    # Activations: brightness (4, 0, 1, 2) and darkness, its negative. The logits are 3 b and b;
    # from their mean, class 0 has b: over the mean of 4 places that is 1/4 for each, in sum 1.
    network = TwoMaps([[3, 0], [1, 0]])
    found = sensitivity(network, four_patches(4, 0, 1, 2), class_index=0)
    corners = found[[0, 0, 3, 3], [0, 3, 0, 3]]
    assert corners.tolist() == pytest.approx([4, 0, 1, 2])
    # Halfway to its neighbour: bilinear, with the centres of patches where they are.
    assert found[0].tolist() == pytest.approx([4, 3, 1, 0])


def test_places_that_speak_against_a_class_are_not_hot_for_it() -> None:
    network = TwoMaps([[3, 0], [1, 0]])
    assert not sensitivity(network, four_patches(4, 0, 1, 2), class_index=1).any()


def test_what_raises_all_classes_alike_does_not_count() -> None:
    network = TwoMaps([[5, 1], [5, 0]])  # brightness means nothing, darkness class 0
    found = sensitivity(network, four_patches(4, 0, 1, 2), class_index=0)
    assert not found.any()


def test_without_any_gradient_no_place_stands_out() -> None:
    found = sensitivity(TwoMaps([[0, 0], [0, 0]]), four_patches(4, 0, 1, 2), class_index=0)
    assert heat_of(found) is None


def test_where_all_places_are_alike_none_stands_out() -> None:
    found = sensitivity(TwoMaps([[3, 0], [1, 0]]), four_patches(2, 2, 2, 2), class_index=0)
    assert found.min() > 1
    assert heat_of(found) is None


def test_heat_is_in_shares_of_the_strongest_place_and_keeps_its_zero() -> None:
    heat = heat_of(torch.tensor([[8.0, 2.0], [4.0, 2.0]]))
    assert heat is not None
    assert heat.tolist() == [[1, 0.25], [0.5, 0.25]]


def test_a_network_without_places_is_refused() -> None:
    with pytest.raises(TrainingError, match="no map of places"):
        last_map(nn.Sequential(nn.Flatten(), nn.Linear(16, 2)), torch.zeros(1, 1, 4, 4))


def a_finished(extractor: str, size_px: int = 64) -> FinishedModel:
    contract, design = InputContract(size_px=size_px), ModelDesign(extractor=extractor)
    card = ModelCard(name="ours", classes=CLASSES, input=contract, model=design)
    return FinishedModel(new_model(design, contract, 2, seed=0).eval(), card, "")


def a_blob(
    x: int, y: int, width_px: int = 96, height_px: int = 96, radius_px: int = 10
) -> DecodedImage:
    """Skin with one blue lesion."""
    random = np.random.default_rng(0)
    pixels = random.normal((200, 150, 130), 6, (height_px, width_px, 3)).clip(0, 255)
    rows, columns = np.mgrid[:height_px, :width_px]
    pixels[np.hypot(columns - x, rows - y) < radius_px] = BLUE_LESION
    return DecodedImage(pixels.astype(np.uint8))


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_every_extractor_is_explained_by_its_last_map_and_left_as_it_was(extractor: str) -> None:
    model = a_finished(extractor, size_px=128).model
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    inputs = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    found = sensitivity(model, inputs, class_index=0)
    assert found.shape == (128, 128)
    assert found.max() > 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    maps: list[Tensor] = []
    last_map(model, inputs).register_forward_hook(lambda _m, _i, output: maps.append(output))
    with torch.no_grad():
        model(inputs)
    linear = [m for m in model.feature_extractor.modules() if isinstance(m, nn.Linear)]
    assert maps[0].shape[1] == linear[-1].in_features  # what its mean is projected from
    assert maps[0].shape[2] in (4, 8)


class BlueTeller(nn.Module):
    """How much bluer than red each patch of 8 x 8 is; their mean speaks for melanoma."""

    def __init__(self) -> None:
        super().__init__()
        self.blueness = nn.Conv2d(3, 1, kernel_size=8, stride=8, bias=False)
        self.lesion_classifier = nn.Linear(1, 2)
        with torch.no_grad():
            self.blueness.weight[0] = torch.tensor([-1, 0, 1]).view(3, 1, 1) / 64
            self.lesion_classifier.weight.copy_(torch.tensor([[0.0], [20]]))
            self.lesion_classifier.bias.copy_(torch.tensor([0.0, 22]))  # skin is red: it has -1.1

    def forward(self, images: Tensor) -> Tensor:
        blue = self.blueness(images).mean(dim=(2, 3))
        logits: Tensor = self.lesion_classifier(blue)
        return logits


@pytest.fixture
def blue_teller() -> Explainer:
    finished = a_finished("small_cnn")
    return Explainer(replace(finished, model=cast(SiteBlindModel, BlueTeller())))


@pytest.mark.parametrize(("x", "y"), [(25, 30), (70, 60), (30, 75)])
def test_the_map_points_at_the_only_thing_that_tells_the_class(
    blue_teller: Explainer, x: int, y: int
) -> None:
    told = blue_teller.explain(a_blob(x, y))
    assert told.class_index == 1
    assert told.heat is not None
    row, column = np.unravel_index(told.heat.argmax(), told.heat.shape)
    # 64 rows for 96 pixels; a place of the map is a patch of 12 pixels.
    assert np.hypot(column * 96 / 64 - x, row * 96 / 64 - y) < 12


def test_the_map_lies_on_the_image_and_not_on_what_fills_the_square(
    blue_teller: Explainer,
) -> None:
    told = blue_teller.explain(a_blob(150, 30, width_px=192, height_px=96))
    assert told.heat is not None
    assert told.heat.shape == (32, 64)  # the model's input has 16 rows of filling above and below
    row, column = np.unravel_index(told.heat.argmax(), told.heat.shape)
    assert np.hypot(column * 3 - 150, row * 3 - 30) < 24


def test_another_class_than_the_answer_can_be_explained(blue_teller: Explainer) -> None:
    blob = a_blob(25, 30)
    answered, other = blue_teller.explain(blob), blue_teller.explain(blob, class_index=0)
    assert answered.probabilities == other.probabilities
    assert (answered.class_index, other.class_index) == (1, 0)


def test_pictures_for_a_report_are_two_of_the_same_size(blue_teller: Explainer) -> None:
    made = explained_picture(blue_teller, a_blob(250, 300, 2 * LONGEST_PX, 500, radius_px=100))
    assert made.original.shape == made.overlay.shape == (250, LONGEST_PX, 3)
    assert made.stands_out
    assert (made.original != made.overlay).any()
    assert made.caption.startswith("Where the model “ours” looks for")
    assert made.caption.endswith("Research use only. Not for diagnostic use.")


def test_a_picture_where_no_place_stands_out_is_the_original_and_says_so() -> None:
    finished = a_finished("small_cnn")
    nn.init.zeros_(finished.model.lesion_classifier.weight)
    made = explained_picture(Explainer(finished), a_blob(25, 30))
    assert not made.stands_out
    assert (made.original == made.overlay).all()
    assert made.caption.startswith("No place stands out")


def test_png_files_carry_their_caption(blue_teller: Explainer, tmp_path: Path) -> None:
    made = explained_picture(blue_teller, a_blob(25, 30))
    (tmp_path / "a.png").write_bytes(made.both_png())
    with Image.open(tmp_path / "a.png") as picture:
        picture.load()
        assert picture.info["Description"] == made.caption
        assert picture.size == (2 * 96, 96)
