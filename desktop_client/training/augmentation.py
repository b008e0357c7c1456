"""Images varied anew each time they are trained on, in ways that leave the lesion what it is.

Works on whole batches where the batch is, with draws from a generator that is saved with the
training, so that a resumed one sees the same. What frozen stages made of images is never varied: it
is kept for the whole training.
"""

from typing import Final

import torch
from torch import Tensor

from coordinator.study import Augmentation
from desktop_client.training.layers import functional

LEAST_SIDE: Final = 0.9
"""Of a crop, in sides of the image; a lesion that reaches the edge stays recognisable."""
LIGHT: Final = 0.1
"""By how much contrast is multiplied and, in standard deviations, brightness moved, at most. Colour
is left alone: lesions are told by it."""


def vary(inputs: Tensor, choice: Augmentation, generator: torch.Generator) -> Tensor:
    """Return standardised images ``[B, C, S, S]``, each varied for itself.

    ``flips``: mirrored left to right, upside down, or both. ``mild``: then also cropped and lit a
    little otherwise.
    """
    if choice == "none":
        return inputs
    flips = torch.rand(2, len(inputs), generator=generator) < 0.5
    for is_flipped, flip in zip(flips, (functional.hflip, functional.vflip), strict=True):
        chosen = is_flipped.to(inputs.device)[:, None, None, None]
        inputs = torch.where(chosen, flip(inputs), inputs)
    return inputs if choice == "flips" else _lit(_cropped(inputs, generator), generator)


def _cropped(inputs: Tensor, generator: torch.Generator) -> Tensor:
    """Cut a square out of each image and enlarge it to the whole."""
    size_px = inputs.shape[3]
    shares = torch.rand(3, len(inputs), generator=generator)
    sides = (size_px * (LEAST_SIDE + (1 - LEAST_SIDE) * shares[0])).round().long()
    room = size_px - sides
    tops, lefts = ((share * (room + 1)).floor().long().clamp(max=room) for share in shares[1:])
    boxes = zip(inputs, tops.tolist(), lefts.tolist(), sides.tolist(), strict=True)
    return torch.stack(
        [
            functional.resized_crop(image, top, left, side, side, [size_px, size_px])
            for image, top, left, side in boxes
        ]
    )


def _lit(inputs: Tensor, generator: torch.Generator) -> Tensor:
    """Change contrast and brightness, of all channels alike."""
    draws = LIGHT * (2 * torch.rand(2, len(inputs), 1, 1, 1, generator=generator) - 1)
    contrast, brightness = draws.to(inputs.device)
    lit: Tensor = inputs * (1 + contrast) + brightness
    return lit
