"""From decoded pixels to the input that the study's contract fixes for every site."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from coordinator.study import InputContract
from desktop_client.imaging.image import DecodedImage, Pixels
from desktop_client.imaging.shown_range import window_range

LUMA: Final = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey. Source: ITU-R BT.601-7, section 2.5.1."""

MINKOWSKI: Final = 6
"""Norm by which the colour of the light is estimated."""

_Planes = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where in the square of a model's input the whole image lies; the rest is filling."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def of(cls, width_px: int, height_px: int, size_px: int) -> Self:
        """Return the place of an image whose longer side becomes ``size_px``, in the centre."""
        scale = size_px / max(width_px, height_px)
        width, height = (max(1, round(side * scale)) for side in (width_px, height_px))
        return cls((size_px - width) // 2, (size_px - height) // 2, width, height)

    @property
    def part(self) -> tuple[slice, slice]:
        """Rows and columns of the image in an array ``[..., S, S]``."""
        rows = slice(self.top, self.top + self.height)
        return rows, slice(self.left, self.left + self.width)


def to_input(image: DecodedImage, contract: InputContract) -> npt.NDArray[np.uint8]:
    """Make the model's input of an image: uint8 ``[C, S, S]``, 0 to 255 for the full range.

    Where the file names a window (DICOM), that is the full range: of the 65,536 values of a CT
    slice tissue takes some 400, of which hardly three would be left.

    The whole image is kept, in its own proportions, centred on a square filled with the image's
    mean colour. Cutting a square out of the centre would lose lesions that reach the edge, and
    squeezing would change the asymmetry that lesions are judged by. Black bars would be the
    strongest edges in the picture and the same for all images of a scanner; the mean is nearly
    invisible. The contract's mean and standard deviation are applied later, on the device.
    """
    placement = Placement.of(image.width_px, image.height_px, contract.size_px)
    size = placement.width, placement.height
    stored = image.pixels if image.is_colour else image.pixels[..., None]
    scaled = np.stack([_resize(plane, size) for plane in np.moveaxis(stored, 2, 0)])
    values = _fit_channels(_stretch(scaled, image), contract.channels)
    if contract.intensity == "shades_of_grey" and image.is_colour and contract.channels == 3:
        values = _without_light_colour(values)
    rounded = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    square = np.empty((contract.channels, contract.size_px, contract.size_px), dtype=np.uint8)
    square[:] = np.rint(rounded.mean(axis=(1, 2), keepdims=True))
    square[:, *placement.part] = rounded
    return square


def _stretch(planes: _Planes, image: DecodedImage) -> _Planes:
    """Bring ``[C, H, W]`` from the image's range, or its window's, to 0 to 255."""
    if not image.windows:
        return planes * np.float32(255 / image.maximum)
    low, high = window_range(image.windows[0], image.scale)
    stretched: _Planes = (planes - np.float32(low)) * np.float32(255 / (high - low))
    return np.clip(stretched, 0, 255)


def _without_light_colour(planes: _Planes) -> _Planes:
    r"""Scale each channel of ``[3, H, W]`` so that the light, as estimated, is grey.

    The light in channel c is estimated as :math:`(\overline{v_c^p})^{1/p}`; channels are scaled to
    the mean of the three estimates, so that the image keeps its brightness.

    Source:
        Finlayson and Trezzi 2004, Shades of Gray and Colour Constancy, with p = 6; Barata et al.
        2015, https://doi.org/10.1109/JBHI.2014.2336473, for dermoscopy from several devices.
    """
    light = np.power(np.mean(np.power(planes / 255, MINKOWSKI), axis=(1, 2)), 1 / MINKOWSKI)
    scale = light.mean() / np.maximum(light, 1 / 255)
    scaled: _Planes = (planes * scale[:, None, None]).astype(np.float32)
    return scaled


def _fit_channels(planes: _Planes, channel_count: int) -> _Planes:
    """Make ``[channel_count, H, W]``: grey is repeated, colour is weighted to grey."""
    if len(planes) == channel_count:
        return planes
    if channel_count == 1:
        return np.tensordot(np.array([LUMA], dtype=np.float32), planes, axes=1)
    return planes.repeat(channel_count, axis=0)


def _resize(plane: Pixels, size: tuple[int, int]) -> _Planes:
    """Resample one ``[H, W]`` plane in float32; Pillow widens the filter when it shrinks."""
    source = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(source.resize(size, Image.Resampling.BILINEAR))
