"""``study``: create studies and look after them."""

from pathlib import Path
from statistics import fmean
from typing import Annotated, get_args

import typer

from coordinator.commands.answering import (
    AsJson,
    Yes,
    confirm,
    say,
    say_done,
    say_facts,
    say_json,
    say_rows,
)
from coordinator.commands.opening import StudyId, now, opened
from coordinator.dashboard.measures import Measures, Metric, read_measures
from coordinator.errors import BodyRefusedError, SettingsInvalidError, StudyInvalidError
from coordinator.rounds.course import pause_study, resume_study, stop_study
from coordinator.rounds.initial import approve_proposal, create_study, reject_proposal
from coordinator.rounds.standing import Standing, find_standing
from coordinator.storage.studies import StudyRecord, find_study, list_studies
from coordinator.study import read_study

commands = typer.Typer(help="Create and look after studies.", no_args_is_help=True)


@commands.command()
def create(
    context: typer.Context,
    study_toml: Annotated[Path, typer.Argument(help="The study's description.")],
    initial_parameters: Annotated[
        list[Path] | None,
        typer.Option(
            help="Model to start from; repeated, one with each of several feature extractors.",
            metavar="FILE",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create a study from its study.toml and print its id."""
    study, initial_paths = read_study(study_toml), initial_parameters or []
    for path in initial_paths:
        if not path.is_file():
            raise SettingsInvalidError(
                f"{path} is not a file that can be read; see --initial-parameters"
            )
    with opened(context) as state:
        try:
            study_id = create_study(state.store, state.blobs, study, initial_paths, now())
        except BodyRefusedError as error:
            given = ", ".join(map(str, initial_paths)) or "no --initial-parameters"
            raise StudyInvalidError(f"The study cannot begin from {given}: {error}") from error
    if as_json:
        say_json({"study_id": study_id})
    else:
        say(study_id)


@commands.command("list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List all studies with their state."""
    with opened(context) as state, state.store.reading() as connection:
        standings = [
            (record, find_standing(connection, record, now()))
            for record in list_studies(connection)
        ]
    rows = [
        {
            "study_id": record.study_id,
            "name": record.study.name,
            "state": standing.owners_state(record.study.rounds),
            "sentence": standing.sentence(record.study.rounds),
        }
        for record, standing in standings
    ]
    if as_json:
        say_json(rows)
    else:
        say_rows(rows, if_none="No study was created yet")


@commands.command()
def pause(context: typer.Context, study_id: StudyId, as_json: AsJson = False) -> None:
    """Open no further round until the study is resumed; the open one goes on to its end."""
    with opened(context) as state:
        pause_study(state.store, study_id, now())
    say_done("The study pauses; a round that is open goes on to its end", as_json=as_json)


@commands.command()
def resume(context: typer.Context, study_id: StudyId, as_json: AsJson = False) -> None:
    """Let a paused study go on."""
    with opened(context) as state:
        resume_study(state.store, study_id, now())
    say_done("The study goes on", as_json=as_json)


@commands.command()
def stop(
    context: typer.Context, study_id: StudyId, yes: Yes = False, as_json: AsJson = False
) -> None:
    """End a study for good; its newest global parameters are the result."""
    confirm(f"Study {study_id} ends for good, and its open round is dropped.", is_meant=yes)
    with opened(context) as state:
        stop_study(state.store, study_id, now())
        with state.store.reading() as connection:
            record = find_study(connection, study_id)
            standing = find_standing(connection, record, now())
    sentence = standing.sentence(record.study.rounds)
    if standing.newest_round is not None:
        sentence += f". `export {study_id} --unfinished --output FILE` writes it"
    say_done(sentence, as_json=as_json)


@commands.command()
def show(
    context: typer.Context,
    study_id: StudyId,
    rounds: Annotated[int, typer.Option(min=1, help="Figures of so many newest rounds.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show how a study stands, and the figures of its rounds."""
    with opened(context) as state, state.store.reading() as connection:
        record = find_study(connection, study_id)
        standing = find_standing(connection, record, now())
        measures = read_measures(connection, study_id, rounds)
    facts = _facts(record, standing)
    if as_json:
        say_json(facts | {"rounds": [_of_round(measures, number) for number in measures.rounds]})
        return
    say_facts(facts)
    say("")
    measured = {number for by_round in measures.lesion.values() for number in by_round}
    known = sorted(measured | measures.leakage.keys(), reverse=True)
    rows = [_summary(measures, number) for number in known]
    say_rows(rows, if_none="No site has measured the model yet")


@commands.command()
def approve(context: typer.Context, study_id: StudyId, as_json: AsJson = False) -> None:
    """Begin a study from the initial parameters that a site has proposed."""
    with opened(context) as state:
        approve_proposal(state.store, state.blobs, study_id, now())
    say_done("The proposed parameters are now the study's initial ones", as_json=as_json)


@commands.command()
def reject(context: typer.Context, study_id: StudyId, as_json: AsJson = False) -> None:
    """Drop the initial parameters that a site has proposed."""
    with opened(context) as state:
        reject_proposal(state.store, study_id, now())
    say_done("The proposal is dropped; a site may propose again", as_json=as_json)


def _facts(record: StudyRecord, standing: Standing) -> dict[str, object]:
    plan = record.study.rounds
    return {
        "study_id": record.study_id,
        "name": record.study.name,
        "state": standing.owners_state(plan),
        "sentence": standing.sentence(plan),
        "round_number": standing.round_number(plan),
        "round_count": plan.count,
        "averaged_count": standing.averaged_count,
        "site_count": standing.site_count,
        "created_at": record.created_at,
    }


def _of_round(measures: Measures, number: int) -> dict[str, object]:
    """Return what each site measured of a round's result, and its leakage."""
    lesion = {site: rounds[number] for site, rounds in measures.lesion.items() if number in rounds}
    return {
        "round_number": number,
        "lesion_metrics": lesion,
        "leakage": measures.leakage.get(number),
    }


def _summary(measures: Measures, number: int) -> dict[str, object]:
    """Return a round's figures, means over the sites that measured its result, each site alike."""
    leakage = measures.leakage.get(number)
    return {
        "after_round": number,
        "sites": sum(number in by_round for by_round in measures.lesion.values()),
        **{metric: _mean(measures, metric, number) for metric in get_args(Metric)},
        "leakage": leakage and leakage.balanced_accuracy,
        "chance": leakage and leakage.chance,
    }


def _mean(measures: Measures, metric: Metric, number: int) -> float | None:
    by_site = measures.of_metric(metric).values()
    values = [by_round[number] for by_round in by_site if number in by_round]
    return fmean(values) if values else None
