"""Prepared images that tests make up, without files."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import torch

from desktop_client.labelling.sample import Sample
from desktop_client.training.dataset import PreparedImages


def some_images(
    count: int,
    *,
    size_px: int = 16,
    lesions: Sequence[int] | None = None,
    domains: Sequence[int] | None = None,
    seed: int = 0,
) -> PreparedImages:
    """Make noise in colour; lesions 0 and 1 in turn, all in domain 0, unless given."""
    generator = torch.Generator().manual_seed(seed)
    return PreparedImages(
        torch.randint(256, (count, 3, size_px, size_px), generator=generator, dtype=torch.uint8),
        torch.arange(count) % 2 if lesions is None else torch.tensor(lesions),
        torch.zeros(count, dtype=torch.int64) if domains is None else torch.tensor(domains),
        tuple(
            Sample(f"{seed}-{row}", Path("a.png"), 0, size_px, size_px, str(row), UUID(int=0), None)
            for row in range(count)
        ),
    )
