"""Batches without end: full, each image once per pass, and some of them restyled."""

from itertools import islice

import pytest
import torch
from torch import Tensor

from coordinator.parameters import STYLE_COUNT
from coordinator.study import InputContract, ModelDesign
from desktop_client.training.batches import Batches, BatchPlan
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.inputs import Inputs
from desktop_client.training.model import new_model
from desktop_client.training.restyle import Restyler
from desktop_client.training.step import Batch
from tests.training.prepared import some_images

CONTRACT = InputContract(size_px=16, mean=(0.0,) * 3, standard_deviation=(1.0,) * 3)
INPUTS = Inputs(new_model(ModelDesign(feature_dim=8), CONTRACT, class_count=2, seed=0), CONTRACT)
STYLES = {
    domain: torch.tensor([[grey] * 3, [0.0] * 3]).expand(STYLE_COUNT, 2, 3)
    for domain, grey in ((3, 0.25), (5, 0.75))
}
"""Two domains whose images are one flat grey."""


def numbered(count: int) -> PreparedImages:
    """Make images that are told apart by their lesion label, which is their row."""
    return some_images(count, lesions=range(count), domains=[1] * count)


def first(number: int, count: int, size: int, **choices: int) -> list[Batch]:
    seed = choices.get("seed", 0)
    return list(islice(Batches(numbered(count), INPUTS, BatchPlan(size, seed)), number))


def rows_of(taken: list[Batch]) -> list[int]:
    return torch.cat([batch.lesion_labels for batch in taken]).tolist()


def test_every_image_comes_once_per_pass_and_every_batch_is_full() -> None:
    taken = first(5, count=10, size=4)
    assert [len(batch.inputs) for batch in taken] == [4] * 5
    rows = rows_of(taken)
    assert sorted(rows[:10]) == sorted(rows[10:]) == list(range(10))
    assert rows[:10] != rows[10:]


def test_fewer_images_than_a_batch_make_one_batch_of_all() -> None:
    taken = first(2, count=3, size=8)
    assert [sorted(batch.lesion_labels.tolist()) for batch in taken] == [[0, 1, 2]] * 2


def test_the_seed_fixes_the_order() -> None:
    assert rows_of(first(3, 20, 8, seed=1)) == rows_of(first(3, 20, 8, seed=1))
    assert rows_of(first(3, 20, 8, seed=1)) != rows_of(first(3, 20, 8, seed=2))


def test_inputs_and_labels_belong_together() -> None:
    images = numbered(10)
    for batch in first(3, count=10, size=4):
        expected = images.pixels[batch.lesion_labels].float() / 255
        torch.testing.assert_close(batch.inputs, expected)
        assert batch.domain_labels.tolist() == [1] * 4


def is_grey(inputs: Tensor, grey: float) -> Tensor:
    return (inputs == grey).flatten(1).all(dim=1)


@pytest.mark.parametrize("probability", [0.5, 1.0])
def test_a_restyled_image_has_the_styles_domain_and_its_own_lesion(probability: float) -> None:
    images = numbered(20)
    source = Batches(images, INPUTS, BatchPlan(10, 0), Restyler(STYLES, probability))
    seen: list[int] = []
    for batch in islice(source, 6):
        torch.testing.assert_close(is_grey(batch.inputs, 0.25), batch.domain_labels == 3)
        torch.testing.assert_close(is_grey(batch.inputs, 0.75), batch.domain_labels == 5)
        is_own = batch.domain_labels == 1
        expected = images.pixels[batch.lesion_labels].float() / 255
        torch.testing.assert_close(batch.inputs[is_own], expected[is_own])
        seen += batch.domain_labels.tolist()
    assert set(seen) == ({3, 5} if probability == 1 else {1, 3, 5})


def test_every_image_comes_once_per_pass_restyled_or_not() -> None:
    source = Batches(numbered(20), INPUTS, BatchPlan(10, 0), Restyler(STYLES, 0.5))
    assert sorted(rows_of(list(islice(source, 2)))) == list(range(20))


def test_a_restyler_without_styles_leaves_every_image_as_it_is() -> None:
    images = numbered(10)
    for batch in islice(Batches(images, INPUTS, BatchPlan(5, 0), Restyler({}, 1.0)), 2):
        torch.testing.assert_close(batch.inputs, images.pixels[batch.lesion_labels].float() / 255)
        assert batch.domain_labels.tolist() == [1] * 5


def test_balanced_sampling_brings_each_class_of_a_domain_as_often() -> None:
    """Eighteen images of one class and two of the other: both come up in half of the batches."""
    images = some_images(20, lesions=[0] * 18 + [1] * 2, domains=[1] * 20)
    plan = BatchPlan(size=20, seed=0, sampling="balanced")
    taken = list(islice(Batches(images, INPUTS, plan), 100))
    lesions = torch.cat([batch.lesion_labels for batch in taken]).float()
    # 2,000 fair draws: five standard deviations are 0.056.
    assert lesions.mean().item() == pytest.approx(0.5, abs=0.056)
