"""One window per project: a second start hands its files over to the first and ends.

The lock of the project is what keeps two writers apart; this only spares people the refusal.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop_client.paths import Home, user_name

PATIENCE_MS: Final = 2000
LONGEST_BYTES: Final = 1_000_000
DONE: Final = b"ok\n"


def hand_over(home: Home, paths: Sequence[Path]) -> bool:
    """Ask the window that has this project open to come forward and open these files.

    Returns:
        Whether there is one, of this user; it may then be left to it.
    """
    socket = QLocalSocket()
    socket.connectToServer(_name(home))
    if not socket.waitForConnected(PATIENCE_MS):
        return False
    socket.write(json.dumps([str(path) for path in paths]).encode() + b"\n")
    answered = socket.waitForReadyRead(PATIENCE_MS) and bytes(socket.readLine().data()) == DONE
    socket.disconnectFromServer()
    return answered


class Instance(QObject):
    """Listens for later starts on the same project; the project's lock must be held."""

    asked = Signal(list)
    """Somebody started the program again, with these paths."""

    def __init__(self, home: Home, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self.on_server_new_connection)
        QLocalServer.removeServer(_name(home))  # what a killed process left
        self._server.listen(_name(home))

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def on_server_new_connection(self) -> None:
        """Wait for what it has to say."""
        socket = self._server.nextPendingConnection()
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(lambda: self._answer(socket))

    def _answer(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > LONGEST_BYTES:
            socket.abort()
        elif socket.canReadLine():
            try:
                told = json.loads(bytes(socket.readLine().data()))
                paths = [Path(str(path)) for path in told]
            except (ValueError, TypeError):
                socket.abort()
                return
            socket.write(DONE)
            socket.flush()
            self.asked.emit(paths)


def _name(home: Home) -> str:
    """Return a short name that belongs to this user and this folder."""
    whose = f"{user_name()}\0{home.path.resolve()}"
    return f"siteblind-{hashlib.sha256(whose.encode()).hexdigest()[:20]}"
