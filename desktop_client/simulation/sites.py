"""Sites' images, ready to train on; and all of them at one site."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from desktop_client.training.dataset import PreparedImages
from desktop_client.training.trainer import SiteImages


@dataclass(frozen=True)
class SiteData:
    """A site's images, prepared; ``domain_index`` is the domain of all of them."""

    name: str
    images: SiteImages
    domain_index: int


def pooled(sites: Sequence[SiteData], name: str) -> SiteData:
    """Put all sites' images together; the domain labels stay those of the sites."""
    return SiteData(
        name,
        SiteImages(
            concatenated([site.images.training for site in sites]),
            concatenated([site.images.validation for site in sites]),
            sum(site.images.left_out_count for site in sites),
        ),
        sites[0].domain_index,
    )


def concatenated(parts: Sequence[PreparedImages]) -> PreparedImages:
    """Put images one behind the other."""
    return PreparedImages(
        torch.cat([part.pixels for part in parts]),
        torch.cat([part.lesion_labels for part in parts]),
        torch.cat([part.domain_labels for part in parts]),
        tuple(sample for part in parts for sample in part.samples),
    )
