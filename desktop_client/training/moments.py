"""Domain moments: mean and covariance of a site's features per domain, and draws from others'.

With them a site that holds one domain can train a domain classifier that knows all of them,
although it has never seen another site's image.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from coordinator.parameters import (
    MOMENTS_IMAGE_COUNT,
    MOMENTS_PREFIX,
    STATISTICS_IMAGE_COUNT,
    Parameters,
)


@dataclass(frozen=True)
class DomainMoments:
    """Mean ``[F]`` and covariance ``[F, F]`` of the features of one domain."""

    mean: Tensor
    covariance: Tensor


def domain_moments(z: Tensor, groups: Tensor) -> dict[int, DomainMoments]:
    """Compute the moments of each group with at least ``STATISTICS_IMAGE_COUNT`` images.

    Args:
        z: Features ``[N, F]``, computed in the mode the extractor trains in.
        groups: ``[N]``: the domain, or domain * lesion classes + lesion class.
    """
    moments = {}
    for label in groups.unique().tolist():
        own = z[groups == label].double()
        if len(own) >= STATISTICS_IMAGE_COUNT:
            moments[int(label)] = DomainMoments(own.mean(dim=0), torch.cov(own.T))
    return moments


def moments_sample(groups: Tensor, generator: torch.Generator) -> Tensor:
    """Return the rows of up to ``MOMENTS_IMAGE_COUNT`` random images of each group."""
    shuffled = torch.randperm(len(groups), generator=generator)
    rows = [shuffled[groups[shuffled] == label][:MOMENTS_IMAGE_COUNT] for label in groups.unique()]
    return torch.cat(rows).sort().values if rows else shuffled


class MomentsSampler:
    """Draws features of other domains from Gaussians with their moments.

    Args:
        moments: By group (see ``domain_moments``); may be empty, then draws are empty too.
        feature_dim: Width of the features.
        device: Where draws are wanted.
    """

    def __init__(
        self, moments: Mapping[int, DomainMoments], feature_dim: int, device: torch.device
    ) -> None:
        self._labels = torch.tensor(sorted(moments), dtype=torch.int64, device=device)
        self._means = torch.zeros(len(moments), feature_dim, device=device)
        self._roots = torch.zeros(len(moments), feature_dim, feature_dim, device=device)
        for row, label in enumerate(sorted(moments)):
            self._means[row] = moments[label].mean
            self._roots[row] = _square_root(moments[label].covariance)

    def __len__(self) -> int:
        """Return the number of groups that are drawn from."""
        return len(self._labels)

    def draw(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw ``count`` features of each group: ``z [G * count, F]``, groups ``[G * count]``."""
        labels = self._labels.repeat_interleave(count)
        noise = torch.randn(len(self._labels), count, self._means.shape[1], generator=generator).to(
            labels.device
        )
        z = self._means[:, None, :] + noise @ self._roots.transpose(1, 2)
        return z.flatten(0, 1), labels


def to_arrays(moments: Mapping[int, DomainMoments]) -> Parameters:
    """Name moments as they travel: ``moments.<group>.mean`` and ``.covariance``."""
    arrays: Parameters = {}
    for label, domain in moments.items():
        arrays[f"{MOMENTS_PREFIX}{label}.mean"] = domain.mean.float().cpu().numpy()
        arrays[f"{MOMENTS_PREFIX}{label}.covariance"] = domain.covariance.float().cpu().numpy()
    return arrays


def from_arrays(arrays: Parameters) -> dict[int, DomainMoments]:
    """Read moments that ``coordinator.parameters.check_moments`` has accepted."""
    labels = {int(name.split(".")[1]) for name in arrays}
    return {
        label: DomainMoments(
            torch.from_numpy(arrays[f"{MOMENTS_PREFIX}{label}.mean"].copy()),
            torch.from_numpy(arrays[f"{MOMENTS_PREFIX}{label}.covariance"].copy()),
        )
        for label in sorted(labels)
    }


def _square_root(covariance: Tensor) -> Tensor:
    """Return R with R Rᵀ = covariance; works for singular ones, where Cholesky does not."""
    values, vectors = torch.linalg.eigh(covariance.double())
    root: Tensor = vectors * values.clamp(min=0).sqrt()
    return root
