"""What every reader gives: upright grey or RGB pixels, as deep as the file had them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from desktop_client.imaging.origin import Origin

Pixels = npt.NDArray[np.uint8 | np.uint16]


@dataclass(frozen=True, slots=True)
class ValueScale:
    """What a pixel measures: ``value = slope * pixel + intercept``.

    The slope is negative where the file says that its largest values are black (MONOCHROME1),
    since pixels always have 0 as black.
    """

    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    """As people write it, for example ``"HU"``; empty where the file names none."""


@dataclass(frozen=True, slots=True)
class Window:
    """A range of values to stretch over the screen's grey levels, as DICOM's VOI window."""

    centre: float
    width: float
    """Greater than 0."""
    name: str = ""


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """One frame of a file.

    ``pixels`` is uint8 or uint16, ``[H, W]`` for grey or ``[H, W, 3]`` for RGB; 0 is black. The
    file's orientation is applied, its palette expanded, its alpha composited over white. Colour
    profiles are not applied: what was stored is what is judged and what identifies the image.
    """

    pixels: Pixels
    frame: int = 0
    """Position among the file's frames, from 0."""
    scale: ValueScale = ValueScale()
    windows: tuple[Window, ...] = ()
    """How the file wants to be looked at, in units of ``scale``; the first is the default.

    None where all the pixels' range is to be shown."""
    origin: Origin | None = None
    """Of files whose header says where they come from."""

    def __post_init__(self) -> None:
        shape, dtype = self.pixels.shape, self.pixels.dtype
        is_grey_or_rgb = len(shape) == 2 or shape[2:] == (3,)
        is_sound = is_grey_or_rgb and 0 not in shape and dtype in (np.uint8, np.uint16)
        assert is_sound, (shape, dtype)  # noqa: S101  readers are ours; they must keep to this

    @property
    def height_px(self) -> int:
        """Number of rows."""
        return int(self.pixels.shape[0])

    @property
    def width_px(self) -> int:
        """Number of columns."""
        return int(self.pixels.shape[1])

    @property
    def is_colour(self) -> bool:
        """Whether there are three channels, even if all three are equal."""
        return self.pixels.ndim == 3

    @property
    def maximum(self) -> int:
        """Largest value the bit depth can hold: 255 or 65535."""
        return int(np.iinfo(self.pixels.dtype).max)
