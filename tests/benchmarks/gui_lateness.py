"""How late the window is for its own work while a training runs; ``make bench``.

``python -m tests.benchmarks.gui_lateness [--seconds 30]``. A training is started from the real
window with the mouse; from its first step on, a timer of the window's own event loop notes by how
much it comes too late, while the curves are drawn. On a machine with more than two cores, window
and training are kept to two of them. The screen is Qt's offscreen one unless ``QT_QPA_PLATFORM``
says otherwise.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest

from desktop_client.gui.main_window import TRAINING
from tests.benchmarks.browsing import open_window
from tests.benchmarks.figures import write_figures
from tests.scenes import new_site

BUDGETS: Final = {"p99_ms": 16.0, "max_ms": 50.0}
CORE_COUNT: Final = 2
IMAGES_PER_CLASS: Final = 200
TICK_MS: Final = 5
CHILD_S: Final = 600.0
"""How long the training may take to begin, and to report on its model at the end."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--folder", type=Path, default=Path("build/bench/gui_lateness"))
    chosen = parser.parse_args()
    cores = keep_to_two_cores()
    shutil.rmtree(chosen.folder, ignore_errors=True)
    new_site(chosen.folder, {"dot": IMAGES_PER_CLASS, "ring": IMAGES_PER_CLASS})
    figures = measure(chosen.folder, chosen.seconds)
    for name, budget in BUDGETS.items():
        verdict = "kept" if figures[name] <= budget else "MISSED"
        sys.stdout.write(f"{name:10}{figures[name]:8.2f}   at most {budget:g}   {verdict}\n")
    settings = {"seconds": chosen.seconds, "tick_ms": TICK_MS, "cores": cores}
    write_figures("gui_lateness", {**figures, "budgets": BUDGETS, **settings})


def keep_to_two_cores() -> int:
    """Let this process and its children have two cores; return how many they have."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if (os.cpu_count() or 1) <= CORE_COUNT:
        return os.cpu_count() or 1
    os.environ["OMP_NUM_THREADS"] = str(CORE_COUNT - 1)  # as training chooses on such a machine
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORE_COUNT])
    return CORE_COUNT


def measure(folder: Path, seconds: float) -> dict[str, Any]:
    """Train from the window and return how late its timer was."""
    with open_window(folder) as desk:
        page, controller = desk.window.training, desk.window.own_training
        desk.window.show_page(TRAINING)
        page.settings.epochs.setValue(1000)
        desk.wait(page._start.isEnabled)
        QTest.mouseClick(page._start, Qt.MouseButton.LeftButton)
        desk.wait(lambda: bool(controller._curves.lesion_loss.xs), CHILD_S)
        steps_before = len(controller._curves.lesion_loss.xs)
        late_ms = lateness_ms(seconds)
        step_count = len(controller._curves.lesion_loss.xs) - steps_before
        assert controller.is_running
        assert step_count > 0, "nothing was trained meanwhile"
        QTest.mouseClick(page._pause, Qt.MouseButton.LeftButton)  # a window that trains asks first
        desk.wait(lambda: not controller.is_running, CHILD_S)
    return {
        "p99_ms": round(quantiles(late_ms, n=100)[-1], 2),
        "max_ms": round(max(late_ms), 2),
        "median_ms": round(median(late_ms), 2),
        "tick_count": len(late_ms),
        "training_steps": step_count,
    }


def lateness_ms(seconds: float) -> list[float]:
    """Run Qt's own loop and note how long after its interval each tick of a timer came."""
    late_ms: list[float] = []
    timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    at = time.perf_counter()

    def tick() -> None:
        nonlocal at
        now = time.perf_counter()
        late_ms.append(max(0.0, 1000 * (now - at) - TICK_MS))
        at = now

    timer.timeout.connect(tick)
    timer.start()
    loop = QEventLoop()  # that of the program closes its windows when it is quit
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
    timer.stop()
    return late_ms


if __name__ == "__main__":
    main()
