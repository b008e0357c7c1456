"""``siteblind-coordinator``: run the server; keep its studies and sites."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from coordinator.app import create_app
from coordinator.auth import CODE_LIFETIME, invite_site, list_sites, revoke_site
from coordinator.blobs import BlobFolder
from coordinator.errors import CoordinatorError, SettingsInvalidError
from coordinator.export import export_study
from coordinator.initial import approve_proposal, create_study, reject_proposal
from coordinator.serving import check_exposure
from coordinator.serving import serve as run_server
from coordinator.settings import Settings, read_settings
from coordinator.standing import find_standing
from coordinator.store import Store
from coordinator.studies import find_study, list_studies
from coordinator.study import read_study

application = typer.Typer(help="The SiteBlind coordinator.", no_args_is_help=True)
study_commands = typer.Typer(help="Create and look after studies.", no_args_is_help=True)
site_commands = typer.Typer(help="Invite sites and end memberships.", no_args_is_help=True)
application.add_typer(study_commands, name="study")
application.add_typer(site_commands, name="site")

StudyId = Annotated[str, typer.Argument(help="Id of the study, as `study list` prints it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(frozen=True, slots=True)
class State:
    """The open data folder."""

    store: Store
    blobs: BlobFolder


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
    logging.basicConfig(
        level=context.obj.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)


@application.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes any free one.")] = None,
    behind_proxy: Annotated[
        bool, typer.Option(help="A proxy on the way speaks TLS; listen without.")
    ] = False,
) -> None:
    """Serve sites until stopped by SIGTERM or Ctrl+C."""
    given = _settings(context)
    settings = read_settings(**{**given.model_dump(), **_given(host=host, port=port)})
    check_exposure(settings, is_behind_proxy=behind_proxy)
    with _opened(settings) as state:
        settings.arriving_path.mkdir(exist_ok=True)
        state.blobs.remove_unfinished(_now())
        app = create_app(state.store, state.blobs, _now, settings)
        run_server(app, settings, lambda address: typer.echo(f"Listening on {address}"))


@study_commands.command("create")
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
    with _opened(_settings(context)) as state:
        study_id = create_study(state.store, state.blobs, study, body, _now())
    _print({"study_id": study_id} if as_json else study_id)


@study_commands.command("list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List all studies with their state."""
    with _opened(_settings(context)) as state, state.store.reading() as connection:
        rows = [
            {
                "study_id": record.study_id,
                "name": record.study.name,
                "sentence": find_standing(connection, record, _now()).sentence(record.study.rounds),
            }
            for record in list_studies(connection)
        ]
    _print(rows if as_json else "\n".join("  ".join(row.values()) for row in rows))


@study_commands.command("show")
def show(context: typer.Context, study_id: StudyId, as_json: AsJson = False) -> None:
    """Show how a study stands."""
    with _opened(_settings(context)) as state, state.store.reading() as connection:
        record = find_study(connection, study_id)
        standing = find_standing(connection, record, _now())
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
        "created_at": record.created_at.isoformat(timespec="seconds"),
    }
    _print(facts if as_json else "\n".join(f"{key}: {value}" for key, value in facts.items()))


@study_commands.command("approve")
def approve(context: typer.Context, study_id: StudyId) -> None:
    """Begin a study from the initial parameters that a site has proposed."""
    with _opened(_settings(context)) as state:
        approve_proposal(state.store, state.blobs, study_id, _now())
    _print("The proposed parameters are now the study's initial ones")


@study_commands.command("reject")
def reject(context: typer.Context, study_id: StudyId) -> None:
    """Drop the initial parameters that a site has proposed."""
    with _opened(_settings(context)) as state:
        reject_proposal(state.store, study_id)
    _print("The proposal is dropped; a site may propose again")


@site_commands.command("invite")
def invite(
    context: typer.Context,
    study_id: StudyId,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many codes.")] = 1,
    expires_days: Annotated[
        float, typer.Option(min=0.01, max=365, help="Days until an unused code is void.")
    ] = CODE_LIFETIME.days,
    as_json: AsJson = False,
) -> None:
    """Print one-time enrolment codes, each for one site; they are not shown again."""
    expires_at = _now() + timedelta(days=expires_days)
    with _opened(_settings(context)) as state, state.store.writing() as connection:
        codes = [invite_site(connection, study_id, expires_at) for _ in range(count)]
    _print({"codes": codes} if as_json else "\n".join(codes))


@site_commands.command("list")
def list_members(context: typer.Context, study_id: StudyId, as_json: AsJson = False) -> None:
    """List a study's sites and when each was last heard of."""
    with _opened(_settings(context)) as state, state.store.reading() as connection:
        rows = [
            {
                "site_id": site.site_id,
                "name": site.site_name,
                "last_seen_at": site.last_seen_at.isoformat(timespec="seconds"),
                "membership": "ended" if site.is_revoked else "active",
            }
            for site in list_sites(connection, study_id)
        ]
    _print(rows if as_json else "\n".join("  ".join(row.values()) for row in rows))


@site_commands.command("revoke")
def revoke(
    context: typer.Context,
    study_id: StudyId,
    site_id: Annotated[str, typer.Argument(help="Id of the site, as `site list` prints it.")],
) -> None:
    """End a site's membership; what it sent counts in no further average."""
    with _opened(_settings(context)) as state, state.store.writing() as connection:
        revoke_site(connection, study_id, site_id, _now())
    _print(f"The membership of site {site_id} has ended")


@application.command()
def export(
    context: typer.Context,
    study_id: StudyId,
    output: Annotated[Path, typer.Option(help="File to write.", metavar="FILE")],
    unfinished: Annotated[
        bool, typer.Option(help="Take the newest model of a study that still runs.")
    ] = False,
) -> None:
    """Write a finished study's model, with the study itself, into one safetensors file."""
    with _opened(_settings(context)) as state:
        body = export_study(state.store, state.blobs, study_id, is_unfinished_wanted=unfinished)
    try:
        output.write_bytes(body)
    except OSError as error:
        raise SettingsInvalidError(f"{output} cannot be written: {error.strerror}") from error
    _print(f"Wrote {output}")


@contextmanager
def _opened(settings: Settings) -> Iterator[State]:
    folder = settings.data_folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        blobs = BlobFolder(folder / "parameters")
    except OSError as error:
        raise SettingsInvalidError(
            f"The data folder {folder} cannot be used: {error.strerror}"
        ) from error
    store = Store(settings.database_url or f"sqlite:///{folder / 'coordinator.sqlite'}")
    try:
        yield State(store, blobs)
    finally:
        store.close()


def _settings(context: typer.Context) -> Settings:
    settings = context.obj
    if not isinstance(settings, Settings):
        raise TypeError("the callback has not run")
    return settings


def _given(**values: object) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsInvalidError(f"{path} cannot be read: {error.strerror}") from error


def _print(what: object) -> None:
    typer.echo(what if isinstance(what, str) else json.dumps(what, indent=2))


def _now() -> datetime:
    return datetime.now(UTC)
