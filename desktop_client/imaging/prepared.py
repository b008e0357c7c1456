"""An image with all that showing it needs, worked out where it was decoded: not in the window."""

from dataclasses import dataclass
from typing import Self

from desktop_client.imaging.image import DecodedImage, Window
from desktop_client.imaging.pyramid import Pyramid
from desktop_client.imaging.rendering import FULL_RANGE, presets


@dataclass(frozen=True, slots=True, eq=False)
class PreparedImage:
    """A decoded image that can be shown at once."""

    image: DecodedImage
    pyramid: Pyramid
    presets: tuple[Window, ...]
    """The windows to offer; the first is the one to begin with."""

    @classmethod
    def of(cls, image: DecodedImage) -> Self:
        """Prepare an image."""
        pyramid = Pyramid(image.pixels)
        pyramid.build()
        return cls(image, pyramid, tuple(presets(image)))

    @property
    def value_span(self) -> float:
        """How far the values of the image's full range lie apart; more than 0."""
        full = next(window for window in self.presets if window.name == FULL_RANGE)
        return full.width - 1 or 1.0

    @property
    def size_bytes(self) -> int:
        """How much memory it takes; the halved levels add a third."""
        return self.image.pixels.nbytes * 4 // 3
