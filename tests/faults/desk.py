"""A person labelling at great speed, as a process that may be killed at any moment.

``python -m tests.faults.desk HOME`` reads a seed per line and begins, in a process of its own, the
real window on that home. Its person presses keys at random; after each, what the screen shows by
then is said as a line of JSON. Begun anew for each seed, so that Qt is loaded only once.
"""

import json
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.views.dialogs import Dialogs
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings

CONTROL = Qt.KeyboardModifier.ControlModifier
ACTS = (*"112233", "0", "undo", "undo", "redo", "exclude", "note", "several")


class HurriedDialogs(Dialogs):
    """Answers at once."""

    def ask_reader(self, known: Sequence[str], present: str) -> str | None:
        return "Dr. Ada"

    def ask_exclusion_reason(self, count: int) -> str | None:
        return "blurred"

    def ask_note(self, count: int, present: str) -> str | None:
        return f"{present[-20:]}."


def main() -> None:
    home = Home(Path(sys.argv[1]))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(home, int(line))
        say({"pid": child})
        os.waitpid(child, 0)
        say({"ended": child})


def work(home: Home, seed: int) -> NoReturn:
    """Label until killed."""
    app = QApplication(["siteblind-desktop"])
    window = MainWindow(home, ClientSettings(reader_name="Dr. Ada"), HurriedDialogs())
    window.show()
    window.start()
    draw = random.Random(seed)
    with LabelStore(home.labels_path) as store:  # only to count; what is said is on the screen
        while True:
            app.processEvents()
            say({"entries": store.audit.entry_count(), "shown": shown(window)})
            act(window, draw)


def act(window: MainWindow, draw: random.Random) -> None:
    """Go to some image and press a key."""
    grid = window.images.grid
    grid.go_to(draw.randrange(window.samples.rowCount()))
    match draw.choice(ACTS):
        case "undo":
            QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
        case "redo":
            QTest.keyClick(window, Qt.Key.Key_Y, CONTROL)
        case "exclude":
            window.menus.actions["exclude"].trigger()
        case "note":
            window.menus.actions["note"].trigger()
        case "several":
            grid.selectAll()
            QTest.keyClicks(grid, draw.choice("123"))
        case key:
            QTest.keyClicks(grid, key)


def shown(window: MainWindow) -> dict[str, list[str]]:
    """Return what the screen says of each image: label, exclusion, note."""
    return {
        sample.sample_id: [window.samples.label_text(sample), sample.exclusion or "", sample.note]
        for sample in window.samples.samples
    }


def say(told: object) -> None:
    """Write a line in one piece."""
    os.write(1, json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    main()
