"""Labelled samples as tensors: decoded once, kept as bytes."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from coordinator.study import InputContract
from desktop_client.errors import ImageUnreadableError
from desktop_client.imaging.decode import decode_frame
from desktop_client.imaging.preprocess import to_input
from desktop_client.labelling.sample import Sample
from desktop_client.training.events import ImageLeftOut, ImagesPrepared
from desktop_client.training.model import UNLABELLED

DECODER_COUNT = 2
"""Threads that decode; Pillow and the codecs release the GIL, more only take cores from torch."""
DECODED_AHEAD = 128
"""Images decoded while those before them are being used."""

Thing = TypeVar("Thing")
Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class PreparedImages:
    """Images in the study's input format, in memory.

    Attributes:
        pixels: ``[N, C, S, S]`` uint8.
        lesion_labels: ``[N]`` int64, index of the class or ``UNLABELLED``.
        domain_labels: ``[N]`` int64.
        samples: The N samples, in the same order.
    """

    pixels: Tensor
    lesion_labels: Tensor
    domain_labels: Tensor
    samples: tuple[Sample, ...]

    def __len__(self) -> int:
        return len(self.samples)

    def select(self, sample_ids: frozenset[str]) -> "PreparedImages":
        """Return the named samples only, in the same order."""
        rows = [i for i, sample in enumerate(self.samples) if sample.sample_id in sample_ids]
        return self.at(torch.tensor(rows, dtype=torch.int64))

    def at(self, rows: Tensor) -> "PreparedImages":
        """Return the images ``rows [M]``, in that order."""
        return PreparedImages(
            self.pixels[rows],
            self.lesion_labels[rows],
            self.domain_labels[rows],
            tuple(self.samples[row] for row in rows.tolist()),
        )


def prepare_images(
    samples: Sequence[Sample],
    contract: InputContract,
    lesion_labels: Mapping[UUID, int],
    domain_labels: Mapping[UUID, int],
) -> Generator[ImagesPrepared | ImageLeftOut, None, PreparedImages]:
    """Decode and scale every image; an unreadable one is reported and left out.

    Args:
        samples: Their domains must be keys of ``domain_labels``.
        contract: Input size and channels.
        lesion_labels: Index of each class; samples of other classes become ``UNLABELLED``.
        domain_labels: Index of each domain.
    """
    kept: list[Sample] = []
    pixels: list[npt.NDArray[np.uint8]] = []
    loaded = load_ahead(samples, partial(load_input, contract=contract))
    for count, (sample, outcome) in enumerate(loaded, start=1):
        if isinstance(outcome, ImageUnreadableError):
            yield ImageLeftOut(sample.path, outcome.reason)
        else:
            pixels.append(outcome)
            kept.append(sample)
        yield ImagesPrepared(count, len(samples))
    side = (contract.channels, contract.size_px, contract.size_px)
    stacked = np.stack(pixels) if pixels else np.empty((0, *side), np.uint8)
    lesions = [
        UNLABELLED if s.class_id is None else lesion_labels.get(s.class_id, UNLABELLED)
        for s in kept
    ]
    return PreparedImages(
        torch.from_numpy(stacked),
        torch.tensor(lesions, dtype=torch.int64),
        torch.tensor([domain_labels[s.domain_id] for s in kept], dtype=torch.int64),
        tuple(kept),
    )


def load_ahead(
    things: Iterable[Thing], load: Callable[[Thing], Loaded]
) -> Generator[tuple[Thing, Loaded | ImageUnreadableError]]:
    """Load in a few threads, in the given order and only a little ahead of who iterates."""
    remaining = iter(things)
    waiting: deque[tuple[Thing, Future[Loaded]]] = deque()
    pool = ThreadPoolExecutor(DECODER_COUNT)

    def submit(count: int) -> None:
        waiting.extend((thing, pool.submit(load, thing)) for thing in islice(remaining, count))

    try:
        submit(DECODED_AHEAD)
        while waiting:
            thing, future = waiting.popleft()
            try:
                outcome: Loaded | ImageUnreadableError = future.result()
            except ImageUnreadableError as error:
                outcome = error
            submit(1)
            yield thing, outcome
    finally:
        pool.shutdown(cancel_futures=True)


def load_input(sample: Sample, contract: InputContract) -> npt.NDArray[np.uint8]:
    """Decode a sample and scale it to the model's input ``[C, S, S]``.

    Raises:
        ImageUnreadableError: if its file cannot be decoded any more, or has no such frame.
    """
    return to_input(decode_frame(sample.path, sample.frame), contract)
