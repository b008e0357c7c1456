"""Maps of heat, 0 to 1, as colours that let the picture under them through.

Pure; the viewer and the pictures in reports draw with it.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from desktop_client.imaging.viewport import Box

HeatMap = npt.NDArray[np.float32]
"""``[h, w]`` over a whole image of any size: 0 where nothing is, 1 at the strongest place."""

_VIRIDIS: Final = (
    "440154 481769 472a7a 433d84 3d4e8a 355e8d 2e6d8e 297b8e 23898e "
    "1f978b 21a585 2eb37c 46c06f 65cb5e 89d548 b0dd2f d8e219 fde725"
)
"""Equal steps of heat look equally far apart, to colour-blind eyes too; far from skin and greys.

Source: S. van der Walt and N. Smith 2015, viridis, https://bids.github.io/colormap/ (CC0), every
15th of its 256 colours.
"""
_STEPS: Final = np.array([list(bytes.fromhex(one)) for one in _VIRIDIS.split()])
COLOURS: Final = np.rint(
    [np.interp(np.arange(256), np.arange(0, 256, 15), channel) for channel in _STEPS.T]
).T.astype(np.uint8)
"""``[256, 3]`` red, green and blue, from no heat to the strongest."""
OUTLINED: Final = 128
"""A line is drawn around what has at least half the heat: colour is not the only sign."""
LINE_COLOURS: Final = ((255, 255, 255), (0, 0, 0))
"""Inside and outside of the line; one of them is seen on any picture."""

Layer = npt.NDArray[np.uint8]
"""``[H, W, 4]`` red, green, blue and opacity."""


def heat_layer(
    heat: HeatMap, size: tuple[int, int], strength: float, part: Box = (0, 0, 1, 1)
) -> Layer:
    """Return what is laid over a picture; the hotter, the less of the picture shows through.

    Args:
        heat: Of the whole image.
        size: Width and height of the layer.
        strength: Opacity of the strongest place, 0 to 1; at 0 nothing is seen, not even the line.
        part: Which part of the image the layer lies over, in shares of its width and height.
    """
    hot = _resampled(heat, size, part)
    if strength <= 0:
        return np.zeros((*hot.shape, 4), dtype=np.uint8)
    table = np.empty((256, 4), dtype=np.uint8)
    table[:, :3], table[:, 3] = COLOURS, np.rint(strength * np.arange(256))
    looked_up = np.take(table.view(np.uint32)[:, 0], hot)  # four bytes at a time: twice as quick
    layer = looked_up.view(np.uint8).reshape(*hot.shape, 4)
    for line, colour in zip(_lines(hot >= OUTLINED), LINE_COLOURS, strict=True):
        layer[line] = (*colour, 255)
    return layer


def blended(picture: npt.NDArray[np.uint8], layer: Layer) -> npt.NDArray[np.uint8]:
    """Return a picture ``[H, W, 3]`` with a layer of its size over it."""
    opacity = layer[..., 3:].astype(np.float32) / 255
    mixed = picture * (1 - opacity) + layer[..., :3] * opacity
    return np.rint(mixed).astype(np.uint8)


def _resampled(heat: HeatMap, size: tuple[int, int], part: Box) -> npt.NDArray[np.uint8]:
    """Return a part of a map at another size ``[H, W]``, 0 to 255."""
    height, width = heat.shape
    box = (part[0] * width, part[1] * height, part[2] * width, part[3] * height)
    scaled = Image.fromarray(heat * np.float32(255)).resize(size, Image.Resampling.BILINEAR, box)
    levels: npt.NDArray[np.uint8] = np.rint(np.asarray(scaled)).astype(np.uint8)
    return levels


def _lines(is_hot: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the pixels just inside and just outside of an area; its cut at an edge is no line."""
    padded = np.pad(is_hot, 1, mode="edge")
    around = padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]
    all_hot, any_hot = np.logical_and.reduce(around), np.logical_or.reduce(around)
    return is_hot & ~all_hot, ~is_hot & any_hot
