"""``audit``: who did what, and whether the record of it is whole."""

from typing import Annotated

import typer

from coordinator.access.audit import entries, verify
from coordinator.commands.answering import AsJson, say, say_json, say_rows
from coordinator.commands.opening import opened
from coordinator.errors import StateDamagedError

commands = typer.Typer(help="Read the audit log, and check it.", no_args_is_help=True)


@commands.command()
def show(
    context: typer.Context,
    study: Annotated[str | None, typer.Option(help="Only what concerns this study.")] = None,
    count: Annotated[int, typer.Option(min=1, help="So many newest entries.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Print the newest entries, the newest first."""
    with opened(context) as state, state.store.reading() as connection:
        newest = entries(connection, study, count)
    if as_json:
        say_json(newest)
        return
    rows = [
        {
            "entry": entry.sequence,
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action.replace("_", " "),
            "study_id": entry.study_id,
            "subject": ", ".join(f"{name} {value}" for name, value in entry.subject.items()),
        }
        for entry in newest
    ]
    say_rows(rows, if_none="Nothing was recorded yet")


@commands.command("verify")
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Check that no entry was altered or taken out; exit code 1 if one was."""
    with opened(context) as state, state.store.reading() as connection:
        broken = verify(connection)
        newest = entries(connection, count=1)
    if broken is not None:
        raise StateDamagedError(
            f"The audit log is missing entry {broken}, or it was altered; nothing from there on "
            "can be relied on. Compare with a backup"
        )
    count, digest = (newest[0].sequence, newest[0].digest) if newest else (0, None)
    if as_json:
        say_json({"entry_count": count, "newest_digest": digest})
    else:
        say(f"The audit log is whole: {count} entries")
        say(f"Keep this elsewhere, to notice if its end is cut off: {count} {digest}")
