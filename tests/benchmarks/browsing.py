"""What browsing 10,000 images costs, with the real window, each figure beside its budget.

``python -m tests.benchmarks.browsing [--count 10000] [--folder build/bench/browsing]``. Each phase
opens its own window on the same project. The screen is Qt's offscreen one: everything is painted,
nothing is sent to a display.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest

from desktop_client.gui.app import new_application
from desktop_client.gui.main_window import MainWindow
from desktop_client.gui.models.thumbnail_loader import ThumbnailLoader
from desktop_client.imaging.decode import decode_image
from desktop_client.imaging.prepared import PreparedImage
from desktop_client.paths import Home
from desktop_client.settings import ClientSettings
from tests.benchmarks.browsing_project import LARGE_SIDE_PX, make_project, write_slice
from tests.benchmarks.figures import write_figures

BUDGETS: Final = {
    "open_10000_s": 1.0,
    "first_thumbnails_s": 3.0,
    "new_thumbnails_per_s": 150.0,
    "cached_thumbnails_per_s": 5000.0,
    "scroll_p95_ms": 16.0,
    "label_p99_ms": 100.0,
    "next_image_ms": 100.0,
    "window_level_ms": 33.0,
    "resident_mb": 500.0,
}
AT_LEAST: Final = ("new_thumbnails_per_s", "cached_thumbnails_per_s")
"""The others are limits from above."""

OPEN_COUNT: Final = 5
THUMBNAIL_COUNT: Final = 1000
SCROLL_COUNT: Final = 400
LABEL_COUNT: Final = 300
STEP_COUNT: Final = 60
DRAG_COUNT: Final = 200
PATIENCE_S: Final = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=Path("build/bench/browsing"))
    parser.add_argument("--phase", choices=list(PHASES), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    folder = chosen.folder / str(chosen.count)
    if chosen.phase:
        sys.stdout.write(json.dumps(PHASES[chosen.phase](folder)))
        return
    make_project(folder, chosen.count)
    measured: dict[str, Any] = {}
    for phase in PHASES:
        measured |= _in_own_process(phase, chosen.count, chosen.folder)
    figures = {name: measured.pop(name) for name in BUDGETS}
    _print(figures)
    repeats = {
        "screen": "1600 x 1000, Qt's offscreen platform",
        "image_count": chosen.count,
        "open_repeats": OPEN_COUNT,
        "thumbnail_count": THUMBNAIL_COUNT,
        "scroll_frames": SCROLL_COUNT,
        "labels": LABEL_COUNT,
        "next_images": STEP_COUNT,
        "window_level_frames": DRAG_COUNT,
    }
    write_figures("browsing", {**figures, "budgets": BUDGETS, **repeats, **measured})


def _in_own_process(phase: str, count: int, folder: Path) -> dict[str, Any]:
    """Run a phase in a fresh process: memory that another one used is not counted."""
    arguments = ("--count", str(count), "--folder", str(folder), "--phase", phase)
    done = subprocess.run(
        (sys.executable, "-m", "tests.benchmarks.browsing", *arguments),
        env={"QT_QPA_PLATFORM": "offscreen", **os.environ},
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _print(figures: Mapping[str, float]) -> None:
    for name, budget in BUDGETS.items():
        is_floor = name in AT_LEAST
        is_kept = figures[name] >= budget if is_floor else figures[name] <= budget
        budget_words = f"{'at least' if is_floor else 'at most'} {budget:g}"
        verdict = "kept" if is_kept else "MISSED"
        sys.stdout.write(f"{name:26}{figures[name]:10.2f}   {budget_words:16}{verdict}\n")


def opening(folder: Path) -> dict[str, Any]:
    """Measure from the making of the window to its grid being painted, and to its thumbnails."""
    cold_s = _cold_first_thumbnails(folder)
    warm: list[float] = []
    for _ in range(OPEN_COUNT):
        begun = time.perf_counter()
        with open_window(folder) as desk:
            desk.wait(lambda: desk.row_count > 0)
            desk.paint()
            warm.append(time.perf_counter() - begun)
    return {
        "open_10000_s": round(median(warm), 3),
        "open_all_s": [round(one, 3) for one in warm],
        "first_thumbnails_s": round(cold_s, 3),
    }


def _cold_first_thumbnails(folder: Path) -> float:
    """Measure with no thumbnail kept and no image file in the system's memory."""
    for path in (folder / "home").glob("thumbnails.sqlite*"):
        path.unlink()
    for path in (folder / "images").iterdir():
        _forget(path)
    begun = time.perf_counter()
    with open_window(folder) as desk:
        desk.wait(lambda: desk.row_count > 0)
        desk.wait(desk.is_screen_filled)
        desk.paint()
        return time.perf_counter() - begun


