"""``study``: create studies and look after them."""

from pathlib import Path
from typing import Annotated

import typer

from coordinator.commands.answering import AsJson, say, say_facts, say_json, say_rows
from coordinator.commands.opening import StudyId, now, opened
from coordinator.errors import SettingsInvalidError
from coordinator.initial import approve_proposal, create_study, reject_proposal
from coordinator.standing import find_standing
from coordinator.studies import find_study, list_studies
from coordinator.study import read_study

commands = typer.Typer(help="Create and look after studies.", no_args_is_help=True)


@commands.command()
def create(
    context: typer.Context,
    study_toml: Annotated[Path, typer.Argument(help="The study's description.")],
    initial_parameters: Annotated[
        Path | None, typer.Option(help="Model to start from.", metavar="FILE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create a study from its study.toml and print its id."""
    study = read_study(study_toml)
    body = None if initial_parameters is None else _read_bytes(initial_parameters)
    with opened(context) as state:
        study_id = create_study(state.store, state.blobs, study, body, now())
    if as_json:
        say_json({"study_id": study_id})
    else:
        say(study_id)


@commands.command("list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List all studies with their state."""
    with opened(context) as state, state.store.reading() as connection:
        rows = [
            {
                "study_id": record.study_id,
                "name": record.study.name,
                "sentence": find_standing(connection, record, now()).sentence(record.study.rounds),
            }
            for record in list_studies(connection)
        ]
    say_rows(rows, as_json=as_json, if_none="No study was created yet")


@commands.command()
def show(context: typer.Context, study_id: StudyId, as_json: AsJson = False) -> None:
    """Show how a study stands."""
    with opened(context) as state, state.store.reading() as connection:
        record = find_study(connection, study_id)
        standing = find_standing(connection, record, now())
    plan = record.study.rounds
    facts = {
        "study_id": study_id,
        "name": record.study.name,
        "state": standing.state(plan),
        "sentence": standing.sentence(plan),
        "round_number": standing.round_number(plan),
        "round_count": plan.count,
        "averaged_count": standing.newest.round_number if standing.newest else 0,
        "site_count": standing.site_count,
        "created_at": record.created_at,
    }
    say_facts(facts, as_json=as_json)


@commands.command()
def approve(context: typer.Context, study_id: StudyId) -> None:
    """Begin a study from the initial parameters that a site has proposed."""
    with opened(context) as state:
        approve_proposal(state.store, state.blobs, study_id, now())
    say("The proposed parameters are now the study's initial ones")


@commands.command()
def reject(context: typer.Context, study_id: StudyId) -> None:
    """Drop the initial parameters that a site has proposed."""
    with opened(context) as state:
        reject_proposal(state.store, study_id)
    say("The proposal is dropped; a site may propose again")


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsInvalidError(f"{path} cannot be read: {error.strerror}") from error
