"""``siteblind project``: back up, restore and list projects."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_client.commands.options import HomeOption, home_at
from desktop_client.console import follow
from desktop_client.paths import UserFolder
from desktop_client.project.backup import SUFFIX, back_up
from desktop_client.project.recent import recent_projects
from desktop_client.project.restore import check_target, look_into, restore

app = typer.Typer(help="Back up, restore and list projects.", no_args_is_help=True)


@app.command("backup")
def back_up_project(
    output: Annotated[Path, typer.Argument(help=f"File to write, usually NAME{SUFFIX}.")],
    home: HomeOption = None,
) -> None:
    """Write labels, models and memberships into one file; the project may be in use meanwhile."""
    follow(back_up(home_at(home), output))


@app.command("restore")
def restore_project(
    backup: Annotated[Path, typer.Argument(help="A file that was backed up to.")],
    home: HomeOption = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace the project that is there; it is kept beside."),
    ] = False,
) -> None:
    """Put a back-up in place, after checking all of it."""
    place = home_at(home)
    manifest = look_into(backup)
    check_target(place, replaces=replace)
    typer.echo(
        f"“{manifest.project}” of {manifest.created.astimezone():%d %B %Y %H:%M}: "
        f"{manifest.image_count} images, {manifest.labelled_count} labelled"
    )
    follow(restore(backup, place, replaces=replace))


@app.command("list")
def list_projects() -> None:
    """List the projects that were open last, newest first."""
    for project in recent_projects(UserFolder.default().recent_path):
        state = "" if project.home.is_project else "  (not there now)"
        typer.echo(f"{project.opened.astimezone():%Y-%m-%d %H:%M}  {project.home.path}{state}")
