"""What a simulated round of hundreds of sites takes, in our own engine and in Flower's; minutes.

Two hundred sites with a handful of small images each, cut from four scanners' images; as many
images cut into twenty show what each further site adds. Seconds are those of the rounds alone,
without judging; memory is that of all processes together. Both engines run in Flower's environment
and on one thread a process, one after the other, and must find the same numbers.

Run with ``python -m tests.benchmarks.many_sites``; figures in ``build/bench/many_sites.json``.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final

import typer

from tests.benchmarks.exchange.workers import FamilyMemory
from tests.benchmarks.figures import write_figures
from tests.scenes import write_images, write_study

PYTHON: Final = Path("build/flower/bin/python").absolute()
SCANNER_COUNT: Final = 4
IMAGES_PER_CLASS: Final = 200
"""Of each scanner, in each of two classes: eight for each of two hundred sites."""
ROUND_COUNT: Final = 3
FEW_SITES, MANY_SITES = 20, 200
LOOK_S: Final = 0.1


def measured(folder: Path, engine: str, site_count: int) -> dict[str, Any]:
    """Simulate once, and look at the memory all the while."""
    results = folder / f"{engine}-{site_count}.json"
    command = [
        *(str(PYTHON), "-m", "desktop_client", "simulate", str(folder / "study.toml")),
        *("--data", str(folder / "data"), "--json", str(results), "--device", "cpu"),
        *("--sites", str(site_count), "--engine", engine),
    ]
    begun = time.monotonic()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        memory = FamilyMemory(process.pid)
        while process.poll() is None:
            memory.look()
            time.sleep(LOOK_S)
    if process.returncode:
        sys.exit((folder / "log").read_text())
    [run] = json.loads(results.read_text())["runs"]
    seconds = [done["seconds"] for done in run["rounds"][1 : ROUND_COUNT + 1]]
    return {
        "median_round_s": round(median(seconds), 2),
        "round_s": [round(one, 2) for one in seconds],
        "whole_s": round(time.monotonic() - begun, 1),
        "memory_mb": round(memory.peak_bytes / 1e6, 1),
        "predictions": run["predictions"],
    }


def main(
    extractor: Annotated[str, typer.Option(help="Of the model that all sites have.")] = "small_cnn",
) -> None:
    """Measure, compare and write the figures."""
    if not PYTHON.exists():
        raise typer.BadParameter(f"There is no {PYTHON}; `make bench` makes it")
    os.environ["OMP_NUM_THREADS"] = "1"
    # Else Flower's sites yield to whatever else runs; Ray wants these very letters.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
    Path("build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="build") as name:
        folder = Path(name).absolute()
        write_study(
            folder / "study.toml",
            rounds={"count": ROUND_COUNT},
            input={"size_px": 32},
            method={"local_steps": 2, "batch_size": 8},
            model={"extractor": extractor},
        )
        for number in range(SCANNER_COUNT):
            counts = {"dot": IMAGES_PER_CLASS, "ring": IMAGES_PER_CLASS}
            write_images(folder / "data" / f"scanner{number}", counts, 0.5 + 0.05 * number, number)
        few = measured(folder, "local", FEW_SITES)
        ours = measured(folder, "local", MANY_SITES)
        flower = measured(folder, "flower", MANY_SITES)
    if ours.pop("predictions") != flower.pop("predictions"):
        sys.exit("The engines disagree")
    del few["predictions"]
    write_figures(
        "many_sites",
        {
            "extractor": extractor,
            "site_count": MANY_SITES,
            "sites_per_round": MANY_SITES // 2,
            "flower_round_over_ours": round(flower["median_round_s"] / ours["median_round_s"], 2),
            "flower_memory_over_ours": round(flower["memory_mb"] / ours["memory_mb"], 2),
            "further_site_mb": round(
                (ours["memory_mb"] - few["memory_mb"]) / (MANY_SITES - FEW_SITES), 3
            ),
            "ours": ours,
            "flower": flower,
            "ours_with_few_sites": few,
        },
    )


if __name__ == "__main__":
    typer.run(main)
