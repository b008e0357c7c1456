"""``owner``: who may look at studies, by a credential that is shown once."""

from typing import Annotated

import typer

from coordinator.access.owners import issue_owner, list_owners, revoke_owner
from coordinator.commands.answering import AsJson, Yes, confirm, say, say_done, say_json, say_rows
from coordinator.commands.opening import now, opened

commands = typer.Typer(help="Let people and programs look at studies.", no_args_is_help=True)


@commands.command()
def issue(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who it is for, a person or a program.")],
    study: Annotated[
        str | None, typer.Option(help="Id of the only study to be seen; else all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a new owner credential; it is not shown again."""
    with opened(context) as state, state.store.writing() as connection:
        issued = issue_owner(connection, name, study, now())
    if as_json:
        say_json(issued)
    else:
        say(issued.credential)


@commands.command("list")
def list_all(
    context: typer.Context,
    study: Annotated[str | None, typer.Option(help="Only those who see this study.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the owner credentials, without their secrets."""
    with opened(context) as state, state.store.reading() as connection:
        owners = list_owners(connection, study)
    rows = [
        {
            "owner_id": owner.owner_id,
            "name": owner.owner_name,
            "sees": owner.study_id or "all studies",
            "created_at": owner.created_at,
            "credential": "revoked" if owner.is_revoked else "valid",
        }
        for owner in owners
    ]
    if as_json:
        say_json(rows)
    else:
        say_rows(rows, if_none="No owner credential was issued yet")


@commands.command()
def revoke(
    context: typer.Context,
    owner_id: Annotated[str, typer.Argument(help="Id of the owner, as `owner list` prints it.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Void an owner's credential and sessions."""
    confirm(f"The credential of owner {owner_id} is void for good.", is_meant=yes)
    with opened(context) as state, state.store.writing() as connection:
        revoke_owner(connection, owner_id, now())
    say_done(f"The credential of owner {owner_id} is void", as_json=as_json)
