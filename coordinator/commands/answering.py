"""How commands speak: text for people, JSON for programs, a question before what has no way back.

Only here does the coordinator print.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from pydantic_core import to_jsonable_python

from coordinator.errors import NotConfirmedError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")]

_GAP: Final = "  "


def say(sentence: str) -> None:
    """Print a sentence, or whatever else the command was asked for."""
    typer.echo(sentence)


def say_aside(sentence: str) -> None:
    """Print what a person should know, beside what a program may read."""
    typer.echo(sentence, err=True)


def say_done(sentence: str, *, as_json: bool) -> None:
    """Print what was done."""
    if as_json:
        say_json({"done": sentence})
    else:
        say(sentence)


def say_json(answer: Any) -> None:  # noqa: ANN401  anything that JSON can hold
    """Print what a program reads: dataclasses and messages as objects, times in ISO 8601."""
    typer.echo(json.dumps(to_jsonable_python(answer), indent=2, ensure_ascii=False))


def say_facts(facts: Mapping[str, object]) -> None:
    """Print what is known of one thing, a line for each fact."""
    width = max(len(name) for name in facts)
    for name, fact in facts.items():
        say(f"{_heading(name) + ':':<{width + 1}} {_as_text(fact)}")


def say_rows(rows: Sequence[Mapping[str, object]], *, if_none: str) -> None:
    """Print a table, a line for each row, or ``if_none`` where it would be empty."""
    if not rows:
        say(if_none)
        return
    table = [[_heading(name) for name in rows[0]]]
    table += [[_as_text(cell) for cell in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        say(_GAP.join(map(str.ljust, line, widths)).rstrip())


def confirm(act: str, *, is_meant: bool) -> None:
    """Ask whether what has no way back is meant.

    Args:
        act: A sentence of what will happen.
        is_meant: Whether ``--yes`` was given, and nobody is asked.

    Raises:
        NotConfirmedError: if the answer is no, or nobody is there to give one.
    """
    if is_meant:
        return
    if not sys.stdin.isatty():
        raise NotConfirmedError(f"{act} This cannot be undone; add --yes if it is meant")
    if not typer.confirm(f"{act} This cannot be undone. Go on?"):
        raise NotConfirmedError("Nothing was changed")


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _as_text(fact: object) -> str:
    if fact is None:
        return "–"
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, datetime):
        return f"{fact.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(fact, float):
        return f"{fact:.3f}"
    return str(fact)