def thumbnails(folder: Path) -> dict[str, Any]:
    """Measure from asking for thumbnails to their pictures in memory: made, then from the cache."""
    with open_window(folder) as desk:
        desk.wait(lambda: desk.row_count > 0)
        desk.settle()
        samples = desk.window.samples.samples[-THUMBNAIL_COUNT:]
        return {
            "new_thumbnails_per_s": round(len(samples) / desk.thumbnails_s(samples), 1),
            "cached_thumbnails_per_s": round(len(samples) / desk.thumbnails_s(samples), 1),
        }


def working(folder: Path) -> dict[str, Any]:
    """Measure scrolling through all images, then labelling, then the memory that is taken."""
    with open_window(folder) as desk:
        desk.wait(lambda: desk.row_count > 0)
        desk.settle()
        scrolls = desk.scroll_ms(SCROLL_COUNT)
        desk.window.images.grid.go_to(0)
        desk.settle()
        labels = [desk.label_ms("123"[number % 3]) for number in range(LABEL_COUNT)]
        resident_bytes = _resident_bytes()
    return {
        "scroll_p95_ms": round(quantiles(scrolls, n=20)[-1], 2),
        "scroll_median_ms": round(median(scrolls), 2),
        "label_p99_ms": round(quantiles(labels, n=100)[-1], 2),
        "label_median_ms": round(median(labels), 2),
        "resident_mb": round(resident_bytes / 1e6, 1),
    }


def viewing(folder: Path) -> dict[str, Any]:
    """Measure going from image to image in the viewer, and dragging a window on a large one."""
    large = folder / "large.dcm"
    write_slice(large, 0, LARGE_SIDE_PX)
    with open_window(folder) as desk:
        desk.wait(lambda: desk.row_count > 0)
        desk.window.images.grid.go_to(0)
        desk.window.viewing.show_large(True)
        desk.settle()
        steps = [desk.next_image_ms() for _ in range(STEP_COUNT)]
        drags = desk.window_level_ms(large, DRAG_COUNT)
    return {
        "next_image_ms": round(quantiles(steps, n=20)[-1], 2),
        "next_image_median_ms": round(median(steps), 2),
        "window_level_ms": round(quantiles(drags, n=20)[-1], 2),
        "window_level_median_ms": round(median(drags), 2),
        "viewer_resident_mb": round(_resident_bytes() / 1e6, 1),
    }


PHASES: Final = {
    "opening": opening,
    "thumbnails": thumbnails,
    "working": working,
    "viewing": viewing,
}


