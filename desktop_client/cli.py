"""The command ``siteblind``: a site without a window, the demo, and simulated federations.

torch is imported inside the commands that need it, so that ``--help`` answers at once.
"""

import logging
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from coordinator.errors import CoordinatorError, EnrolmentCodeRefusedError
from coordinator.study import ExtractorName, ModelDesign, read_study
from desktop_client.commands import audit, project
from desktop_client.console import follow
from desktop_client.durable import write_durably
from desktop_client.errors import (
    CheckpointError,
    ClientError,
    CoordinatorRefusedError,
    MembershipError,
    RunFileError,
    SettingsError,
)
from desktop_client.federation.enrolment import enrol
from desktop_client.federation.membership import Membership, StudyRequest, memberships
from desktop_client.federation.rotation import rotate_credential
from desktop_client.labelling.exporting import LabelExport, export_labels
from desktop_client.labelling.importing import import_folder, import_paths
from desktop_client.labelling.restoring import import_csv
from desktop_client.paths import Home
from desktop_client.project.opening import open_project
from desktop_client.simulation.results import Arrangement
from desktop_client.simulation.variants import (
    CONTROLS,
    PLAIN_PRESET,
    PRESET_NAMES,
    Variant,
    read_variants,
)
from desktop_client.training.request import (
    DeviceChoice,
    DoctorRequest,
    PredictionRequest,
    ResumeRequest,
    TrainingRequest,
)
from desktop_client.training.run_file import run_path_of

app = typer.Typer(
    help="SiteBlind without a window. Research use only. Not for diagnostic use.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.add_typer(project.app, name="project")
app.add_typer(audit.app, name="audit")

INTERRUPTED: Final = 130
"""The exit code that typer makes of Ctrl+C."""
AT_THE_COMMAND_LINE: Final = "command line"
"""Who the audit trail says exported something without a window."""

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of this site; default: the user's own.")
]
DeviceOption = Annotated[DeviceChoice, typer.Option(help="Where to compute.")]
EventsOption = Annotated[
    Path | None, typer.Option("--events", help="Append every event to this file, as JSON lines.")
]

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
InnerSplitOption = Annotated[
    bool,
    typer.Option(
        "--inner-split", help="To choose settings: judge on a part of the training images only."
    ),
]
LeakageEveryOption = Annotated[
    int, typer.Option(min=0, help="Measure leakage after every so many rounds; 0: at the end.")
]


def main() -> None:
    """Run the command; refusals become one sentence and exit code 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # Its retries are ours to tell of, in one sentence, once none is left.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        app()
    except (ClientError, CoordinatorError) as error:
        typer.echo(f"siteblind: {error}", err=True)
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            typer.echo("siteblind: stopped; what was saved stays", err=True)
        raise


@app.command("import")
def import_images(
    source: Annotated[
        Path,
        typer.Argument(help="A folder of images, a DICOMDIR, one image, or a CSV that lists them."),
    ],
    labels_from_folders: Annotated[
        bool, typer.Option(help="The folder an image lies in names its class.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Import images and labels; a CSV has the columns file, lesion, domain, patient.

    A CSV that export-labels wrote is taken back in, with readers and times.
    """
    place = _home(home)
    with open_project(place, "siteblind import"):
        if source.suffix.lower() == ".csv":
            follow(import_csv(place.labels_path, source))
        elif source.is_file():
            follow(
                import_paths(place.labels_path, [source], labels_from_folders=labels_from_folders)
            )
        else:
            follow(
                import_folder(place.labels_path, source, labels_from_folders=labels_from_folders)
            )


