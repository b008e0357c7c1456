"""A map of where a model looks as a picture to lay over an image."""

from PySide6.QtGui import QImage

from desktop_client.gui.models.pictures import to_qimage
from desktop_client.imaging.heat import HeatMap, heat_layer
from desktop_client.imaging.viewport import SeenPart, Size


class HeatDrawing:
    """One map at one strength; its picture is made anew only when another part is seen."""

    def __init__(self, heat: HeatMap, strength: float) -> None:
        self._heat = heat
        self._strength = strength
        self._part: SeenPart | None = None
        self._layer = QImage()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, HeatDrawing)
            and other._heat is self._heat
            and other._strength == self._strength
        )

    __hash__ = None  # type: ignore[assignment]  # compared, never looked up

    def layer(self, part: SeenPart, image: Size) -> QImage:
        """Return what lies over a part of an image of this size, in pixels of the screen."""
        if part != self._part:
            shares = (*image, *image)
            left, top, right, bottom = (
                edge / whole for edge, whole in zip(part.box, shares, strict=True)
            )
            size = part.width, part.height
            pixels = heat_layer(self._heat, size, self._strength, (left, top, right, bottom))
            self._part, self._layer = part, to_qimage(pixels)
        return self._layer
