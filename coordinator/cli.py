"""``siteblind-coordinator``: run the server; the commands for its studies, sites and owners.

What answers sites is imported inside the one command that serves, so that all others answer sooner.
"""

from pathlib import Path
from typing import Annotated

import typer

from coordinator.commands import audit, owners, rounds, sites, studies
from coordinator.commands.answering import AsJson, say, say_done
from coordinator.commands.opening import StudyId, now, opened, opened_at, settings_of
from coordinator.errors import CoordinatorError
from coordinator.rounds.export import ModelWanted, export_study
from coordinator.rounds.transitions import allow_for_downtime
from coordinator.server.integrity import check_state
from coordinator.server.logs import start_logging
from coordinator.server.settings import read_settings
from coordinator.storage.arrivals import take_up_cut
from coordinator.storage.attendance import attend, attended
from coordinator.study import ExtractorName

application = typer.Typer(help="The SiteBlind coordinator.", no_args_is_help=True)
application.add_typer(studies.commands, name="study")
application.add_typer(rounds.commands, name="round")
application.add_typer(sites.commands, name="site")
application.add_typer(owners.commands, name="owner")
application.add_typer(audit.commands, name="audit")


def main() -> None:
    """Run the command line; a refusal is one sentence and exit code 1."""
    try:
        application()
    except CoordinatorError as error:
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from error


@application.callback()
def configure(
    context: typer.Context,
    settings: Annotated[
        Path | None, typer.Option(help="TOML file with settings.", metavar="FILE")
    ] = None,
    data_folder: Annotated[
        Path | None, typer.Option(help="Where everything is kept.", metavar="FOLDER")
    ] = None,
) -> None:
    """Every setting can also be given as SITEBLIND_COORDINATOR_<NAME> in the environment."""
    context.obj = read_settings(settings, data_folder=data_folder)
    start_logging(context.obj)


@application.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes any free one.")] = None,
    behind_proxy: Annotated[
        bool | None, typer.Option(help="A proxy on the way speaks TLS; listen without.")
    ] = None,
) -> None:
    """Serve sites until stopped by SIGTERM or Ctrl+C."""
    from coordinator.app import create_app
    from coordinator.server.serving import check_exposure, listening
    from coordinator.server.serving import serve as run_server

    given = {"host": host, "port": port, "behind_proxy": behind_proxy}
    settings = read_settings(
        **settings_of(context).model_dump()
        | {name: value for name, value in given.items() if value is not None}
    )
    check_exposure(settings)
    with (
        listening(settings) as listener,
        opened_at(settings) as state,
        attended(settings.data_folder) as absence,
    ):
        check_state(state.store, state.blobs)
        if absence is not None:  # no other process has this folder
            take_up_cut(settings.arriving_path)
        with state.store.writing() as connection:
            if state.store.is_shared:
                absence = attend(connection, now())
            if absence is not None:  # no other process serves
                allow_for_downtime(connection, now(), absence)
        app = create_app(state.store, state.blobs, now, settings)
        run_server(app, settings, listener, lambda address: say(f"Listening on {address}"))


@application.command()
def export(
    context: typer.Context,
    study_id: StudyId,
    output: Annotated[Path, typer.Option(help="File to write.", metavar="FILE")],
    unfinished: Annotated[
        bool, typer.Option(help="Take the newest model of a study that still runs.")
    ] = False,
    extractor: Annotated[
        ExtractorName | None, typer.Option(help="Of a study with several feature extractors.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a finished study's model, with the study itself, into one safetensors file."""
    with opened(context) as state:
        wanted = ModelWanted(study_id, extractor, is_unfinished_wanted=unfinished)
        export_study(state.store, state.blobs, wanted, output, now())
    say_done(f"Wrote {output}", as_json=as_json)
