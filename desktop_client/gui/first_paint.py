"""Notices when the first window is painted: until then, people wait for the program to start."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QPaintEvent


class FirstPaint(QObject):
    """Watches the application's windows until one is painted."""

    seen = Signal()
    """Emitted once, after the paint."""

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__(app)
        self._app = app
        app.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        """Look at what comes by and let it pass."""
        if isinstance(event, QPaintEvent):  # thousands come by; to ask each for its type is slow
            self._app.removeEventFilter(self)
            QTimer.singleShot(0, self.seen.emit)  # the event has yet to reach the window
        return False
