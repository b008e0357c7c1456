r"""How well the features of one round tell the domains apart, from the moments that sites sent.

An owner's instrument while the study runs; it decides nothing. A linear rule is fitted to the
Gaussians with these moments and judged on draws from them, so no feature of an image is needed.
It is *not* the probe of held-out images that a site's own report has: it says nothing of how
features are shaped beyond mean and covariance, nothing of images outside training, it includes
how far the sites' extractors moved apart within the round, and it is optimistic, since rule and
draws come from the same images. ``floor`` says how much of it that alone explains. Never to be
read without the lesion metrics: features that say nothing leak nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from coordinator.method.arrays import Arrays
from coordinator.parameters import MOMENTS_IMAGE_COUNT, MOMENTS_PREFIX

Float64Array = npt.NDArray[np.float64]
Moments = Mapping[str, Arrays]
"""Where each mean and covariance lies, by name; loaded when its turn comes."""

_RIDGE: Final = 0.1
"""Share of a covariance that is replaced by its average variance in all directions: a group of
20 images leaves most directions of 64 features without any variance of their own."""
_DRAW_COUNT: Final = 20_000
"""Over all domains together: leaves an error below 0.004, and the time does not grow with them."""
_FEWEST_DRAWS: Final = 64
_SMALLEST_VARIANCE: Final = 1e-12
"""Keeps features that never change from being divided by zero; their variance is 0."""


class Leakage(BaseModel):
    """Balanced accuracies, 0 to 1, of telling the domain of a feature vector.

    Where moments are given per lesion class, a rule of its own is fitted in each class and the
    classes' mean is meant: then unequal lesion shares tell nothing about the domain. So it is with
    several feature extractors, whose features cannot be compared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    balanced_accuracy: float
    floor: float
    """The same if the domains did not differ at all, by the error of their means alone, with the
    largest groups that sites compute moments of; smaller groups lie higher still."""
    chance: float
    by_domain: dict[int, float]
    """Share of each domain's draws that is recognised, by domain index."""
    is_within_lesion: bool


def measure_leakage(by_extractor: Iterable[Moments], moments_per_domain: int) -> Leakage | None:
    r"""Return how well a linear rule tells the domains apart; the same bits for the same moments.

    With means :math:`\mu_d` and the mean :math:`\Sigma` of the domains' covariances, the rule
    answers the domain of the largest
    :math:`\mu_d^T \Sigma^{-1} z - \frac{1}{2} \mu_d^T \Sigma^{-1} \mu_d`.

    Args:
        by_extractor: Of each feature extractor ``moments.<index>.mean`` ``[F]`` and
            ``.covariance`` ``[F, F]``, already checked, of the sites that sent an update in one
            and the same round.
        moments_per_domain: As in ``parameters.moment_indices``.

    Returns:
        None where no lesion class (or no study without classes) has moments of two domains.

    Source:
        Hastie, Tibshirani, Friedman 2009, The Elements of Statistical Learning, section 4.3; the
        ridge is :math:`\gamma` of Friedman 1989, Regularized Discriminant Analysis, equation 18.
    """
    draws = np.random.RandomState(0)  # its stream is frozen, whatever the version of NumPy
    recalls: list[dict[int, float]] = []
    floors: list[float] = []
    for moments, own in _comparable(by_extractor, moments_per_domain):
        mean_covariance = np.asarray(sum(_covariances(moments, own)) / len(own))
        variance = float(mean_covariance.diagonal().mean())
        pooled = _spread(mean_covariance, variance)
        spreads = (_spread(covariance, variance) for covariance in _covariances(moments, own))
        recall = _recall(_means(moments, own), pooled, spreads, draws)
        recalls.append(dict(zip((i // moments_per_domain for i in own), recall, strict=True)))
        floors.append(_floor(len(own), pooled, draws))
    if not recalls:
        return None
    return Leakage(
        balanced_accuracy=_mean([_mean(list(one.values())) for one in recalls]),
        floor=_mean(floors),
        chance=_mean([1 / len(one) for one in recalls]),
        by_domain=_by_domain(recalls),
        is_within_lesion=moments_per_domain > 1,
    )


def _comparable(
    by_extractor: Iterable[Moments], moments_per_domain: int
) -> Iterator[tuple[Moments, list[int]]]:
    """Yield the indices, at least two, of each lesion class's moments of like features."""
    for moments in by_extractor:
        indices = sorted({int(name.split(".")[1]) for name in moments})
        for lesion in range(moments_per_domain):
            own = [index for index in indices if index % moments_per_domain == lesion]
            if len(own) > 1:
                yield moments, own


class _Spread(NamedTuple):
    """A covariance by its eigenvalues ``[F]``, all above 0, and eigenvectors ``[F, F]``."""

    values: Float64Array
    vectors: Float64Array

    def root(self) -> Float64Array:
        """Return R with R Rᵀ = covariance."""
        return self.vectors * np.sqrt(self.values)

    def inverse(self) -> Float64Array:
        """Return the inverse of the covariance."""
        return self.vectors / self.values @ self.vectors.T


def _load(moments: Moments, name: str) -> Float64Array:
    return moments[name].array(name).astype(np.float64)


def _means(moments: Moments, indices: list[int]) -> Float64Array:
    """Return the means ``[D, F]`` of some groups."""
    return np.stack([_load(moments, f"{MOMENTS_PREFIX}{index}.mean") for index in indices])


def _covariances(moments: Moments, indices: list[int]) -> Iterator[Float64Array]:
    """Yield the groups' covariances ``[F, F]``, one in memory at a time."""
    return (_load(moments, f"{MOMENTS_PREFIX}{index}.covariance") for index in indices)


def _spread(covariance: Float64Array, variance: float) -> _Spread:
    """Give a covariance some variance everywhere; rounding may have left it a little below 0."""
    values, vectors = np.linalg.eigh(covariance)
    ridge = _RIDGE * max(_SMALLEST_VARIANCE, variance)
    return _Spread((1 - _RIDGE) * values.clip(min=0) + ridge, vectors)


def _recall(
    means: Float64Array,
    pooled: _Spread,
    spreads: Iterable[_Spread],
    draws: np.random.RandomState,
) -> list[float]:
    """Return the share of each domain's draws that the linear rule gives to it."""
    domain_count, feature_dim = means.shape
    directions = pooled.inverse() @ means.T
    offsets = -0.5 * np.einsum("df,fd->d", means, directions)
    draw_count = max(_FEWEST_DRAWS, _DRAW_COUNT // domain_count)
    recalls = []
    for domain, spread in enumerate(spreads):
        z = means[domain] + draws.standard_normal((draw_count, feature_dim)) @ spread.root().T
        answers = (z @ directions + offsets).argmax(axis=1)
        recalls.append(float((answers == domain).mean()))
    return recalls


def _floor(domain_count: int, pooled: _Spread, draws: np.random.RandomState) -> float:
    """Return the balanced accuracy between means that differ by their error of estimation only."""
    noise = draws.standard_normal((domain_count, len(pooled.values)))
    means = noise @ pooled.root().T / np.sqrt(MOMENTS_IMAGE_COUNT)
    return _mean(_recall(means, pooled, repeat(pooled, domain_count), draws))


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def _by_domain(recalls: list[dict[int, float]]) -> dict[int, float]:
    """Return each domain's mean over the lesion classes that it has moments in."""
    domains = sorted(set().union(*recalls))
    return {d: _mean([recall[d] for recall in recalls if d in recall]) for d in domains}
