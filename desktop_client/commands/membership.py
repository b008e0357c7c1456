"""``siteblind membership``: a study moves between two computers of one site."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_client.commands.options import (
    AT_THE_COMMAND_LINE,
    HomeOption,
    home_at,
    opened,
)
from desktop_client.console import follow
from desktop_client.federation.bringing_over import bring_over
from desktop_client.federation.handing_over import hand_over, take_back, take_over
from desktop_client.federation.membership import chosen_membership, memberships
from desktop_client.project.opening import open_project

app = typer.Typer(
    help="Move a study between two computers of this site, without joining again.",
    no_args_is_help=True,
)

StudyOption = Annotated[
    str | None, typer.Option("--study", help="Which study, if this site is in many.")
]
ReaderOption = Annotated[str, typer.Option("--reader", help="Who decided it; in the audit trail.")]


@app.command("hand-over")
def hand_over_study(
    to: Annotated[Path, typer.Option(help="File to write; it opens the study, keep it safe.")],
    study: StudyOption = None,
    reader: ReaderOption = AT_THE_COMMAND_LINE,
    home: HomeOption = None,
) -> None:
    """Write a study, with labels but without images, into a file; it rests here from then on."""
    with opened(home, "siteblind membership hand-over") as place:
        member = chosen_membership(memberships(place), study)
        follow(hand_over(place, member.study_id, reader, to.absolute()))


@app.command("take")
def take_study(
    file: Annotated[Path, typer.Argument(help="What the other computer has written.")],
    reader: ReaderOption = AT_THE_COMMAND_LINE,
    home: HomeOption = None,
) -> None:
    """Take part in the study that a file hands over; where there is no project, it brings one."""
    place = home_at(home)
    if not place.is_project:
        follow(bring_over(place, file, reader))
        return
    with open_project(place, "siteblind membership take"):
        follow(take_over(place, file, reader))


@app.command("take-back")
def take_study_back(
    study: StudyOption = None,
    reader: ReaderOption = AT_THE_COMMAND_LINE,
    home: HomeOption = None,
) -> None:
    """Take part again in a study that was handed over and that nobody has taken."""
    with opened(home, "siteblind membership take-back") as place:
        member = chosen_membership(memberships(place), study)
        follow([take_back(place, member.study_id, reader)])
