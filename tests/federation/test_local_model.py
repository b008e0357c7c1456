"""A study's model at one site."""

import logging
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import torch

from coordinator.parameters import decode, split_arrays
from coordinator.protocol import GlobalMessage
from coordinator.study import Study, read_study
from desktop_client.errors import TrainingDivergedError
from desktop_client.federation.exchange import UNASSIGNED, GlobalParameters, initial_body
from desktop_client.federation.local_model import LocalModel
from desktop_client.labelling.sample import Sample
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.trainer import SiteImages
from tests.scenes import CLASS_IDS, write_study

IMAGE_COUNT = 8


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return read_study(write_study(tmp_path / "study.toml"))


@pytest.fixture
def local(study: Study) -> LocalModel:
    """The model of a site with random images of two classes and one domain."""
    some = Sample("", Path("a.png"), 0, 24, 24, "", UUID(int=0), UUID(CLASS_IDS["dot"]))
    labels = torch.arange(IMAGE_COUNT) % 2
    pixels = torch.zeros(IMAGE_COUNT, 3, 24, 24, dtype=torch.uint8).random_(to=256)
    images = PreparedImages(pixels, labels, torch.zeros_like(labels), (some,) * IMAGE_COUNT)
    return LocalModel(study, SiteImages(images, images, 0), torch.device("cpu"))


def test_global_parameters_of_absurd_size_make_metrics_undefined_and_training_refuse(
    study: Study, local: LocalModel, expected_warnings: list[logging.LogRecord]
) -> None:
    # Every value is finite, so that nobody refuses them on the way; only their products are not.
    arrays, message = decode(initial_body(study, UNASSIGNED, seed=0), GlobalMessage)
    huge = {
        name: np.full_like(array, 3e38) for name, array in split_arrays(arrays).parameters.items()
    }
    received = GlobalParameters(message, huge, {})
    metrics = local.load(received)
    assert (metrics.accuracy, metrics.auc) == (None, None)
    assert len(expected_warnings) == 1
    with pytest.raises(TrainingDivergedError):
        list(local.train_round(received, 1, "site"))
