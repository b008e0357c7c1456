"""Lesion metrics, by hand, and where they are undefined."""

import numpy as np
import pytest
import torch
from torch import Tensor

from coordinator.study import InputContract, ModelDesign
from desktop_client.errors import TrainingError
from desktop_client.training.evaluation import lesion_metrics, predict
from desktop_client.training.model import SiteBlindModel, new_model
from tests.training.prepared import some_images

CONTRACT = InputContract(size_px=16)
DESIGN = ModelDesign(feature_dim=8)

PROBABILITIES = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])


def test_metrics_of_two_classes_by_hand() -> None:
    metrics = lesion_metrics(PROBABILITIES, np.array([0, 1, 0, 1]))
    assert metrics.sample_count == 4
    assert metrics.accuracy == 0.75
    assert metrics.balanced_accuracy == 0.75
    # Of the four pairs (0.4, 0.8) over (0.1, 0.3) all are in order.
    assert metrics.auc == 1.0


def test_a_site_with_one_class_has_an_undefined_auc_and_a_defined_accuracy() -> None:
    metrics = lesion_metrics(PROBABILITIES, np.array([0, 0, 0, 0]))
    assert metrics.auc is None
    assert metrics.accuracy == 0.75


def test_unlabelled_images_do_not_count() -> None:
    metrics = lesion_metrics(PROBABILITIES, np.array([0, -1, -1, 1]))
    assert (metrics.sample_count, metrics.accuracy) == (2, 1.0)


def test_without_images_everything_is_undefined() -> None:
    metrics = lesion_metrics(np.empty((0, 2)), np.empty(0, np.int64))
    assert metrics.sample_count == 0
    assert metrics.accuracy is None
    assert metrics.auc is None


def test_auc_of_three_classes_is_the_mean_of_one_against_the_rest() -> None:
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.5, 0.3, 0.2], [0.3, 0.3, 0.4]])
    metrics = lesion_metrics(probabilities, np.array([0, 1, 1, 2]))
    # Class 0: 0.8 beats 0.1, 0.5, 0.3. Class 1: 0.8 beats both, 0.3 beats 0.1 and ties with 0.3,
    # 3.5 of 4 pairs. Class 2: 0.4 beats all.
    assert metrics.auc == pytest.approx((1 + 3.5 / 4 + 1) / 3)


def test_images_that_do_not_fit_into_the_memory_together_are_asked_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images = some_images(10)
    model = new_model(DESIGN, CONTRACT, 2, seed=0).eval()
    whole = predict(model, images, CONTRACT)
    sizes = fill_memory_above(3, monkeypatch)
    parts = predict(model, images, CONTRACT)
    assert sizes == [10, 5, 3, 3, 2, 2]
    # Another batch size may round differently in the last bits of float32.
    np.testing.assert_allclose(parts.probabilities, whole.probabilities, rtol=1e-5)


def test_memory_too_small_for_one_image_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = new_model(DESIGN, CONTRACT, 2, seed=0).eval()
    fill_memory_above(0, monkeypatch)
    with pytest.raises(TrainingError, match="too small even for a single image"):
        predict(model, some_images(4), CONTRACT)


def fill_memory_above(limit: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a device run out of memory with more images at a time than ``limit``; note the sizes."""
    sizes: list[int] = []
    features = SiteBlindModel.features

    def limited(self: SiteBlindModel, inputs: Tensor) -> Tensor:
        sizes.append(len(inputs))
        if len(inputs) > limit:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return features(self, inputs)

    monkeypatch.setattr(SiteBlindModel, "features", limited)
    return sizes
