"""What a round costs beside a bare loop and beside Flower: time, and memory at the server.

One round moves 11.7 million float32 values, as many as a ResNet-18 has, from the server to every
site and others back, and averages them. SiteBlind's sites are the desktop's own client; what they
send is checked, durable before it is acknowledged, and published durably at the end. The bare loop
moves, sums, writes and syncs, no more; a tuned one stands beside it. Flower is started as its users
start it; its nodes send back what they got.

SiteBlind and the bare loops take their rounds in turn, so that whatever else the machine does falls
on all alike.

Run with ``python -m tests.benchmarks.round_exchange``.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.benchmarks.exchange.arrays import check_mean, initial_arrays
from tests.benchmarks.exchange.bare import BareLoop
from tests.benchmarks.exchange.flower import run_flower
from tests.benchmarks.exchange.siteblind import SiteBlind
from tests.benchmarks.figures import write_figures

WARM_UP: Final = 2
REPEAT_COUNT: Final = 15
FLOWER_WARM_UP: Final = 1
FLOWER_REPEAT_COUNT: Final = 3


def figures_of(site_count: int, folder: Path) -> dict[str, Any]:
    """Measure all of them with so many sites."""
    figures = {**_in_turn(site_count, folder), "flower": _of_flower(site_count, folder)}
    ours, flower = figures["siteblind"], figures["flower"]
    return {
        "site_count": site_count,
        "ratio_to_bare": _ratio(ours["median_s"], figures["bare"]["median_s"]),
        "ratio_to_tuned_bare": _ratio(ours["median_s"], figures["tuned_bare"]["median_s"]),
        "speedup_over_flower": _ratio(flower["median_s"], ours["median_s"]),
        "memory_share_of_flower": _ratio(ours["memory_mb"], flower["memory_mb"]),
        **figures,
    }


def _in_turn(site_count: int, folder: Path) -> dict[str, dict[str, Any]]:
    with SiteBlind(site_count, folder) as siteblind, BareLoop(site_count, folder) as bare:
        take_round: dict[str, Callable[[], float]] = {
            "siteblind": siteblind.round_s,
            "bare": bare.round_s,
            "tuned_bare": partial(bare.round_s, is_tuned=True),
        }
        seconds: dict[str, list[float]] = {name: [] for name in take_round}
        for _ in range(WARM_UP + REPEAT_COUNT):
            for name, take in take_round.items():
                seconds[name].append(take())
        for contender in (siteblind, bare):
            check_mean(contender.averaged(), site_count)
        memory_bytes = {"siteblind": siteblind.memory_bytes()}
        return {
            name: _summary(seconds[name][WARM_UP:], memory_bytes.get(name, bare.memory_bytes()))
            for name in take_round
        }


def _of_flower(site_count: int, folder: Path) -> dict[str, Any]:
    figures = run_flower(site_count, FLOWER_WARM_UP + FLOWER_REPEAT_COUNT, folder)
    return _summary(figures.seconds[FLOWER_WARM_UP:], figures.memory_bytes)


def _summary(seconds: list[float], memory_bytes: int) -> dict[str, Any]:
    return {
        "median_s": round(median(seconds), 3),
        "seconds": [round(one, 3) for one in seconds],
        "memory_mb": round(memory_bytes / 1e6, 1),
    }


def _ratio(numerator: float, denominator: float) -> float:
    return round(numerator / denominator, 3)


def main() -> None:
    """Measure with four sites and with eight, and write the figures."""
    figures = {}
    Path("build").mkdir(exist_ok=True)
    for site_count in (4, 8):
        with tempfile.TemporaryDirectory(dir="build") as folder:
            figures[site_count] = figures_of(site_count, Path(folder).absolute())
    settings = {
        "parameter_count": sum(array.size for array in initial_arrays().values()),
        "repeat_count": REPEAT_COUNT,
        "flower_repeat_count": FLOWER_REPEAT_COUNT,
    }
    write_figures("round_exchange", {**settings, **figures[4], "eight_sites": figures[8]})


if __name__ == "__main__":
    main()
