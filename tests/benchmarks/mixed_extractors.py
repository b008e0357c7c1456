"""What sites with different feature extractors are worth to each other; some minutes.

Real dermoscopy at four sources, each cut patient-wise into two sites of one domain: the first
has a small CNN from scratch, the second an EfficientNet-Lite0 from ImageNet weights. Their study is
compared with the same sites averaging only with those that have their own one (``apart``), and
with all sites having the one or the other. Sources are left out in turn and only judged on.

Run with ``python -m tests.benchmarks.mixed_extractors``; what has run is kept in ``build/bench``
and not run again.
"""

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Final, NamedTuple

import typer

from desktop_client.console import follow
from desktop_client.errors import ClientError
from desktop_client.simulation.campaign import Campaign, run_campaign
from desktop_client.simulation.folder import cut_site, read_folder
from desktop_client.simulation.results import ResultsFile, RunResult
from desktop_client.simulation.variants import Variant, read_variants
from tests.benchmarks.figures import FOLDER, write_figures

STUDY: Final = Path(__file__).with_name("accuracy.toml")
RUNS: Final = FOLDER / "mixed-extractors-runs.json"
TABLE: Final = FOLDER / "mixed-extractors.csv"
SITES_PER_DOMAIN: Final = 2
SMALL: Final = "small_cnn"
LARGE: Final = "efficientnet_lite0"
CHOICES: Final = ("isic_msk/2", "isic_uda/2", "vidir_modern/2", "rosendahl/2")
"""The sites that have the large extractor."""
SHORTER: Final = "input.size_px=64,rounds.count=10"


class Judged(NamedTuple):
    """How good a model of a run was at one site."""

    variant: str
    seed: int
    left_out: str
    site: str
    is_unseen: bool
    extractor: str
    auc: float


def variants() -> tuple[Variant, ...]:
    """Return what is compared."""
    both = f'model.extractor={SMALL},model.further_extractors=["{LARGE}"],{SHORTER}'
    mixed, small, large = read_variants(
        STUDY,
        (f"mixed:{both}", f"small:model.extractor={SMALL},{SHORTER}", f"large:{SHORTER}"),
    )
    return mixed, replace(mixed, name="apart", arrangement="apart"), small, large


def has(site: str, extractor: str) -> bool:
    """Whether a site has an extractor in the mixed study: only its figures are compared."""
    return (site in CHOICES) == (extractor == LARGE)


def judged(runs: Iterable[RunResult]) -> Iterator[Judged]:
    """Return what the finished models of all runs came to."""
    only = {"small": SMALL, "large": LARGE}
    for run in runs:
        for result in run.rounds[-1].sites:
            extractor = result.extractor or only[run.variant]
            if result.auc is not None and (result.is_held_out or has(result.site, extractor)):
                yield Judged(
                    run.variant,
                    run.seed,
                    run.held_out_site or "",
                    result.site,
                    result.is_held_out,
                    extractor,
                    round(result.auc, 4),
                )


def means(found: Iterable[Judged]) -> dict[str, dict[str, float]]:
    """Return the mean over sites, sources left out and seeds, by variant and extractor."""
    grouped: dict[tuple[str, str, bool], list[float]] = defaultdict(list)
    for one in found:
        grouped[one.variant, one.extractor, one.is_unseen].append(one.auc)
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for (variant, extractor, is_unseen), aucs in grouped.items():
        where = "unseen" if is_unseen else "in-site"
        table[f"{variant}, {extractor}"][f"auc_{where}"] = round(fmean(aucs), 4)
    return dict(table)


def differences(found: Iterable[Judged]) -> dict[str, dict[str, float | int]]:
    """Return mixed minus apart, model by model of the same seed and source left out."""
    aucs: dict[tuple[str, bool, int, str], dict[str, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in found:
        key = (one.extractor, one.is_unseen, one.seed, one.left_out)
        aucs[key][one.variant].append(one.auc)
    by_model: dict[str, list[float]] = defaultdict(list)
    for (extractor, is_unseen, _, _), of_variant in aucs.items():
        if of_variant.keys() >= {"mixed", "apart"}:
            where = "unseen" if is_unseen else "in-site"
            less = fmean(of_variant["mixed"]) - fmean(of_variant["apart"])
            by_model[f"{extractor}, {where}"].append(less)
    return {
        name: {
            "mean": round(fmean(values), 4),
            "sd": round(stdev(values), 4) if len(values) > 1 else 0.0,
            "runs": len(values),
            "better": sum(value > 0 for value in values),
        }
        for name, values in by_model.items()
    }


def main(
    seeds: str = typer.Option("1,2", help="Of the runs, with commas between."),
    left_out: str = typer.Option("rosendahl,vidir_modern", help="Sources to leave out in turn."),
) -> None:
    """Run what is missing, and write table and figures."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    data = Path(os.environ.get("SITEBLIND_SHARED_DATA", beside)) / "skin"
    FOLDER.mkdir(parents=True, exist_ok=True)
    compared = variants()
    campaign = Campaign(
        compared,
        data,
        RUNS,
        seeds=tuple(int(seed) for seed in seeds.split(",")),
        held_out_sites=tuple(left_out.split(",")),
        sites_per_domain=SITES_PER_DOMAIN,
        choices=tuple(f"{site}={LARGE}" for site in CHOICES),
    )
    follow(run_campaign(campaign, "apart"))
    sites = read_folder(data, compared[0].study.classes)
    results = ResultsFile(RUNS, [p for site in sites for p in cut_site(site, SITES_PER_DOMAIN)])
    found = list(judged(results.runs(sorted(results.keys))))
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Judged._fields)
        writer.writerows(found)
    figures = {"means": means(found), "mixed_minus_apart": differences(found)}
    write_figures("mixed-extractors", figures)


if __name__ == "__main__":
    try:
        typer.run(main)
    except ClientError as error:
        typer.echo(f"mixed_extractors: {error}", err=True)
        sys.exit(1)
