"""``round``: what became of a study's rounds, and why their sites were picked."""

from typing import Annotated

import typer

from coordinator.commands.answering import AsJson, say, say_json, say_rows
from coordinator.commands.opening import StudyId, opened
from coordinator.dashboard.history import Attempt, newest_attempts
from coordinator.rounds.explaining import ExplainedAttempt, explain_round
from coordinator.storage.studies import find_study

commands = typer.Typer(help="Look into a study's rounds.", no_args_is_help=True)


@commands.command("list")
def list_all(
    context: typer.Context,
    study_id: StudyId,
    count: Annotated[int, typer.Option(min=1, help="So many newest rounds.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest rounds, with who sent, who did not, and who was refused."""
    with opened(context) as state, state.store.reading() as connection:
        find_study(connection, study_id)
        attempts = newest_attempts(connection, study_id, count)
    if as_json:
        say_json(attempts)
    else:
        rows = [_summary(attempt) for attempt in attempts]
        say_rows(rows, if_none="No round of this study was opened yet")


@commands.command()
def explain(
    context: typer.Context,
    study_id: StudyId,
    round_number: Annotated[int, typer.Argument(min=1, help="Number of the round.")],
    as_json: AsJson = False,
) -> None:
    """Say why the sites of a round were picked, and draw them again to check."""
    with opened(context) as state, state.store.reading() as connection:
        attempts = explain_round(connection, study_id, round_number)
    if as_json:
        say_json(attempts)
        return
    for attempt in attempts:
        _say_attempt(attempt)


def _summary(attempt: Attempt) -> dict[str, object]:
    late = [*attempt.named("waited_for"), *attempt.named("missing")]
    return {
        "round": attempt.round_number,
        "attempt": attempt.attempt,
        "state": attempt.state,
        "opened": attempt.opened_at,
        "closed": attempt.closed_at,
        "picked": len(attempt.picked),
        "sent": len(attempt.named("sent")),
        "not_sent": ", ".join(site.site_name for site in late) or None,
        "refused": ", ".join(sorted({refusal.code for refusal in attempt.refusals})) or None,
    }


def _say_attempt(attempt: ExplainedAttempt) -> None:
    say(f"Round {attempt.round_number}, attempt {attempt.attempt}: {attempt.state}")
    say(attempt.sentence)
    if attempt.is_as_drawn is not None:
        say(
            "Drawn again, it gives the same sites"
            if attempt.is_as_drawn
            else "Drawn again, it gives OTHER SITES: the records were altered"
        )
    rows = [
        {
            "site_id": site.site_id,
            "name": site.site_name,
            "picked": site.is_picked,
            "reason": site.reason.replace("_", " "),
        }
        for site in attempt.sites
    ]
    say_rows(rows, if_none="Which sites were here was not kept")
    say("")
