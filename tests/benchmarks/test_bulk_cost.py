"""What is done to very many things at once, each beside the budget that it was built for."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from desktop_client.demo.phantoms import HOSPITALS, write_phantom_site
from desktop_client.labelling.identity import ImageRecord
from desktop_client.labelling.store import LabelStore
from desktop_client.simulation.comparison import compare
from tests.benchmarks.figures import write_figures
from tests.simulation.conftest import run_result, site_predictions

IMAGE_COUNT: Final = 10_000
REPEAT_COUNT: Final = 5
BUDGETS_S: Final = {
    "list_10000_images": 0.3,
    "label_10000_images": 1.0,
    "draw_200_phantoms": 1.0,
    "compare_48_runs_of_500_images": 10.0,
}


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def labelling_s(folder: Path) -> dict[str, float]:
    """Time how all images of a project are listed, and labelled by one act."""
    with LabelStore(folder / "labels.sqlite") as store:
        with store.transaction():
            for number in range(IMAGE_COUNT):
                record = ImageRecord(f"{number}:0", 0, 96, 96)
                store.add_record(Path(f"/images/{number}.png"), f"digest {number}", record)
        class_id = store.add_class("nevus").class_id
        sample_ids = [sample.sample_id for sample in store.samples()]
        return {
            "list_10000_images": seconds_of(store.samples),
            "label_10000_images": seconds_of(lambda: store.label(sample_ids, class_id, "Ada")),
        }


def phantoms_s(folder: Path) -> dict[str, float]:
    """Time how a hospital of the demo is drawn."""
    drawing = seconds_of(lambda: write_phantom_site(folder / "site", HOSPITALS[3], 100, seed=0))
    return {"draw_200_phantoms": drawing}


def comparison_s() -> dict[str, float]:
    """Time how the runs of a whole campaign are compared, intervals included."""
    random = np.random.default_rng(0)
    runs = []
    for variant in ("siteblind", "fedavg", "adversary_off", "local_only"):
        for seed in range(12):
            answers = []
            for site in ("msk/1", "msk/2", "uda/1", "uda/2", "west"):
                labels = random.integers(0, 2, 100).tolist()
                answers += site_predictions(site, labels, random.random(100).tolist())
            runs.append(run_result(variant, answers, seed, "west"))
    return {"compare_48_runs_of_500_images": seconds_of(lambda: compare(runs, "fedavg"))}


def measured(scratch: Path) -> dict[str, float]:
    """Time everything once."""
    scratch.mkdir()
    return labelling_s(scratch) | phantoms_s(scratch) | comparison_s()


def test_bulk_cost(benchmark: Any, tmp_path: Path) -> None:
    """Each kind of work may take its budget."""
    repeats: list[dict[str, float]] = []

    def measure() -> None:
        repeats.extend(measured(tmp_path / str(number)) for number in range(REPEAT_COUNT))

    benchmark.pedantic(measure, rounds=1)
    figures = {}
    for name, budget_s in BUDGETS_S.items():
        median_s = median(one[name] for one in repeats)
        figures[name] = {
            "median_s": round(median_s, 3),
            "budget_s": budget_s,
            "of_budget": round(median_s / budget_s, 2),
        }
    write_figures("bulk_cost", {"repeats": REPEAT_COUNT, **figures})
