"""Batches without end, in an order that a seed fixes."""

from collections.abc import Iterator

import torch
from torch import Tensor

from desktop_client.training.dataset import PreparedImages
from desktop_client.training.inputs import Inputs
from desktop_client.training.restyle import Restyler
from desktop_client.training.step import Batch


def batches(
    images: PreparedImages,
    inputs: Inputs,
    batch_size: int,
    seed: int,
    restyler: Restyler | None = None,
) -> Iterator[Batch]:
    """Yield batches without end, every image once per pass.

    The last images of a pass share a batch with the first of the next one, so that all batches
    are full; fewer images than ``batch_size`` make one batch of all. A restyled image has the
    domain label of the style, and its own lesion label.
    """
    generator = torch.Generator().manual_seed(seed)
    size = min(batch_size, len(images))
    queue = torch.empty(0, dtype=torch.int64)
    while True:
        while len(queue) < size:
            queue = torch.cat([queue, torch.randperm(len(images), generator=generator)])
        rows, queue = queue[:size], queue[size:]
        if restyler is None:
            values, domain_labels = inputs.read(images, rows), images.domain_labels[rows]
        else:
            values, domain_labels = _restyled(images, inputs, rows, restyler, generator)
        yield Batch(
            values,
            images.lesion_labels[rows].to(values.device),
            domain_labels.to(values.device),
        )


def _restyled(
    images: PreparedImages,
    inputs: Inputs,
    rows: Tensor,
    restyler: Restyler,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    drawn = restyler.draw(rows, generator)
    chosen = drawn.is_restyled
    domain_labels = torch.where(chosen, drawn.domain_labels, images.domain_labels[rows])
    if not bool(chosen.any()):
        return inputs.read(images, rows), domain_labels
    restyled = inputs.read_restyled(images, rows[chosen], restyler.styles_of(drawn))
    if bool(chosen.all()):
        return restyled, domain_labels
    own = inputs.read(images, rows[~chosen])
    values = own.new_empty(len(rows), *own.shape[1:])
    values[chosen.to(values.device)] = restyled
    values[~chosen.to(values.device)] = own
    return values, domain_labels
