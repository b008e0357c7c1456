"""How curves are told apart without colour."""

from dataclasses import dataclass

from PySide6.QtCore import Qt


@dataclass(frozen=True)
class CurveStyle:
    """Name, dash and mark of one curve; its colour comes from the palette by its place."""

    name: str
    dash: Qt.PenStyle = Qt.PenStyle.SolidLine
    width: float = 2.0
    mark: str | None = None
    """One of pyqtgraph's symbols, for example ``o`` or ``s``."""
