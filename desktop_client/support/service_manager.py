"""Tells systemd, if it started this process, how it stands; does nothing anywhere else."""

import os
import socket
import sys
from contextlib import suppress
from typing import Final

VARIABLE: Final = "NOTIFY_SOCKET"
LONGEST_STATUS: Final = 200


def tell_ready(status: str) -> None:
    """Say that the service has started, and what it does now."""
    _tell("READY=1", _status(status))


def tell_status(status: str) -> None:
    """Say what the service does now; ``systemctl status`` shows it."""
    _tell(_status(status))


def tell_stopping() -> None:
    """Say that the service ends."""
    _tell("STOPPING=1")


def _status(words: str) -> str:
    return f"STATUS={' '.join(words.split())[:LONGEST_STATUS]}"


def _tell(*lines: str) -> None:
    """Send lines as sd_notify(3) does; one that gets lost costs nothing."""
    address = os.environ.get(VARIABLE, "")
    if not address or sys.platform == "win32":
        return
    if address.startswith("@"):  # a name without a file, which begins with a zero byte
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto("\n".join(lines).encode(), address)
