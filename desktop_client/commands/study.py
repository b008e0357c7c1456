"""``siteblind join`` and what else a study needs of a site; ``siteblind demo`` shows all of it.

torch is imported inside the commands, so that ``--help`` answers at once.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from coordinator.errors import EnrolmentCodeRefusedError
from coordinator.invitation import Invitation
from coordinator.protocol import InvitedReply
from coordinator.study import ExtractorName, read_study
from desktop_client.commands.options import (
    AT_THE_COMMAND_LINE,
    DeviceOption,
    EventsOption,
    HomeOption,
    RanksOption,
    WeightsOption,
    check_weights_asked_for,
    made_home,
    opened,
)
from desktop_client.commands.service import serve
from desktop_client.console import follow
from desktop_client.durable import write_durably
from desktop_client.errors import (
    CheckpointError,
    CoordinatorRefusedError,
    MembershipError,
)
from desktop_client.federation.consent import (
    Consent,
    ask_what_for,
    invitation_in,
    join_with_consent,
)
from desktop_client.federation.enrolment import ALL_BY_NAME
from desktop_client.federation.findings import PreflightFinished
from desktop_client.federation.leaving import forget_handed_over, leave_study
from desktop_client.federation.membership import (
    Membership,
    StudyRequest,
    chosen_membership,
    memberships,
)
from desktop_client.federation.network import forget_authorities, keep_authorities
from desktop_client.federation.preflight import (
    preflight,
    request_of_invited,
    request_of_member,
)
from desktop_client.federation.rotation import rotate_credential
from desktop_client.paths import Home
from desktop_client.project.opening import open_project


def join(
    invitation: Annotated[
        str | None, typer.Option(help="As the study's owner sent it; - reads it from the input.")
    ] = None,
    coordinator: Annotated[str | None, typer.Option(help="Its address, https://...")] = None,
    code: Annotated[str | None, typer.Option(help="One-time enrolment code.")] = None,
    site_name: Annotated[
        str | None, typer.Option(help="By which the study's owner knows you.")
    ] = None,
    consent: Annotated[
        str | None, typer.Option(help="Who agrees to take part; in the audit trail.")
    ] = None,
    extractor: Annotated[
        ExtractorName | None,
        typer.Option(
            help="Which network this site trains, where the study leaves a choice; for as long as "
            "it is a member. Default: the study's first."
        ),
    ] = None,
    study: Annotated[str | None, typer.Option(help="Which study, if this site is in many.")] = None,
    device: DeviceOption = "automatic",
    ranks: RanksOption = 1,
    events: EventsOption = None,
    home: HomeOption = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Take part as a service: all else stands in this file (TOML)."),
    ] = None,
) -> None:
    """Join a study with an invitation, or go on with one joined before, until its last round.

    Classes of the study's names and all scanners take part; the window, or a file, lets you choose.
    """
    if config is not None:
        if any(given is not None for given in (invitation, coordinator, site_name, study, home)):
            raise typer.BadParameter("--config holds all that; leave the other options out")
        serve(config, events)
        return
    from desktop_client.federation.site import take_part
    from desktop_client.training.device import choose_devices

    choose_devices(device, ranks)  # a device that is not there must not cost the one-time code
    invited = _invited(invitation, coordinator, code)
    if invited is not None and site_name is None:
        raise typer.BadParameter("joining needs --site-name, the name the owner will see")
    place = made_home(home)
    with open_project(place, "siteblind join"):
        if invited is not None and site_name is not None:
            consenting = _Consenting(consent or AT_THE_COMMAND_LINE, site_name, extractor)
            membership = _joined(place, invited, consenting)
        else:
            membership = chosen_membership(memberships(place), study)
            if extractor not in (None, membership.design.extractor):
                raise MembershipError(
                    f"This site has joined with the extractor {membership.design.extractor}. To "
                    "change it, leave the study and join it with a new invitation"
                )
        follow(take_part(StudyRequest(place.path, membership.study_id, device, ranks)), events)


def check(
    invitation: Annotated[
        str | None, typer.Option(help="Of a study that is not joined yet; - reads the input.")
    ] = None,
    study: Annotated[str | None, typer.Option(help="Which study, if this site is in many.")] = None,
    authorities: Annotated[
        Path | None, typer.Option(help="Your network's certificate authority (PEM), from now on.")
    ] = None,
    forget: Annotated[
        bool,
        typer.Option("--forget-authorities", help="Trust only what this computer trusts again."),
    ] = False,
    device: DeviceOption = "automatic",
    home: HomeOption = None,
) -> None:
    """Say whether this site can take part, and who can mend what hinders it."""
    place = made_home(home)
    if forget:
        forget_authorities(place)
    if authorities is not None:
        keep_authorities(place, authorities)
    invited = _invited(invitation, None, None)
    request = (
        request_of_member(place, chosen_membership(memberships(place), study).study_id, device)
        if invited is None
        else request_of_invited(place, invited, device)
    )
    ends: list[PreflightFinished] = []
    follow(_noting_its_end(preflight(request), ends))
    if ends[0].problem_count:
        raise typer.Exit(1)


def rotate(
    study: Annotated[str | None, typer.Option(help="Which study, if this site is in many.")] = None,
    home: HomeOption = None,
) -> None:
    """Give this site a new credential in a study; the old one is void from then on."""
    with opened(home, "siteblind rotate-credential") as place:
        membership = rotate_credential(place, chosen_membership(memberships(place), study).study_id)
    typer.echo(f"This site has a new credential in the study {membership.study.name}")


def leave(
    study: Annotated[str | None, typer.Option(help="Which study, if this site is in many.")] = None,
    reader: Annotated[
        str, typer.Option(help="Who decided it; in the audit trail.")
    ] = AT_THE_COMMAND_LINE,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = None,
) -> None:
    """Leave a study for good; the coordinator removes what it has kept of this site.

    One that was handed over to another computer is only removed here; leave it there.
    """
    with opened(home, "siteblind leave") as place:
        chosen = chosen_membership(memberships(place), study)
        name, is_here = chosen.study.name, chosen.handed_over_at is None
        if not yes:
            meant = f"Leave the study {name} for good" if is_here else f"Remove {name} here"
            typer.confirm(f"{meant}?", abort=True)
        (leave_study if is_here else forget_handed_over)(place, chosen.study_id, reader)
    if is_here:
        typer.echo(f"This site has left the study {name}; its newest model stays here")
    else:
        typer.echo(f"The study {name} is removed here; the other computer goes on with it")


def init_model(
    study_toml: Annotated[Path, typer.Argument(help="The study to make parameters for.")],
    output: Annotated[Path, typer.Option(help="Where to write them.")],
    seed: Annotated[int | None, typer.Option(min=0, help="Default: the study's seed.")] = None,
    weights: WeightsOption = None,
    extractor: Annotated[
        ExtractorName | None, typer.Option(help="Which, of a study with several extractors.")
    ] = None,
) -> None:
    """Write initial parameters for a study, to give to the coordinator.

    Of a study with several feature extractors, call it once for each.
    """
    from desktop_client.federation.exchange import UNASSIGNED, initial_body

    study = read_study(study_toml)
    check_weights_asked_for(study_toml, [study], weights)
    named = extractor or study.model.extractor
    if named not in study.model.extractors or (
        extractor is None and study.model.further_extractors
    ):
        names = ", ".join(study.model.extractors)
        raise typer.BadParameter(f"{study_toml} has {names}; name one of them with --extractor")
    chosen = study.rounds.seed if seed is None else seed
    body = initial_body(study, UNASSIGNED, chosen, weights, named)
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


def _noting_its_end(events: Iterable[object], ends: list[PreflightFinished]) -> Iterator[object]:
    for event in events:
        if isinstance(event, PreflightFinished):
            ends.append(event)
        yield event


def _invited(text: str | None, coordinator: str | None, code: str | None) -> Invitation | None:
    """Return the invitation that the options hold, if any."""
    if text is not None:
        if coordinator is not None or code is not None:
            raise typer.BadParameter("--invitation holds address and code; leave them out")
        return invitation_in(sys.stdin.read() if text == "-" else text)
    if (code is None) != (coordinator is None):
        raise typer.BadParameter("--coordinator and --code belong together")
    if code is None or coordinator is None:
        return None
    return Invitation(coordinator, "", code)


@dataclass(frozen=True)
class _Consenting:
    """Who agrees for which site, and what this site has chosen to train."""

    reader: str
    site_name: str
    extractor: ExtractorName | None


def _joined(home: Home, invitation: Invitation, by: _Consenting) -> Membership:
    """Join; whoever repeats the command that joined is told how to go on."""
    try:
        seen = ask_what_for(home, invitation)
        if len(seen.study.model.extractors) > 1:
            typer.echo(_choice(seen, by.extractor))
        consent = Consent(
            by.reader, by.site_name, seen.study_digest, ALL_BY_NAME, extractor=by.extractor
        )
        return join_with_consent(home, invitation, consent)
    except CoordinatorRefusedError as error:
        if error.code != EnrolmentCodeRefusedError.code or not memberships(home):
            raise
        raise MembershipError(
            f"{error}. To go on with a study joined before, leave out the invitation, or "
            "--coordinator and --code"
        ) from error


def _choice(seen: InvitedReply, chosen: ExtractorName | None) -> str:
    """Say which networks there are to choose from, what each costs, and which is taken."""
    design = seen.study.model
    told = [f"{name} ({_size(seen.bytes_with(name))})" for name in design.extractors]
    taken = chosen or design.extractor
    return f"The study leaves a choice of {', '.join(told)}; this site takes part with {taken}"


def _size(byte_count: int | None) -> str:
    return "of unknown size" if byte_count is None else f"{byte_count / 1e6:.1f} MB"
