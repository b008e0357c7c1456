"""``siteblind join`` and what else a study needs of a site; ``siteblind demo`` shows all of it.

torch is imported inside the commands, so that ``--help`` answers at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from coordinator.errors import EnrolmentCodeRefusedError
from coordinator.study import read_study
from desktop_client.commands.options import (
    DeviceOption,
    EventsOption,
    HomeOption,
    made_home,
    opened,
)
from desktop_client.console import follow
from desktop_client.durable import write_durably
from desktop_client.errors import CheckpointError, CoordinatorRefusedError, MembershipError
from desktop_client.federation.enrolment import enrol
from desktop_client.federation.membership import Membership, StudyRequest, memberships
from desktop_client.federation.rotation import rotate_credential
from desktop_client.paths import Home
from desktop_client.project.opening import open_project


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
    place = made_home(home)
    with open_project(place, "siteblind join"):
        if code is not None and coordinator is not None and site_name is not None:
            membership = _enrolled(place, coordinator, code, site_name)
        else:
            membership = _chosen(memberships(place), study)
        follow(take_part(StudyRequest(place.path, membership.study_id, device)), events)


def rotate(
    study: Annotated[str | None, typer.Option(help="Which study, if this site is in many.")] = None,
    home: HomeOption = None,
) -> None:
    """Give this site a new credential in a study; the old one is void from then on."""
    with opened(home, "siteblind rotate-credential") as place:
        membership = rotate_credential(place, _chosen(memberships(place), study).study_id)
    typer.echo(f"This site has a new credential in the study {membership.study.name}")


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


def demo(
    output: Annotated[Path, typer.Option(help="Where to leave table and report.")],
    images: Annotated[int, typer.Option(min=60, help="Phantom images per hospital.")] = 200,
    rounds: Annotated[int | None, typer.Option(min=1, help="Default: the template's.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Run a whole federation on phantom images, on this machine, and report on it."""
    from desktop_client.demo.run import DemoPlan, run_demo

    follow(run_demo(DemoPlan(output, images, rounds, seed)))


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
