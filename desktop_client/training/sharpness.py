"""Sharpness-aware steps: follow the gradient of the worst loss near the parameters.

Source:
    Foret et al. 2021, https://arxiv.org/abs/2010.01412, algorithm 1; Caldarola et al. 2022,
    https://arxiv.org/abs/2203.11834 (for federated learning).
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def at_the_worst_nearby(parameters: Sequence[nn.Parameter], radius: float) -> Generator[None]:
    """Move parameters along their gradients by ``radius`` in all; put them back on leaving."""
    moved = [p for p in parameters if p.grad is not None]
    gradients = [p.grad for p in moved if p.grad is not None]
    norm = nn.utils.get_total_norm(gradients)
    places = [p.detach().clone() for p in moved]
    with torch.no_grad():
        for parameter, gradient in zip(moved, gradients, strict=True):
            parameter.add_(gradient * (radius / norm.clamp(min=1e-12)))
    try:
        yield
    finally:
        with torch.no_grad():
            for parameter, place in zip(moved, places, strict=True):
                parameter.copy_(place)
