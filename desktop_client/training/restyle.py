"""Restyling: an image shown in another site's style, that is with its channel statistics.

A style is a mean and a standard deviation per channel, averaged over at least four images; 16 of
them per domain travel. No image can be told from them, but how a scanner renders one can.

Source:
    Huang and Belongie 2017, https://arxiv.org/abs/1703.06868, equation 8 (the transformation); Liu
    et al. 2021, https://arxiv.org/abs/2103.06030 (sharing such statistics between hospitals).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from coordinator.parameters import (
    STATISTICS_IMAGE_COUNT,
    STYLE_COUNT,
    STYLES_PREFIX,
    Parameters,
)

MINIMUM_GROUP: Final = 4
"""Images that one style is averaged over, at least."""
FLAT: Final = 1e-5
"""Standard deviation below which a channel counts as one flat colour."""

Styles = Mapping[int, Tensor]
"""By domain index: ``[16, 2, C]``, channel means and then channel standard deviations."""


@dataclass(frozen=True)
class Restyling:
    """What a batch is restyled to.

    Attributes:
        is_restyled: ``[B]`` bool.
        domain_labels: ``[B]``, the domain whose style it is; of no meaning elsewhere.
        style_numbers: ``[B]``, which of that domain's styles; of no meaning elsewhere.
    """

    is_restyled: Tensor
    domain_labels: Tensor
    style_numbers: Tensor


def channel_statistics(values: Tensor) -> Tensor:
    """Return ``[N, 2, C]``: mean and standard deviation over space of ``[N, C, H, W]``."""
    flat = values.flatten(2)
    return torch.stack([flat.mean(dim=2), flat.std(dim=2, correction=0)], dim=1)


def restyle(
    values: Tensor, styles: Tensor, strength: float = 1.0, references: Tensor | None = None
) -> Tensor:
    r"""Give each of ``[N, C, H, W]`` the channel statistics ``[N, 2, C]``.

    Computes :math:`\sigma_s (x - \mu_x) / \sigma_x + \mu_s`; a flat channel becomes the style's
    mean. With a ``strength`` below 1 the statistics go only so far from the image's own. With
    ``references`` ``[N, 2, C]``, the statistics usual where the images come from, an image keeps
    how it differs from those: :math:`\mu_x, \sigma_x` above are the reference's then.
    """
    own = channel_statistics(values)
    wanted = styles if references is None else _carried_over(own, styles, references)
    wanted = torch.lerp(own, wanted, strength)[..., None, None]
    own = own[..., None, None]
    scale = torch.where(own[:, 1] > FLAT, wanted[:, 1] / own[:, 1].clamp(min=FLAT), 0.0)
    return (values - own[:, 0]) * scale + wanted[:, 0]


def _carried_over(own: Tensor, styles: Tensor, references: Tensor) -> Tensor:
    """Return the statistics ``[N, 2, C]`` that an image would have had in the other style."""
    scale = styles[:, 1] / references[:, 1].clamp(min=FLAT)
    means = (own[:, 0] - references[:, 0]) * scale + styles[:, 0]
    return torch.stack([means, own[:, 1] * scale], dim=1)


def domain_styles(
    statistics: Tensor, domain_labels: Tensor, generator: torch.Generator
) -> dict[int, Tensor]:
    """Average image statistics ``[N, 2, C]`` to 16 styles for each domain with enough images.

    A style is the mean over a random sixteenth of the domain's images, or over four different
    ones where that would be fewer; all are used before one is used again.
    """
    styles = {}
    for label in domain_labels.unique().tolist():
        own = statistics[domain_labels == label]
        if len(own) < STATISTICS_IMAGE_COUNT:
            continue
        size = max(MINIMUM_GROUP, len(own) // STYLE_COUNT)
        order = _distinct_groups(len(own), size, generator)
        styles[int(label)] = own[order].mean(dim=1)
    return styles


class Restyler:
    """Draws which samples of a batch are restyled, and to what.

    Args:
        styles: Of the domains that this site holds no image of; with none nothing is restyled.
        probability: That a sample is restyled.
        per_image: How many of a domain's styles an image can get; fewer than all where what
            becomes of a restyled image is kept.
        own_styles: Of this site's domains, to which what is particular to an image is relative;
            None where nothing particular is to stay. Images of a domain without are left alone.
    """

    def __init__(
        self,
        styles: Styles,
        probability: float,
        per_image: int = STYLE_COUNT,
        own_styles: Styles | None = None,
    ) -> None:
        self._references = (
            None
            if own_styles is None
            else {label: style.mean(dim=0) for label, style in own_styles.items()}
        )
        self._labels = torch.tensor(sorted(styles), dtype=torch.int64)
        self._styles = {label: styles[label] for label in sorted(styles)}
        self._probability = probability
        self._per_image = per_image

    def draw(self, rows: Tensor, own_domains: Tensor, generator: torch.Generator) -> Restyling:
        """Draw for the images ``rows [B]`` of a site, which are of ``own_domains [B]``."""
        size = (len(rows),)
        is_restyled = torch.rand(size, generator=generator) < self._probability
        if self._references is not None:
            is_restyled &= torch.isin(own_domains, torch.tensor(sorted(self._references)))
        if not len(self._labels):
            return Restyling(torch.zeros_like(is_restyled), rows * 0, rows * 0)
        chosen = torch.randint(len(self._labels), size, generator=generator)
        numbers = torch.randint(self._per_image, size, generator=generator)
        # Neighbours in the table get different ones, so that all styles are in use.
        spread = (rows * self._per_image + numbers) % STYLE_COUNT
        return Restyling(is_restyled, self._labels[chosen], spread)

    def styles_of(self, drawn: Restyling) -> Tensor:
        """Return the styles ``[R, 2, C]`` of those that are restyled, in their order."""
        pairs = zip(
            drawn.domain_labels[drawn.is_restyled].tolist(),
            drawn.style_numbers[drawn.is_restyled].tolist(),
            strict=True,
        )
        return torch.stack([self._styles[label][number] for label, number in pairs])

    def references_of(self, own_domains: Tensor) -> Tensor | None:
        """Return the usual statistics ``[R, 2, C]`` of the domains that images come from."""
        if self._references is None:
            return None
        return torch.stack([self._references[label] for label in own_domains.tolist()])


def to_arrays(styles: Styles) -> Parameters:
    """Name styles as they travel: ``styles.<domain index>``."""
    return {f"{STYLES_PREFIX}{k}": style.float().cpu().numpy() for k, style in styles.items()}


def from_arrays(arrays: Parameters) -> dict[int, Tensor]:
    """Read styles that ``coordinator.parameters.check_styles`` has accepted."""
    return {
        int(name.removeprefix(STYLES_PREFIX)): torch.from_numpy(array.copy())
        for name, array in sorted(arrays.items())
    }


def _distinct_groups(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Draw ``[16, size]`` of ``count`` images, no image twice in a group."""
    order = torch.empty(0, dtype=torch.int64)
    while len(order) < STYLE_COUNT * size:
        begun = order[len(order) // size * size :]  # a group that the last pass did not fill
        fresh = torch.randperm(count, generator=generator)
        is_in = torch.isin(fresh, begun)
        order = torch.cat([order, fresh[~is_in], fresh[is_in]])
    return order[: STYLE_COUNT * size].view(STYLE_COUNT, size)
