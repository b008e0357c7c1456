"""Rectangles of an image that are painted black because something is written there."""

from collections.abc import Iterable
from dataclasses import dataclass

from desktop_client.imaging.image import Pixels


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels of the upright image, from its upper left corner."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int

    def within(self, width_px: int, height_px: int) -> "Area | None":
        """Return the part that lies inside an image of this size, or None."""
        left, top = max(0, self.left_px), max(0, self.top_px)
        right = min(width_px, self.left_px + self.width_px)
        bottom = min(height_px, self.top_px + self.height_px)
        if right <= left or bottom <= top:
            return None
        return Area(left, top, right - left, bottom - top)


def paint_black(pixels: Pixels, areas: Iterable[Area], black: int = 0) -> None:
    """Overwrite areas in place.

    Args:
        pixels: ``[H, W]`` or ``[H, W, C]``.
        areas: What to overwrite; what reaches beyond the image is cut off.
        black: The value that is shown as black.
    """
    for area in areas:
        inside = area.within(pixels.shape[1], pixels.shape[0])
        if inside is not None:
            rows = slice(inside.top_px, inside.top_px + inside.height_px)
            columns = slice(inside.left_px, inside.left_px + inside.width_px)
            pixels[rows, columns] = black
