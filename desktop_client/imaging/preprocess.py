"""From decoded pixels to the input that the study's contract fixes for every site."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from coordinator.study import InputContract
from desktop_client.imaging.image import DecodedImage, Pixels

LUMA: Final = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey. Source: ITU-R BT.601-7, section 2.5.1."""

_Numbers = npt.NDArray[np.uint8 | np.uint16 | np.float32]


def to_input(image: DecodedImage, contract: InputContract) -> npt.NDArray[np.uint8]:
    """Make the model's input of an image: uint8 ``[C, S, S]``, 0 to 255 for the full range.

    The whole image is kept, in its own proportions, centred on a square filled with the image's
    mean colour. Cutting a square out of the centre would lose lesions that reach the edge, and
    squeezing would change the asymmetry that lesions are judged by. Black bars would be the
    strongest edges in the picture and the same for all images of a scanner; the mean is nearly
    invisible. The contract's mean and standard deviation are applied later, on the device.
    """
    channels = _fit_channels(image.pixels, contract.channels)  # [H, W, C]
    size = _scaled_size(image.width_px, image.height_px, contract.size_px)
    factor = 255.0 / image.maximum
    scaled = [_resize(channels[..., index], size) * factor for index in range(contract.channels)]
    square = np.empty((contract.channels, contract.size_px, contract.size_px), dtype=np.uint8)
    left, top = (contract.size_px - size[0]) // 2, (contract.size_px - size[1]) // 2
    for plane, values in zip(square, scaled, strict=True):
        values = np.clip(np.rint(values), 0, 255)
        plane[:] = np.rint(values.mean(dtype=np.float64))
        plane[top : top + size[1], left : left + size[0]] = values
    return square


def _fit_channels(pixels: Pixels, channel_count: int) -> _Numbers:
    """Give ``[H, W, channel_count]``: grey is repeated, colour is weighted to grey."""
    if pixels.ndim == 2:
        return np.broadcast_to(pixels[..., None], (*pixels.shape, channel_count))
    if channel_count == 1:
        return (pixels @ np.array(LUMA, dtype=np.float32))[..., None]
    return pixels


def _scaled_size(width_px: int, height_px: int, size_px: int) -> tuple[int, int]:
    """Return width and height whose longer side is ``size_px`` and neither is 0."""
    scale = size_px / max(width_px, height_px)
    return max(1, round(width_px * scale)), max(1, round(height_px * scale))


def _resize(plane: _Numbers, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Resample one ``[H, W]`` plane in float32; Pillow widens the filter when it shrinks."""
    source = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(source.resize(size, Image.Resampling.BILINEAR))
