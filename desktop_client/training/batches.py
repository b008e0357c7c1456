"""Batches without end, in an order that a seed fixes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from coordinator.study import Augmentation
from desktop_client.training.augmentation import vary
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.inputs import Inputs
from desktop_client.training.restyle import Restyler
from desktop_client.training.step import Batch


@dataclass(frozen=True)
class BatchPlan:
    """How many images a batch has, which, and how varied; ``seed`` fixes order and variation."""

    size: int
    seed: int
    sampling: Literal["natural", "balanced"] = "natural"
    augmentation: Augmentation = "none"


@dataclass(frozen=True)
class Order:
    """Where in the images a source is; ``queue`` holds the rows that come next."""

    generator: Tensor
    queue: Tensor


class Batches(Iterator[Batch]):
    """Batches without end.

    The last images of a pass share a batch with the first of the next one, so that all batches
    are full; fewer images than a batch takes make one batch of all. A restyled image has the
    domain label of the style, and its own lesion label; after that images are varied.
    """

    def __init__(
        self,
        images: PreparedImages,
        inputs: Inputs,
        plan: BatchPlan,
        restyler: Restyler | None = None,
    ) -> None:
        self.size = min(plan.size, len(images))
        self._images = images
        self._inputs = inputs
        self._plan = plan
        self._restyler = restyler
        self._generator = torch.Generator().manual_seed(plan.seed)
        self._queue = self._last = torch.empty(0, dtype=torch.int64)

    @property
    def order(self) -> Order:
        """Where it is now; together with the size all that the next batches depend on."""
        return Order(self._generator.get_state(), self._queue)

    def go_on_from(self, order: Order, size: int) -> None:
        """Continue as the source did whose order and size these were."""
        self._generator.set_state(order.generator)
        self._queue, self.size = order.queue, size

    def halve(self) -> None:
        """Make batches half as large; the images of the last one come again."""
        self._queue = torch.cat([self._last, self._queue])
        self.size //= 2

    def __next__(self) -> Batch:
        while len(self._queue) < self.size:
            passed = _one_pass(self._images, self._plan, self._generator)
            self._queue = torch.cat([self._queue, passed])
        rows, self._queue = self._queue[: self.size], self._queue[self.size :]
        self._last = rows
        if self._restyler is None:
            values = self._inputs.read(self._images, rows)
            domain_labels = self._images.domain_labels[rows]
        else:
            values, domain_labels = _restyled(
                self._images, self._inputs, rows, self._restyler, self._generator
            )
        values = vary(values, self._plan.augmentation, self._generator)
        return Batch(
            values,
            self._images.lesion_labels[rows].to(values.device),
            domain_labels.to(values.device),
        )


def _one_pass(images: PreparedImages, plan: BatchPlan, generator: torch.Generator) -> Tensor:
    """Return as many rows as there are images: each once, or each class of a domain as often."""
    if plan.sampling == "natural":
        return torch.randperm(len(images), generator=generator)
    labels = torch.stack([images.domain_labels, images.lesion_labels])
    _, groups, counts = labels.unique(dim=1, return_inverse=True, return_counts=True)
    shares = 1 / counts[groups].double()
    return torch.multinomial(shares, len(images), replacement=True, generator=generator)


def _restyled(
    images: PreparedImages,
    inputs: Inputs,
    rows: Tensor,
    restyler: Restyler,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    own_domains = images.domain_labels[rows]
    drawn = restyler.draw(rows, own_domains, generator)
    chosen = drawn.is_restyled
    domain_labels = torch.where(chosen, drawn.domain_labels, own_domains)
    if not bool(chosen.any()):
        return inputs.read(images, rows), domain_labels
    restyled = inputs.read_restyled(
        images,
        rows[chosen],
        restyler.styles_of(drawn),
        restyler.references_of(own_domains[chosen]),
    )
    if bool(chosen.all()):
        return restyled, domain_labels
    own = inputs.read(images, rows[~chosen])
    values = own.new_empty(len(rows), *own.shape[1:])
    values[chosen.to(values.device)] = restyled
    values[~chosen.to(values.device)] = own
    return values, domain_labels
