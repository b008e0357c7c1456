"""What each variant of the method is worth on real dermoscopy; ``make bench-accuracy``.

Every site is left out in turn; the others are each cut patient-wise into two sites of the same
domain, so that half of them can be picked per round. Settings were chosen on an inner split of the
training images with other seeds; the images to judge by are read here only. What has run is kept
in ``build/bench/accuracy-runs.json`` and not run again; a new machine begins with the runs that are
kept beside the record of the decision.
"""

import json
import lzma
import os
import sys
from pathlib import Path
from typing import Final

import typer

from desktop_client.console import follow
from desktop_client.errors import ClientError
from desktop_client.simulation.campaign import EACH, Campaign, run_campaign
from desktop_client.simulation.variants import read_variants
from tests.benchmarks.figures import FOLDER, write_figures

STUDY: Final = Path(__file__).with_name("accuracy.toml")
RUNS: Final = FOLDER / "accuracy-runs.json"
KEPT: Final = Path(".github/decisions/0007-accuracy-runs.json.xz")
COMPARISON: Final = RUNS.with_suffix(".comparison.json")
REFERENCE: Final = "fedavg"
FIRST: Final = ("siteblind", "fedavg", "adversary_off", "local_only")
CONTROLS: Final = ("fedprox", "fedbn", "pooled")
SLOWEST: Final = ("literal",)
STAGES: Final = (FIRST, (*FIRST, *CONTROLS), (*FIRST, *CONTROLS, *SLOWEST))
"""What to run, the most telling first; each stage contains the ones before it."""


def main(
    stages: int = typer.Option(len(STAGES), min=1, max=len(STAGES), help="Stop after so many."),
    seeds: str = typer.Option("1,2,3,4,5", help="Of the runs, with commas between."),
    processes: int = typer.Option(os.cpu_count() or 1, min=1, help="Runs at a time."),
) -> None:
    """Run what is missing, and write the comparison after each stage."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    data = Path(os.environ.get("SITEBLIND_SHARED_DATA", beside)) / "skin"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not RUNS.exists():
        RUNS.write_bytes(lzma.decompress(KEPT.read_bytes()))
    chosen = tuple(int(seed) for seed in seeds.split(","))
    for names in STAGES[:stages]:
        campaign = Campaign(
            variants=read_variants(STUDY, names),
            data=data,
            json_path=RUNS,
            seeds=chosen,
            held_out_sites=(EACH,),
            sites_per_domain=2,
            process_count=processes,
        )
        follow(run_campaign(campaign, REFERENCE))
        comparison = json.loads(COMPARISON.read_text(encoding="utf-8"))
        write_figures("accuracy", {"seeds": chosen, **comparison})


if __name__ == "__main__":
    try:
        typer.run(main)
    except ClientError as error:
        typer.echo(f"bench-accuracy: {error}", err=True)
        sys.exit(1)
