"""``siteblind audit``: who did what with the labels, and whether the record of it is whole."""

from pathlib import Path
from typing import Annotated

import typer

from desktop_client.commands.options import HomeOption, home_at
from desktop_client.console import follow
from desktop_client.labelling.auditing import check_audit_trail, export_audit_trail

app = typer.Typer(help="Check the audit trail of a project, or write it out.", no_args_is_help=True)


@app.command("verify")
def verify(home: HomeOption = None) -> None:
    """Check that no act was altered or taken out; exit code 1 if one was."""
    follow(check_audit_trail(home_at(home).labels_path))


@app.command("export")
def export(
    output: Annotated[Path, typer.Argument(help="File to write: .csv, or .jsonl for JSON lines.")],
    home: HomeOption = None,
) -> None:
    """Write every act with its reader and time; no patient and no file is named."""
    follow(export_audit_trail(home_at(home).labels_path, output))
