"""What several file formats need done to their pixels; pure."""

from typing import Final

import numpy as np

from desktop_client.imaging.image import Pixels

UPRIGHT: Final = 1
"""The orientation tag's value for an image that needs no turning."""


def turn_upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo the rotation and mirroring that an orientation tag tells of.

    Args:
        pixels: ``[H, W]`` or ``[H, W, C]``.
        orientation: 1 to 8; anything else is no orientation and changes nothing.

    Source:
        TIFF 6.0, section 8, tag 274; EXIF 2.32 uses the same values.
    """
    swapped = np.swapaxes(pixels, 0, 1)
    upright = {
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: swapped,
        6: swapped[:, ::-1],
        7: swapped[::-1, ::-1],
        8: swapped[::-1],
    }.get(orientation, pixels)
    return np.ascontiguousarray(upright)


def drop_alpha(pixels: Pixels, *, is_premultiplied: bool = False) -> Pixels:
    """Composite grey + alpha or RGB + alpha over white, as image viewers and paper show it.

    What lies under fully transparent pixels is often rubbish that nobody ever saw, so ignoring
    alpha would show it. Opaque pixels keep their exact value.

    Args:
        pixels: ``[H, W, 2]`` or ``[H, W, 4]``, alpha last.
        is_premultiplied: Whether the colours are already multiplied by alpha.

    Returns:
        ``[H, W]`` or ``[H, W, 3]``.
    """
    maximum = np.uint32(np.iinfo(pixels.dtype).max)
    colour = pixels[..., :-1].astype(np.uint32)
    alpha = pixels[..., -1:].astype(np.uint32)
    white = maximum - alpha
    if is_premultiplied:
        composed = np.minimum(colour + white, maximum)
    else:
        # At most maximum², plus half of maximum to round: below 2**32 for 16 bits too.
        composed = (colour * alpha + white * maximum + maximum // 2) // maximum
    squeezed = composed[..., 0] if composed.shape[-1] == 1 else composed
    return squeezed.astype(pixels.dtype)
