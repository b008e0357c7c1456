"""What rounded differences save on the way, and what they cost in accuracy; some minutes.

Two studies of ten objects in four domains are simulated from the same seeds with the real training
of an EfficientNet-Lite0 from ImageNet weights: parameters as they are, and as differences of four
bits, compressed. Bytes are all that travels in the rounds, up and down, statistics included; what a
site fetches once when it joins is counted beside. Accuracy is compared pair by pair on the same
draws of held-out images. Then one round of a ResNet-18, all of which is trained, in every encoding.

Run with ``python -m tests.benchmarks.bytes_per_round``; what has run is kept in ``build/bench`` and
not run again.
"""

import os
import sys
from pathlib import Path
from typing import Any, Final, get_args

import typer

from coordinator.study import Encoding
from desktop_client.console import follow
from desktop_client.errors import ClientError
from desktop_client.simulation.campaign import Campaign, run_campaign
from desktop_client.simulation.comparison import compare
from desktop_client.simulation.figures import IN_SITE_AUC
from desktop_client.simulation.folder import cut_site, read_folder
from desktop_client.simulation.results import ResultsFile, RunResult
from desktop_client.simulation.variants import read_variants
from tests.benchmarks.figures import FOLDER, write_figures

STUDY: Final = Path(__file__).with_name("office.toml")
SEEDS: Final = (1, 2, 3)
SITES_PER_DOMAIN: Final = 2
PLAIN: Final = "float32"
ROUNDED: Final = "int4"
METRIC: Final = IN_SITE_AUC
TRAINED: Final = "input.size_px=64,rounds.count=8"
ONE_ROUND: Final = "model.extractor=resnet18,input.size_px=32,rounds.count=1"


def run(data: Path, name: str, changes: str, encodings: tuple[str, ...]) -> list[RunResult]:
    """Run a study in several encodings, or take the runs that are there."""
    texts = [
        f"{encoding}:{changes},exchange.encoding={encoding}"
        + ("" if encoding == PLAIN else ",exchange.compression=zstd")
        for encoding in encodings
    ]
    variants = read_variants(STUDY, texts)
    seeds = SEEDS if name == "trained" else SEEDS[:1]
    path = FOLDER / f"bytes-{name}-runs.json"
    FOLDER.mkdir(parents=True, exist_ok=True)
    campaign = Campaign(variants, data, path, seeds, sites_per_domain=SITES_PER_DOMAIN)
    follow(run_campaign(campaign))
    sites = read_folder(data, variants[0].study.classes)
    results = ResultsFile(path, [p for site in sites for p in cut_site(site, SITES_PER_DOMAIN)])
    return results.runs(results.keys)


def bytes_of(runs: list[RunResult], encoding: str) -> dict[str, float]:
    """Return the mean bytes of a round up and down, over rounds and seeds."""
    rounds = [r for run in runs if run.variant == encoding for r in run.rounds if r.picked]
    up = sum(r.bytes_up for r in rounds) / len(rounds)
    down = sum(r.bytes_down for r in rounds) / len(rounds)
    return {"up": round(up), "down": round(down)}


def share(runs: list[RunResult], encoding: str) -> float:
    """Return how much of the plain bytes an encoding takes in a round."""
    plain, rounded = bytes_of(runs, PLAIN), bytes_of(runs, encoding)
    return sum(rounded.values()) / sum(plain.values())


def figures_of(trained: list[RunResult], one_round: list[RunResult]) -> dict[str, Any]:
    """Put what was measured into words for programs."""
    comparison = compare(trained, PLAIN)
    (difference,) = comparison.differences
    found = difference.figures[METRIC]
    whole = bytes_of(trained, PLAIN)["down"]
    count = sum(bool(r.picked) for r in trained[0].rounds)
    rounds = {name: sum(bytes_of(trained, name).values()) * count for name in (PLAIN, ROUNDED)}
    return {
        "share_of_fp32": round(share(trained, ROUNDED), 4),
        "share_with_the_first_download": round(
            (rounds[ROUNDED] + whole) / (rounds[PLAIN] + whole), 4
        ),
        "metric_difference": {
            "metric": METRIC,
            "mean": found.mean,
            "interval_95": [found.low, found.high],
            "run_count": found.run_count,
        },
        "metric": {v.variant: v.figures[METRIC].mean for v in comparison.variants},
        "bytes_per_round": {name: bytes_of(trained, name) for name in (PLAIN, ROUNDED)},
        "one_round_of_resnet18": {
            name: round(share(one_round, name), 4) for name in get_args(Encoding)
        },
    }


def main() -> None:
    """Run what is missing, and write ``build/bench/bytes_per_round.json``."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    data = Path(os.environ.get("SITEBLIND_SHARED_DATA", beside)) / "office_caltech10"
    one_round = run(data, "one-round", ONE_ROUND, get_args(Encoding))
    trained = run(data, "trained", TRAINED, (PLAIN, ROUNDED))
    write_figures("bytes_per_round", figures_of(trained, one_round))


if __name__ == "__main__":
    try:
        typer.run(main)
    except ClientError as error:
        typer.echo(f"bytes_per_round: {error}", err=True)
        sys.exit(1)
