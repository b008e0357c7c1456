"""Domain moments and the draws made from them."""

import numpy as np
import pytest
import torch

from coordinator.parameters import check_moments
from desktop_client.training.moments import (
    DomainMoments,
    MomentsSampler,
    domain_moments,
    from_arrays,
    moments_sample,
    to_arrays,
)

CPU = torch.device("cpu")


def test_moments_are_mean_and_unbiased_covariance_of_each_domain() -> None:
    generator = np.random.default_rng(1)
    z = generator.normal(size=(50, 3)).astype(np.float32)
    labels = torch.tensor([4] * 30 + [7] * 20)
    moments = domain_moments(torch.from_numpy(z), labels)
    assert set(moments) == {4, 7}
    np.testing.assert_allclose(moments[4].mean, z[:30].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(moments[7].covariance, np.cov(z[30:].T), atol=1e-5)


def test_a_domain_of_fewer_than_twenty_images_sends_nothing() -> None:
    assert domain_moments(torch.zeros(19, 3), torch.zeros(19, dtype=torch.int64)) == {}


def test_draws_have_the_moments_they_were_made_from() -> None:
    covariance = torch.tensor([[4.0, 1.0], [1.0, 2.0]])
    sampler = MomentsSampler({5: DomainMoments(torch.tensor([1.0, -2.0]), covariance)}, 2, CPU)
    z, labels = sampler.draw(200_000, torch.Generator().manual_seed(0))
    assert labels.unique().tolist() == [5]
    # The standard error of a mean is sqrt(4 / 200,000) = 0.0045; of a variance about 0.013.
    torch.testing.assert_close(z.mean(dim=0), torch.tensor([1.0, -2.0]), atol=0.02, rtol=0)
    torch.testing.assert_close(torch.cov(z.T), covariance, atol=0.06, rtol=0)


def test_a_singular_covariance_can_be_drawn_from() -> None:
    flat = DomainMoments(torch.zeros(2), torch.tensor([[1.0, 1.0], [1.0, 1.0]]))
    z, _ = MomentsSampler({0: flat}, 2, CPU).draw(10, torch.Generator().manual_seed(0))
    torch.testing.assert_close(z[:, 0], z[:, 1])


def test_without_moments_nothing_is_drawn() -> None:
    z, labels = MomentsSampler({}, 3, CPU).draw(8, torch.Generator())
    assert z.shape == (0, 3)
    assert labels.shape == (0,)


def test_every_domain_is_drawn_equally_often() -> None:
    one = DomainMoments(torch.zeros(2), torch.eye(2))
    _, labels = MomentsSampler({3: one, 9: one}, 2, CPU).draw(4, torch.Generator())
    assert labels.tolist() == [3, 3, 3, 3, 9, 9, 9, 9]


def test_moments_pass_the_coordinators_check_and_come_back_the_same() -> None:
    moments = domain_moments(torch.randn(40, 5), torch.full((40,), 2))
    arrays = to_arrays(moments)
    check_moments(arrays, {2}, feature_dim=5)
    assert set(arrays) == {"moments.2.mean", "moments.2.covariance"}
    returned = from_arrays(arrays)[2]
    torch.testing.assert_close(returned.mean.double(), moments[2].mean, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("count", [20, 21])
def test_twenty_images_are_enough(count: int) -> None:
    assert set(domain_moments(torch.randn(count, 2), torch.full((count,), 1))) == {1}


def test_moments_are_taken_from_at_most_256_images_of_each_group() -> None:
    groups = torch.tensor([3] * 300 + [5] * 256 + [7] * 10)
    rows = moments_sample(groups, torch.Generator().manual_seed(0))
    assert rows.tolist() == sorted(set(rows.tolist()))  # in order, none twice
    values, counts = groups[rows].unique(return_counts=True)
    assert (values.tolist(), counts.tolist()) == ([3, 5, 7], [256, 256, 10])


def test_which_images_moments_are_taken_from_is_fixed_by_the_seed() -> None:
    groups = torch.zeros(600, dtype=torch.int64)
    one, same, other = (moments_sample(groups, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_of_no_image_there_is_no_sample() -> None:
    assert len(moments_sample(torch.empty(0, dtype=torch.int64), torch.Generator())) == 0