@app.command("export-labels")
def export_labels_(
    csv_path: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The table to write.")],
    absolute_paths: Annotated[
        bool, typer.Option("--absolute-paths", help="Write where files are from the disk's root.")
    ] = False,
    semicolons: Annotated[
        bool, typer.Option("--semicolons", help="As Excel wants where the comma is decimal.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Without the mark by which Excel knows UTF-8.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Write all images' labels, scanners, patients' pseudonyms, readers and times to a CSV."""
    export = LabelExport(
        csv_path,
        paths="absolute" if absolute_paths else "relative",
        is_for_excel=not plain,
        delimiter=";" if semicolons else ",",
        reader=AT_THE_COMMAND_LINE,
    )
    follow(export_labels(_home(home).labels_path, export))


@app.command("export-images")
def export_images(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    dates: Annotated[
        Literal["shift", "remove"],
        typer.Option(help="Move each patient's dates by the same days, or take them out."),
    ] = "shift",
    without_scanner_model: Annotated[
        bool, typer.Option("--without-scanner-model", help="Take out maker and model, too.")
    ] = False,
    mask_areas: Annotated[
        Path | None,
        typer.Option(
            help="A CSV (file, left, top, width, height; in pixels) of what is painted black; a "
            "file without numbers was looked at and is clean."
        ),
    ] = None,
    trust_pixels: Annotated[
        bool, typer.Option("--trust-pixels", help="You vouch that no name is in any image.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Export de-identified copies of all images, with a table of their labels.

    Images that may have a name written into them are left out unless --mask-areas lists them.
    """
    from desktop_client.imaging.deidentify.policy import Policy
    from desktop_client.labelling.area_table import read_areas
    from desktop_client.labelling.copying import CopyExport, export_copies

    export = CopyExport(
        folder,
        policy=Policy(dates, not without_scanner_model),
        reviews={} if mask_areas is None else read_areas(mask_areas),
        trusts_pixels=trust_pixels,
        reader=AT_THE_COMMAND_LINE,
    )
    follow(export_copies(_home(home).labels_path, export))


@app.command()
def train(
    output: Annotated[Path, typer.Option(help="Where to write the model.")],
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the images.")] = 20,
    extractor: Annotated[ExtractorName, typer.Option(help="Which network.")] = "small_cnn",
    device: DeviceOption = "automatic",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="The same bits each time on a GPU, too.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with this output's interrupted training.")
    ] = False,
    events: EventsOption = None,
    home: HomeOption = None,
) -> None:
    """Train on this site's own labelled images, outside any study."""
    from desktop_client.training.own_training import resume_from_store, train_from_store

    if resume:
        follow(resume_from_store(ResumeRequest(_home(home).labels_path, output)), events)
        return
    if (path := run_path_of(output)).exists():
        raise RunFileError(
            f"{output} has an interrupted training. Go on with it with --resume, or delete "
            f"{path} to start a new one"
        )
    request = TrainingRequest(
        labels_path=_home(home).labels_path,
        checkpoint_path=output,
        epoch_count=epochs,
        model=ModelDesign(extractor=extractor),
        device=device,
        seed=seed,
        is_deterministic=deterministic,
    )
    follow(train_from_store(request), events)


@app.command("predict")
def predict_images(
    model: Annotated[Path, typer.Argument(help="A model file.")],
    csv: Annotated[Path, typer.Option("--csv", help="Where to write what the model suggests.")],
    folder: Annotated[
        Path | None, typer.Option(help="A folder of images; default: those imported here.")
    ] = None,
    device: DeviceOption = "automatic",
    home: HomeOption = None,
) -> None:
    """Ask a model about images; its answers are suggestions for research, no diagnoses."""
    from desktop_client.training.prediction_table import predict_to_table

    labels_path = _home(home).labels_path
    follow(predict_to_table(PredictionRequest(model, csv, labels_path, folder, device)))


@app.command("doctor")
def examine_computer(
    device: DeviceOption = "automatic",
    extractor: Annotated[ExtractorName, typer.Option(help="Which network to try.")] = "small_cnn",
) -> None:
    """Say what training computes on and why, who can change that, and how long a step takes."""
    from desktop_client.training.doctor import examine

    follow(examine(DoctorRequest(device, ModelDesign(extractor=extractor))))


@app.command()
def join(
    coordinator: Annotated[str | None, typer.Option(help="Its address, https://...")] = None,
    code: Annotated[str | None, typer.Option(help="One-time enrolment code.")] = None,
    site_name: Annotated[
        str | None, typer.Option(help="By which the study's owner knows you; goes with --code.")
    ] = None,
    study: Annotated[str | None, typer.Option(help="Which study, if this site is in many.")] = None,
    device: DeviceOption = "automatic",
    events: EventsOption = None,
    home: HomeOption = None,
) -> None:
    """Join a study with a code, or go on with one joined before, until its last round."""
    from desktop_client.federation.site import take_part
    from desktop_client.training.device import choose_device

    choose_device(device)  # a device that is not there must not cost the one-time code
    if (code is None) != (coordinator is None):
        raise typer.BadParameter("--coordinator and --code belong together")
    if code is not None and site_name is None:
        raise typer.BadParameter("--code needs --site-name, the name the owner will see")
    place = _home(home)
    with open_project(place, "siteblind join"):
        if code is not None and coordinator is not None and site_name is not None:
            membership = _enrolled(place, coordinator, code, site_name)
        else:
            membership = _chosen(memberships(place), study)
        follow(take_part(StudyRequest(place.path, membership.study_id, device)), events)


@app.command("rotate-credential")
def rotate(
    study: Annotated[str | None, typer.Option(help="Which study, if this site is in many.")] = None,
    home: HomeOption = None,
) -> None:
    """Give this site a new credential in a study; the old one is void from then on."""
    place = _home(home)
    with open_project(place, "siteblind rotate-credential"):
        membership = rotate_credential(place, _chosen(memberships(place), study).study_id)
    typer.echo(f"This site has a new credential in the study {membership.study.name}")


@app.command("init-model")
def init_model(
    study_toml: Annotated[Path, typer.Argument(help="The study to make parameters for.")],
    output: Annotated[Path, typer.Option(help="Where to write them.")],
    seed: Annotated[int | None, typer.Option(min=0, help="Default: the study's seed.")] = None,
) -> None:
    """Write initial parameters for a study, to give to the coordinator."""
    from desktop_client.federation.exchange import UNASSIGNED, initial_body

    study = read_study(study_toml)
    body = initial_body(study, UNASSIGNED, study.rounds.seed if seed is None else seed)
    try:
        write_durably(output, body)
    except OSError as error:
        raise CheckpointError(f"{output} cannot be written: {error.strerror}") from error
    typer.echo(f"Wrote {len(body) / 1e6:.1f} MB of initial parameters to {output}")


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Where to leave table and report.")],
    images: Annotated[int, typer.Option(min=60, help="Phantom images per hospital.")] = 200,
    rounds: Annotated[int | None, typer.Option(min=1, help="Default: the template's.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Run a whole federation on phantom images, on this machine, and report on it."""
    from desktop_client.demo.run import DemoPlan, run_demo

    follow(run_demo(DemoPlan(output, images, rounds, seed)))


@app.command()
def simulate(
    study_toml: StudyArgument,
    data: DataOption,
    json_path: ResultsOption,
    seeds: SeedsOption = "0",
    held_out_site: Annotated[
        str | None, typer.Option(help="A site that takes no part; the model is judged on it.")
    ] = None,
    sites_per_domain: SitesPerDomainOption = 1,
    inner_split: InnerSplitOption = False,
    leakage_every: LeakageEveryOption = 0,
    arrangement: Annotated[
        Arrangement, typer.Option(help="Whether sites average, stay alone, or are one.")
    ] = "federated",
    device: DeviceOption = "automatic",
) -> None:
    """Run a whole federation of a study on this machine; again, it goes on where it stopped."""
    from desktop_client.simulation.campaign import Campaign, run_campaign

    study = read_study(study_toml)
    campaign = Campaign(
        variants=(Variant(study.method.preset, study, arrangement),),
        data=data,
        json_path=_results_path(json_path),
        seeds=_numbers(seeds),
        held_out_sites=() if held_out_site is None else (held_out_site,),
        sites_per_domain=sites_per_domain,
        is_inner_split=inner_split,
        leakage_every=leakage_every,
        device=device,
    )
    follow(run_campaign(campaign))


@app.command()
def compare(
    study_toml: StudyArgument,
    data: DataOption,
    variant: Annotated[
        list[str],
        typer.Option(
            help=f"May be repeated: {', '.join((*PRESET_NAMES, *CONTROLS))}, or "
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
    sites_per_domain: SitesPerDomainOption = 1,
    inner_split: InnerSplitOption = False,
    leakage_every: LeakageEveryOption = 0,
    device: DeviceOption = "automatic",
    processes: Annotated[
        int, typer.Option(min=1, help="Runs at a time, each on one processor core.")
    ] = 1,
) -> None:
    """Run variants of a study with the same seeds and compare them, run by run."""
    from desktop_client.simulation.campaign import Campaign, run_campaign

    variants = read_variants(study_toml, variant)
    if reference not in [v.name for v in variants]:
        raise typer.BadParameter(f"--reference {reference} is not among the variants")
    campaign = Campaign(
        variants=variants,
        data=data,
        json_path=_results_path(json_path),
        seeds=_numbers(seeds),
        held_out_sites=tuple(held_out_site or ()),
        sites_per_domain=sites_per_domain,
        is_inner_split=inner_split,
        leakage_every=leakage_every,
        device=device,
        process_count=processes,
    )
    follow(run_campaign(campaign, reference))


@app.command()
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


def _results_path(path: Path) -> Path:
    """Refuse a name that would be that of a table or picture beside the results."""
    if path.suffix != ".json":
        raise typer.BadParameter(f"--json {path} must end in .json")
    return path


def _home(path: Path | None) -> Home:
    home = Home.default() if path is None else Home(path)
    try:
        return home.create()
    except OSError as error:
        raise SettingsError(
            f"The folder {home.path} cannot be used: {error.strerror}. Choose another with --home"
        ) from error


def _enrolled(home: Home, coordinator_url: str, code: str, site_name: str) -> Membership:
    """Join with a code; whoever repeats the command that joined is told how to go on."""
    try:
        return enrol(home, coordinator_url, code, site_name)
    except CoordinatorRefusedError as error:
        if error.code != EnrolmentCodeRefusedError.code or not memberships(home):
            raise
        raise MembershipError(
            f"{error}. To go on with a study joined before, leave out --coordinator and --code"
        ) from error


def _chosen(joined: list[Membership], study_id: str | None) -> Membership:
    """Return the membership that is meant.

    Raises:
        MembershipError: if it is not clear which one.
    """
    meant = [m for m in joined if study_id in (None, m.study_id)]
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise MembershipError(
            "This site is in no such study; join one with --coordinator and --code"
        )
    names = "; ".join(f"{m.study_id} “{m.study.name}”" for m in meant)
    raise MembershipError(f"This site is in several studies; choose with --study: {names}")
