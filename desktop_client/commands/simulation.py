"""``siteblind simulate``, ``compare`` and ``evaluate``: studies without sites, on this machine.

torch is imported inside the commands, so that ``--help`` answers at once.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from coordinator.study import read_study
from desktop_client.commands.options import DeviceOption, WeightsOption, check_weights_asked_for
from desktop_client.console import follow
from desktop_client.simulation.results import Arrangement, Engine
from desktop_client.simulation.variants import (
    APART,
    CONTROLS,
    PLAIN_PRESET,
    PRESET_NAMES,
    Variant,
    read_variants,
)

StudyArgument = Annotated[Path, typer.Argument(help="The study to run.")]
DataOption = Annotated[
    Path,
    typer.Option(
        help="A folder like site/class/file, with or without a manifest.csv "
        "(file, site, lesion, patient, split)."
    ),
]
ResultsOption = Annotated[
    Path, typer.Option("--json", help="Results file; the runs in it are not run again.")
]
SeedsOption = Annotated[str, typer.Option(help="With commas between them, like 0,1,2.")]
SitesPerDomainOption = Annotated[
    int, typer.Option(min=1, help="Cut each site into so many, patient by patient.")
]
SitesOption = Annotated[
    int | None,
    typer.Option(min=1, help="Cut the sites, patient by patient, until so many take part."),
]
InnerSplitOption = Annotated[
    bool,
    typer.Option(
        "--inner-split", help="To choose settings: judge on a part of the training images only."
    ),
]
ExtractorOption = Annotated[
    list[str] | None,
    typer.Option(
        "--extractor",
        help="SITE=NAME, may be repeated: a site that has another of the study's extractors than "
        "the first. Counts where the study (or variant) has it among further_extractors.",
    ),
]
LeakageEveryOption = Annotated[
    int, typer.Option(min=0, help="Measure leakage after every so many rounds; 0: at the end.")
]


def simulate(
    study_toml: StudyArgument,
    data: DataOption,
    json_path: ResultsOption,
    seeds: SeedsOption = "0",
    held_out_site: Annotated[
        str | None, typer.Option(help="A site that takes no part; the model is judged on it.")
    ] = None,
    sites: SitesOption = None,
    sites_per_domain: SitesPerDomainOption = 1,
    inner_split: InnerSplitOption = False,
    leakage_every: LeakageEveryOption = 0,
    arrangement: Annotated[
        Arrangement, typer.Option(help="Whether sites average, stay alone, or are one.")
    ] = "federated",
    weights: WeightsOption = None,
    extractor: ExtractorOption = None,
    engine: Annotated[
        Engine,
        typer.Option(
            help="What trains the sites: this program, or Flower's engine on all cores but one."
        ),
    ] = "local",
    device: DeviceOption = "automatic",
) -> None:
    """Run a whole federation of a study on this machine; again, it goes on where it stopped.

    Table, CSV and plots lie beside the results file.
    """
    from desktop_client.simulation.campaign import Campaign, run_campaign

    study = read_study(study_toml)
    check_weights_asked_for(study_toml, [study], weights)
    campaign = Campaign(
        variants=(Variant(study.method.preset, study, arrangement),),
        data=data,
        json_path=_results_path(json_path),
        seeds=_numbers(seeds),
        held_out_sites=() if held_out_site is None else (held_out_site,),
        sites_per_domain=sites_per_domain,
        site_count=_site_count(sites, sites_per_domain),
        is_inner_split=inner_split,
        leakage_every=leakage_every,
        device=device,
        weights_path=weights,
        choices=tuple(extractor or ()),
        engine=engine,
    )
    follow(run_campaign(campaign, campaign.variants[0].name))


def compare(
    study_toml: StudyArgument,
    data: DataOption,
    variant: Annotated[
        list[str],
        typer.Option(
            help=f"May be repeated: {', '.join((*PRESET_NAMES, *CONTROLS, APART))}, or "
            "name:section.key=value,... for the study with single keys changed."
        ),
    ],
    json_path: ResultsOption,
    reference: Annotated[
        str, typer.Option(help="The variant that the others are compared with.")
    ] = PLAIN_PRESET,
    seeds: SeedsOption = "0",
    held_out_site: Annotated[
        list[str] | None,
        typer.Option(help="A site to leave out; may be repeated, “each” for all in turn."),
    ] = None,
    sites: SitesOption = None,
    sites_per_domain: SitesPerDomainOption = 1,
    inner_split: InnerSplitOption = False,
    leakage_every: LeakageEveryOption = 0,
    weights: WeightsOption = None,
    extractor: ExtractorOption = None,
    device: DeviceOption = "automatic",
    processes: Annotated[
        int, typer.Option(min=1, help="Runs at a time, each on one processor core.")
    ] = 1,
) -> None:
    """Run variants of a study with the same seeds and compare them, run by run."""
    from desktop_client.simulation.campaign import Campaign, run_campaign

    variants = read_variants(study_toml, variant)
    check_weights_asked_for(study_toml, [v.study for v in variants], weights)
    if reference not in [v.name for v in variants]:
        raise typer.BadParameter(f"--reference {reference} is not among the variants")
    campaign = Campaign(
        variants=variants,
        data=data,
        json_path=_results_path(json_path),
        seeds=_numbers(seeds),
        held_out_sites=tuple(held_out_site or ()),
        sites_per_domain=sites_per_domain,
        site_count=_site_count(sites, sites_per_domain),
        is_inner_split=inner_split,
        leakage_every=leakage_every,
        device=device,
        process_count=processes,
        weights_path=weights,
        choices=tuple(extractor or ()),
    )
    follow(run_campaign(campaign, reference))


def evaluate(
    model: Annotated[Path, typer.Argument(help="A model file.")],
    data: Annotated[Path, typer.Argument(help="A folder like site/class/file.")],
    json_path: Annotated[Path, typer.Option("--json", help="Where to write the metrics.")],
    split: Annotated[
        Literal["all", "train", "val"],
        typer.Option(help="Which side of the manifest's split to judge on."),
    ] = "all",
    leakage: Annotated[
        bool, typer.Option("--leakage", help="Also measure what the features tell of the site.")
    ] = False,
    predictions: Annotated[
        Path | None, typer.Option(help="Write the answers to all images to this CSV.")
    ] = None,
    device: DeviceOption = "automatic",
) -> None:
    """Judge a finished model on images of any sites, unseen ones included."""
    from desktop_client.simulation.evaluating import EvaluationRequest, evaluate_model

    follow(
        evaluate_model(
            EvaluationRequest(model, data, json_path, split, leakage, predictions, device)
        )
    )


def _numbers(text: str) -> tuple[int, ...]:
    """Read the seeds."""
    numbers = [part.strip() for part in text.split(",")]
    if not all(number.isdecimal() for number in numbers):
        raise typer.BadParameter(f"--seeds {text} must be whole numbers with commas between them")
    return tuple(int(number) for number in numbers)


def _site_count(sites: int | None, sites_per_domain: int) -> int | None:
    """Refuse two words on into how many sites the images are cut."""
    if sites is not None and sites_per_domain > 1:
        raise typer.BadParameter("Name --sites or --sites-per-domain, not both")
    return sites


def _results_path(path: Path) -> Path:
    """Refuse a name that would be that of a table or picture beside the results."""
    if path.suffix != ".json":
        raise typer.BadParameter(f"--json {path} must end in .json")
    return path
