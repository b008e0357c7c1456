"""Many runs on one folder: read it, run what is missing, and tell how the variants compare."""

from collections.abc import Generator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from desktop_client.errors import FlowerError, SimulationPlanError
from desktop_client.simulation.choosing import read_choices
from desktop_client.simulation.comparison import compare
from desktop_client.simulation.cutting import parts_for
from desktop_client.simulation.events import Reported
from desktop_client.simulation.folder import FolderSite, cut_site, inner_split, read_folder
from desktop_client.simulation.plots import write_plots
from desktop_client.simulation.report import as_table, write_comparison
from desktop_client.simulation.results import Engine, ResultsFile
from desktop_client.simulation.running import Event, Workload, carry_out, planned_runs
from desktop_client.simulation.variants import Variant
from desktop_client.training.device import choose_device
from desktop_client.training.request import DeviceChoice

EACH: Final = "each"
"""Stands for every site in turn."""


@dataclass(frozen=True)
class Campaign:
    """What is asked for.

    Attributes:
        variants: All of studies with the same classes.
        data: A folder of sites.
        json_path: The results file; what is in it already is not run again.
        seeds: Each is run with every variant.
        held_out_sites: Sites to leave out in turn; ``EACH`` for all; none for a run with all.
        sites_per_domain: Into how many sites each folder's is cut.
        site_count: How many sites take part instead, cut by patients; None: as the folders are.
        is_inner_split: Whether to choose settings: nothing that the manifest keeps for
            judging is looked at.
        leakage_every: Rounds between two measurements of leakage; 0 for the last one only.
        device: Where to compute.
        process_count: Runs at a time.
        weights_path: Of the weights that the studies begin from, if they ask for a file.
        choices: Such as ``webcam=resnet18``, where a site has another of the study's feature
            extractors than the first.
        engine: What sites are trained by.
    """

    variants: tuple[Variant, ...]
    data: Path
    json_path: Path
    seeds: tuple[int, ...] = (0,)
    held_out_sites: tuple[str, ...] = ()
    sites_per_domain: int = 1
    site_count: int | None = None
    is_inner_split: bool = False
    leakage_every: int = 0
    device: DeviceChoice = "automatic"
    process_count: int = 1
    weights_path: Path | None = None
    choices: tuple[str, ...] = ()
    engine: Engine = "local"


def run_campaign(campaign: Campaign, reference: str | None = None) -> Generator[Event | Reported]:
    """Run what is missing and report on all that was asked for.

    Args:
        campaign: What to run.
        reference: The variant that the others are compared with, in CSV, JSON and pictures beside
            the results file; None for a table only.

    Raises:
        SimulationError: if the folder, the results file or what is asked for does not fit.
        PretrainedWeightsError: if weights that a study begins from are missing or do not fit.
        TrainingError: if the device is not there or a process ended unexpectedly.
        FlowerError: if its engine is asked for and not installed.
    """
    if campaign.engine == "flower":
        _check_flower(campaign)
    choose_device(campaign.device)
    sites = _sites(campaign)
    held_out = _held_out(campaign, sites)
    part_counts = (campaign.sites_per_domain,) * len(sites)
    if campaign.site_count is not None:
        part_counts = parts_for(sites, campaign.site_count, held_out)
    parts = [
        p for site, count in zip(sites, part_counts, strict=True) for p in cut_site(site, count)
    ]
    choices = read_choices(campaign.choices, [part.name for part in parts])
    runs = planned_runs(campaign.variants, campaign.seeds, held_out, sites, choices)
    results = ResultsFile(campaign.json_path, parts, campaign.weights_path)
    workload = Workload(
        sites=sites,
        part_counts=part_counts,
        runs=runs,
        device=campaign.device,
        leakage_every=campaign.leakage_every,
        state_path=results.state_path,
        weights_path=campaign.weights_path,
        engine=campaign.engine,
    )
    yield from carry_out(workload, results, campaign.process_count)
    finished = results.runs(run.key for run in runs)
    comparison = compare(finished, reference or campaign.variants[0].name)
    paths = [campaign.json_path]
    if reference is not None:
        paths += write_comparison(campaign.json_path, comparison)
        paths += write_plots(campaign.json_path, comparison, finished)
    yield Reported(as_table(comparison), tuple(paths))


def _check_flower(campaign: Campaign) -> None:
    if any(find_spec(name) is None for name in ("flwr", "ray")):
        raise FlowerError(
            "Flower's simulation engine is not installed here; pip install 'siteblind[flower]', in "
            "an environment of its own, or leave out --engine"
        )
    for variant in campaign.variants:
        if variant.arrangement != "federated":
            raise SimulationPlanError(
                f"Flower's engine runs federations only, not {variant.arrangement!r}; leave out "
                "--engine"
            )


def _sites(campaign: Campaign) -> tuple[FolderSite, ...]:
    sites = read_folder(campaign.data, campaign.variants[0].study.classes)
    return tuple(inner_split(site) for site in sites) if campaign.is_inner_split else sites


def _held_out(campaign: Campaign, sites: tuple[FolderSite, ...]) -> tuple[str | None, ...]:
    if EACH in campaign.held_out_sites:
        return tuple(site.name for site in sites)
    return campaign.held_out_sites or (None,)
