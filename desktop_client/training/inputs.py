"""What the trained stages of an extractor read of images, restyled or not.

Without frozen stages that is the standardised image. With them it is their activations, which stay
the same all through a training and are therefore computed once and kept.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from coordinator.study import InputContract
from desktop_client.training.dataset import PreparedImages
from desktop_client.training.model import SiteBlindModel
from desktop_client.training.restyle import restyle

MEMORY_LIMIT_BYTES: Final = 2_000_000_000

Key = tuple[str, str, bytes]
"""Digest of the frozen stages and of how images are given to them; sample; the style's values and
strength, or nothing."""


class Standardise(nn.Module):
    """Pixels ``[B, C, S, S]``, 0 to 1, as the study's extractors read them."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, contract: InputContract) -> None:
        super().__init__()
        shape = (1, contract.channels, 1, 1)
        self.register_buffer("mean", torch.tensor(contract.mean).view(shape))
        self.register_buffer("deviation", torch.tensor(contract.standard_deviation).view(shape))

    def forward(self, pixels: Tensor) -> Tensor:
        """Return pixels that have the contract's mean and deviation as 0 and 1."""
        return (pixels - self.mean) / self.deviation


class ActivationMemory:
    """Keeps activations by image and style, up to a limit; what does not fit is computed anew."""

    def __init__(self, limit_bytes: int = MEMORY_LIMIT_BYTES) -> None:
        self._activations: dict[Key, Tensor] = {}
        self._room_bytes = limit_bytes

    def get(self, key: Key) -> Tensor | None:
        """Return what is kept, or None."""
        return self._activations.get(key)

    def keep(self, key: Key, activations: Tensor) -> None:
        """Keep activations ``[C, H, W]`` of one image, if there is room."""
        if key not in self._activations and activations.nbytes <= self._room_bytes:
            self._activations[key] = activations
            self._room_bytes -= activations.nbytes


class Inputs:
    """Reads images for one model, as its frozen stages are now.

    Args:
        model: On the device to compute on.
        contract: How pixels are standardised.
        memory: Kept over several models and rounds; None keeps nothing.
        strength: Of restyling, 0 to 1.
    """

    def __init__(
        self,
        model: SiteBlindModel,
        contract: InputContract,
        memory: ActivationMemory | None = None,
        strength: float = 1.0,
    ) -> None:
        self._strength = strength
        self._frozen = model.frozen_stages
        self._device = next(model.parameters()).device
        self._standardise = Standardise(contract).to(self._device)
        self._memory = memory or ActivationMemory(limit_bytes=0)
        self._digest = "" if self._frozen is None else _digest_of(self._frozen, contract)

    def read(self, images: PreparedImages, rows: Tensor) -> Tensor:
        """Return the inputs ``[B, ...]`` of the images ``rows [B]``."""
        keys = [(self._digest, images.samples[row].sample_id, b"") for row in rows.tolist()]
        return self._through_frozen(keys, lambda wanted: self.pixels(images, rows[wanted]))

    def read_restyled(
        self,
        images: PreparedImages,
        rows: Tensor,
        styles: Tensor,
        references: Tensor | None = None,
    ) -> Tensor:
        """Return the inputs of images in other styles ``[B, 2, C]``; see ``restyle``.

        Styles of as many channels as the image has are those of images; all others those of
        activations.
        """
        styles = styles.to(self._device)
        references = None if references is None else references.to(self._device)
        if styles.shape[2] != images.pixels.shape[1]:
            return restyle(self.read(images, rows), styles, self._strength, references)
        told = styles if references is None else torch.cat([styles, references], dim=1)
        strength = np.float64(self._strength).tobytes()
        keys = [
            (self._digest, images.samples[row].sample_id, values.tobytes() + strength)
            for row, values in zip(rows.tolist(), told.cpu().numpy(), strict=True)
        ]

        def pixels_of(wanted: list[int]) -> Tensor:
            pixels = self.pixels(images, rows[wanted])
            usual = None if references is None else references[wanted]
            return restyle(pixels, styles[wanted], self._strength, usual).clamp(0, 1)

        return self._through_frozen(keys, pixels_of)

    def pixels(self, images: PreparedImages, rows: Tensor) -> Tensor:
        """Return the images ``[B, C, S, S]``, 0 to 1, before they are standardised."""
        pixels = images.pixels[rows]
        if self._device.type == "cuda":
            pixels = pixels.pin_memory()  # else the copy would hold up what is computed meanwhile
        return pixels.to(self._device, non_blocking=True).float().div_(255)

    def _through_frozen(
        self, keys: Sequence[Key], pixels_of: Callable[[list[int]], Tensor]
    ) -> Tensor:
        """Return what is kept for each key; compute the others from their pixels."""
        everything = list(range(len(keys)))
        if self._frozen is None:
            standardised: Tensor = self._standardise(pixels_of(everything))
            return standardised
        kept = [self._memory.get(key) for key in keys]
        missing = [place for place in everything if kept[place] is None]
        if missing:
            with torch.no_grad():
                made = self._frozen(self._standardise(pixels_of(missing))).cpu()
            for place, activations in zip(missing, made, strict=True):
                kept[place] = alone = activations.clone()  # not a view that holds the batch
                self._memory.keep(keys[place], alone)
        return torch.stack([a for a in kept if a is not None]).to(self._device)


def _digest_of(stages: nn.Module, contract: InputContract) -> str:
    digest = hashlib.sha256(contract.model_dump_json().encode())
    for tensor in stages.state_dict().values():
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
