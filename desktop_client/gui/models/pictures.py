"""Arrays as Qt's pictures."""

from typing import Final

from PySide6.QtGui import QImage

from desktop_client.imaging.rendering import Grey

LAYOUTS: Final = {
    1: QImage.Format.Format_Grayscale8,
    3: QImage.Format.Format_RGB888,
    4: QImage.Format.Format_RGBA8888,
}
"""By the number of channels."""


def to_qimage(levels: Grey) -> QImage:
    """Return grey ``[H, W]``, colours ``[H, W, 3]``, or these and opacity ``[H, W, 4]``.

    The picture has its own memory.
    """
    height, width = levels.shape[:2]
    layout = LAYOUTS[1 if levels.ndim == 2 else levels.shape[2]]
    return QImage(levels.tobytes(), width, height, levels.strides[0], layout).copy()