class Desk:
    """The window, and a person's acts on it, timed."""

    def __init__(self, folder: Path) -> None:
        self.app = new_application()
        self.window = MainWindow(
            Home(folder / "home"), ClientSettings(theme="light", reader_name="Dr. Grey")
        )
        self.window.resize(1600, 1000)
        self.window.show()
        self.window.start()

    def delete(self) -> None:
        """Let go of the window; events alone would not delete it without Qt's own loop."""

        self.window.deleteLater()
        self.app.sendPostedEvents(self.window, QEvent.Type.DeferredDelete)

    @property
    def row_count(self) -> int:
        return self.window.images.grid.model().rowCount()

    def paint(self) -> None:
        """Paint what changed, as the next frame of a screen would, and no more."""
        self.app.sendPostedEvents()
        self.app.sendEvent(self.window, QEvent(QEvent.Type.UpdateRequest))

    def wait(self, is_done: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        begun = time.monotonic()
        while not is_done():
            self.app.processEvents()
            time.sleep(0.001)  # a window at rest leaves the interpreter to its workers
            assert time.monotonic() < begun + patience_s, "nothing happened"

    def settle(self) -> None:
        """Let all work end that is under way or about to begin."""
        rest = time.monotonic()
        while time.monotonic() < rest + 0.3:
            self.app.processEvents()
            if self.window.workers.running_count:
                rest = time.monotonic()

    def is_screen_filled(self) -> bool:
        grid, thumbnails = self.window.images.grid, self.window.browsing._thumbnails
        tile = grid.gridSize()
        columns = grid.viewport().width() // tile.width()
        rows = -(-grid.viewport().height() // tile.height())
        shown = self.window.samples.samples[: columns * rows]
        return all(thumbnails.pixmap(sample.sample_id) is not None for sample in shown)

    def thumbnails_s(self, samples: Sequence[Any]) -> float:
        """Time a loader that has nothing in memory yet."""

        loader = ThumbnailLoader(self.window.workers, self.window.home.thumbnails_path)
        arrived: list[str] = []
        loader.changed.connect(arrived.append)
        begun = time.perf_counter()
        loader.want(samples, self.window.browsing.size_px)
        self.wait(lambda: len(arrived) >= len(samples))
        seconds = time.perf_counter() - begun
        self.settle()
        assert not loader._failures
        return seconds

    def scroll_ms(self, count: int) -> list[float]:
        """Scroll by a third of a tile per frame, again and again by far; time each frame."""
        grid = self.window.images.grid
        bar = grid.verticalScrollBar()
        frames = []
        for number in range(count):
            far = bar.maximum() // 20 if number % 20 == 19 else bar.singleStep()
            begun = time.perf_counter()
            bar.setValue(bar.value() + far)
            self.paint()
            frames.append(1000 * (time.perf_counter() - begun))
            time.sleep(0.002)  # the workers' turn, as between frames of a screen
        return frames

    def label_ms(self, key: str) -> float:
        """Press a class's key; the label is on disk and on the screen when this returns."""

        grid = self.window.images.grid
        begun = time.perf_counter()
        QTest.keyClicks(grid, key)
        self.paint()
        taken_ms = 1000 * (time.perf_counter() - begun)
        self.app.processEvents()
        return taken_ms

    def next_image_ms(self) -> float:
        """Press Space once the neighbour is decoded, and paint it."""

        canvas = self.window.images.viewer.canvas
        following = self.window.browsing.neighbours()[0]
        self.wait(lambda: self.window.viewing._images.has(following))
        self.settle()
        begun = time.perf_counter()
        QTest.keyClick(canvas, Qt.Key.Key_Space)
        self.paint()
        taken_ms = 1000 * (time.perf_counter() - begun)
        assert canvas.window_used is not None
        return taken_ms

    def window_level_ms(self, path: Path, count: int) -> list[float]:
        """Drag with the left button over a large image; time each move with its frame."""

        canvas = self.window.images.viewer.canvas
        image = PreparedImage.of(decode_image(path)[0])
        canvas.show_image(image, image.presets[0])
        self.paint()
        middle = canvas.rect().center()
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
        frames = []
        for number in range(count):
            begun = time.perf_counter()
            QTest.mouseMove(canvas, middle + QPoint(number % 90 - 45, number % 70 - 35))
            self.paint()
            frames.append(1000 * (time.perf_counter() - begun))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle)
        return frames


@contextmanager
def open_window(folder: Path) -> Iterator[Desk]:
    """Open the project's window, and close it at the end."""
    desk = Desk(folder)
    yield desk
    desk.window.close()
    desk.delete()


def _forget(path: Path) -> None:
    """Have the system forget a file's content, where it can."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
