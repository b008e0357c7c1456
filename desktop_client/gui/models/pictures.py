"""Arrays as Qt's pictures."""

from PySide6.QtGui import QImage

from desktop_client.imaging.rendering import Grey


def to_qimage(levels: Grey) -> QImage:
    """Return grey levels ``[H, W]`` or ``[H, W, 3]`` as a picture of its own memory."""
    height, width = levels.shape[:2]
    layout = QImage.Format.Format_Grayscale8 if levels.ndim == 2 else QImage.Format.Format_RGB888
    return QImage(levels.tobytes(), width, height, levels.strides[0], layout).copy()
