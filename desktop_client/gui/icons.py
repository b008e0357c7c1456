"""Our own icons: SVG files drawn in one colour, which is replaced by the theme's."""

from functools import cache
from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_PIXELS = (16, 24, 32, 48, 64, 128)


def icon(name: str, colour: str) -> QIcon:
    """Return the icon ``resources/icons/<name>.svg`` in ``colour`` (``#rrggbb``)."""
    result = QIcon()
    for size_px in _PIXELS:
        result.addPixmap(pixmap(name, colour, size_px))
    return result


def pixmap(name: str, colour: str, size_px: int) -> QPixmap:
    """Return the icon as a square picture, sharp on the finest of the screens."""
    renderer = QSvgRenderer(QByteArray(_svg(name).replace("currentColor", colour).encode()))
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    result = QPixmap(round(size_px * ratio), round(size_px * ratio))
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    renderer.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return result


@cache
def _svg(name: str) -> str:
    return (resources.files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
