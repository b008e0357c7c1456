"""A site's own numbers of its acquisition domains, and the study's indices of them."""

from collections.abc import Iterable
from dataclasses import replace

import torch

from desktop_client.training.trainer import SiteImages


def domains_of(images: SiteImages) -> list[int]:
    """Return the numbers of the domains that have an image."""
    labels = torch.cat([images.training.domain_labels, images.validation.domain_labels])
    return [int(number) for number in labels.unique()]


def with_indices(images: SiteImages, indices: Iterable[int]) -> SiteImages:
    """Give each image the study's index of its domain instead of the number it has here."""
    table = torch.tensor(list(indices), dtype=torch.int64)
    training, validation = (
        replace(part, domain_labels=table[part.domain_labels])
        for part in (images.training, images.validation)
    )
    return replace(images, training=training, validation=validation)
