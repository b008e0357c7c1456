"""The program is killed (SIGKILL) while somebody labels: all that was shown is there afterwards.

The real window is driven by keys in a process of its own, killed at random moments, and begun again
on the same files, whatever state they were left in.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from desktop_client.labelling.importing import import_folder
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from tests.faults.conftest import SEED, Record
from tests.scenes import write_images

FULL_KILL_COUNT: Final = 100
SHARE: Final = 10
"""Of so many kills one is done where there is no time for all."""
MOST_ACTS: Final = 20
ACT_S: Final = 0.03
"""A kill comes after a random number of acts, and then within about the time of another."""
EARLY_SHARE: Final = 0.15
"""So many kills come while the window is being opened."""
OPENING_S: Final = 0.5


class Desk:
    """The process in which windows are opened and killed."""

    def __init__(self, home: Home, log_path: Path) -> None:
        self._home = home
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.desk", str(home.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
                cwd=Path(__file__).parents[2],
            )

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def lines_until_killed(self, seed: int, draw: random.Random) -> list[dict[str, Any]]:
        """Begin, kill at a random moment, and return all that was said before."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seed}\n".encode())
        self._process.stdin.flush()
        pid = self._next_line()["pid"]
        said: list[dict[str, Any]] = []
        if draw.random() >= EARLY_SHARE:
            said += [self._next_line() for _ in range(1 + draw.randrange(MOST_ACTS))]
            time.sleep(draw.uniform(0, ACT_S))
        else:
            time.sleep(draw.uniform(0, OPENING_S))
        os.kill(pid, signal.SIGKILL)
        while "ended" not in (line := self._next_line()):
            said.append(line)
        return said

    def _next_line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the desk has ended by itself; see its log"
        # What the kill cut off was not said; the news of the end follows it in the same line.
        told: dict[str, Any] = json.loads(line[max(0, line.rfind(b'{"ended"')) :])
        return told


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home").create()
    images = write_images(tmp_path / "images", {"dot": 6, "ring": 6})
    deque(import_folder(home.labels_path, images, labels_from_folders=False), maxlen=0)
    with LabelStore(home.labels_path) as store:
        for name in ("Dot", "Ring", "Other"):
            store.add_class(name)
    return home


@pytest.fixture
def desk(home: Home, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(home, tmp_path / "desk.log")
    yield desk
    desk.close()


def state_on_disk(store: LabelStore) -> dict[str, list[str]]:
    names = {c.class_id: c.name for c in store.classes()}
    return {
        s.sample_id: [
            names[s.class_id] if s.class_id else "not labelled",
            s.exclusion or "",
            s.note,
        ]
        for s in store.samples()
    }


def check(home: Home, said: list[dict[str, Any]]) -> int:
    """Compare what was shown last with what is there; return how many acts were shown."""
    with LabelStore(home.labels_path) as store:
        end = store.audit.verify()
        if not said:
            return 0
        last = said[-1]
        # One act may be durable that the screen had no time to show; never one less.
        assert end.entry_count - last["entries"] in (0, 1)
        unseen = set[str]()
        if end.entry_count > last["entries"]:
            *_, entry = store.audit.entries()
            unseen = {str(event[1]) for event in store.audit.events_of(entry)}
        present = state_on_disk(store)
        assert {i: said for i, said in present.items() if i not in unseen} == {
            i: told for i, told in last["shown"].items() if i not in unseen
        }
    return len(said) - 1


@pytest.mark.parametrize(
    "share",
    [
        pytest.param(SHARE, id="tenth"),
        pytest.param(1, id="full", marks=[pytest.mark.slow, pytest.mark.timeout(1200)]),
    ],
)
def test_every_label_that_was_shown_survives_a_kill_and_the_chain_is_whole(
    share: int, home: Home, desk: Desk, record_property: Record
) -> None:
    draw = random.Random(SEED)
    act_count = 0
    for number in range(FULL_KILL_COUNT // share):
        act_count += check(home, desk.lines_until_killed(number, draw))
    record_property("kills", FULL_KILL_COUNT // share)
    record_property("acts shown before them", act_count)
    assert act_count > FULL_KILL_COUNT // share
