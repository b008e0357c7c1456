"""Features probed for the site they come from."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import torch

from desktop_client.labelling.sample import Sample
from desktop_client.simulation.probing import SiteAnswers, site_leakage
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.evaluation import Predictions


def answers(site: str, domain_index: int, count: int, mean: float) -> SiteAnswers:
    """Two features of a patient each, near ``mean``; every other image of lesion 1."""
    samples = tuple(
        Sample(f"{site}/{n}", Path("x"), 0, 0, 0, f"p{n}", UUID(int=domain_index), None)
        for n in range(count)
    )
    z = mean + 0.1 * torch.randn(count, 2, generator=torch.Generator().manual_seed(domain_index))
    images = PreparedImages(
        torch.zeros(count, 3, 2, 2, dtype=torch.uint8),
        torch.arange(count) % 2,
        torch.full((count,), domain_index),
        samples,
    )
    return SiteAnswers(site, domain_index, images, Predictions(z, np.zeros((count, 2))))


def test_sites_cut_from_one_are_one_domain() -> None:
    leakage = site_leakage(
        [answers("a/1", 0, 10, -5), answers("a/2", 0, 10, -5), answers("b", 1, 20, 5)]
    )
    assert leakage is not None
    assert leakage.chance == 0.5
    assert leakage.label_floor == pytest.approx(0.5)  # the same lesions everywhere
    assert leakage.linear == 1
    assert leakage.linear_by_site == {"a/1": 1, "a/2": 1, "b": 1}


@pytest.mark.parametrize("counts", [(20,), (20, 2)])
def test_one_domain_or_too_few_patients_leave_leakage_undefined(counts: tuple[int, ...]) -> None:
    assert site_leakage([answers(str(n), n, count, n) for n, count in enumerate(counts)]) is None
