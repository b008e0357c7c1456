"""Which part of an image is seen, and how large; pure geometry.

Lengths are in pixels of the screen (device pixels) or of the image, and say which.
"""

from dataclasses import dataclass, replace
from typing import Final

LARGEST_ZOOM: Final = 32.0
SMALLEST_SHARE: Final = 0.5
"""An image is never smaller than so large a share of its fitted size."""
PIXELS_SEEN_FROM: Final = 4.0
"""Beyond this zoom pixels are drawn as squares; up to it, smoothed."""

Size = tuple[float, float]
"""Width and height."""
Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True, slots=True)
class SeenPart:
    """Which pixels of the screen show an image, and which part of it they show."""

    left: int
    top: int
    width: int
    height: int
    box: Box
    """In image pixels, inside the image."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """Where on an image the middle of the screen is, and how large its pixels are."""

    zoom: float
    """Screen pixels per image pixel."""
    centre: tuple[float, float]
    """In image pixels; whole numbers are the edges between them."""

    @classmethod
    def fitting(cls, image: Size, screen: Size) -> "Viewport":
        """Return what shows the whole image, as large as can be without turning into squares."""
        zoom = min(screen[0] / image[0], screen[1] / image[1], PIXELS_SEEN_FROM)
        return cls(zoom, (image[0] / 2, image[1] / 2))

    def zoomed(self, factor: float, at: Size, image: Size, screen: Size) -> "Viewport":
        """Return a larger or smaller view that keeps what is at one place of the screen there."""
        least = SMALLEST_SHARE * Viewport.fitting(image, screen).zoom
        zoom = min(max(self.zoom * factor, least), LARGEST_ZOOM)
        fixed = self.image_point(at, screen)
        middle = (screen[0] / 2, screen[1] / 2)
        centre = (
            fixed[0] - (at[0] - middle[0]) / zoom,
            fixed[1] - (at[1] - middle[1]) / zoom,
        )
        return Viewport(zoom, centre)._kept_in(image)

    def moved(self, by: Size, image: Size) -> "Viewport":
        """Return the view after the image was dragged by so many screen pixels."""
        centre = (self.centre[0] - by[0] / self.zoom, self.centre[1] - by[1] / self.zoom)
        return replace(self, centre=centre)._kept_in(image)

    def at_actual_size(self, image: Size, screen: Size) -> "Viewport":
        """Return the view of the same place in which each pixel is one of the screen, sharp."""
        halves = (screen[0] / 2, screen[1] / 2)
        x, y = (round(self.centre[axis] - halves[axis]) + halves[axis] for axis in (0, 1))
        return Viewport(1.0, (x, y))._kept_in(image)

    def image_point(self, at: Size, screen: Size) -> Size:
        """Return which place of the image is at a place of the screen."""
        x, y = (self.centre[axis] + (at[axis] - screen[axis] / 2) / self.zoom for axis in (0, 1))
        return x, y

    def screen_point(self, at: Size, screen: Size) -> Size:
        """Return where on the screen a place of the image is."""
        x, y = ((at[axis] - self.centre[axis]) * self.zoom + screen[axis] / 2 for axis in (0, 1))
        return x, y

    def seen_part(self, image: Size, screen: tuple[int, int]) -> SeenPart | None:
        """Return what of the image is on a screen of this width and height; None if nothing is."""
        corners = self.screen_point((0, 0), screen), self.screen_point(image, screen)
        left, top = (max(0, round(corners[0][axis])) for axis in (0, 1))
        right, bottom = (min(screen[axis], round(corners[1][axis])) for axis in (0, 1))
        if right <= left or bottom <= top:
            return None
        edges = self.image_point((left, top), screen), self.image_point((right, bottom), screen)
        x0, y0, x1, y1 = (
            min(max(edge[axis], 0.0), image[axis]) for edge in edges for axis in (0, 1)
        )
        return SeenPart(left, top, right - left, bottom - top, (x0, y0, x1, y1))

    def _kept_in(self, image: Size) -> "Viewport":
        """Return the view with its middle on the image."""
        x, y = (min(max(self.centre[axis], 0.0), image[axis]) for axis in (0, 1))
        return replace(self, centre=(x, y))
