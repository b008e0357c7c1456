import json
from datetime import UTC, datetime

import pytest

from coordinator.commands.answering import confirm, say_facts, say_json, say_rows
from coordinator.errors import NotConfirmedError
from tests.coordinator.command_line import CommandLine

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROWS = [
    {"name": "Vienna", "is_active": True, "seen_at": NOON, "share": 0.25},
    {"name": "Bern", "is_active": False, "seen_at": None, "share": None},
]


def test_rows_are_a_table_under_headings(capsys: pytest.CaptureFixture[str]) -> None:
    say_rows(ROWS, if_none="Nobody")
    assert capsys.readouterr().out.splitlines() == [
        "name    is active  seen at                  share",
        "Vienna  yes        2026-11-22 12:00:00 UTC  0.250",
        "Bern    no         –                        –",
    ]


def test_no_rows_are_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    say_rows([], if_none="Nobody")
    assert capsys.readouterr().out == "Nobody\n"


def test_programs_read_json(capsys: pytest.CaptureFixture[str]) -> None:
    say_json(ROWS)
    assert json.loads(capsys.readouterr().out) == [
        {"name": "Vienna", "is_active": True, "seen_at": "2026-11-22T12:00:00Z", "share": 0.25},
        {"name": "Bern", "is_active": False, "seen_at": None, "share": None},
    ]


def test_facts_stand_under_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    say_facts({"name": "Moles", "round_count": 3})
    assert capsys.readouterr().out.splitlines() == ["name:        Moles", "round count: 3"]


def test_what_has_no_way_back_is_not_done_where_nobody_can_be_asked(command: CommandLine) -> None:
    sentence = command.refused("site", "revoke", "study", "site")
    assert sentence.endswith("This cannot be undone; add --yes if it is meant")


@pytest.mark.parametrize(("answer", "is_refused"), [(True, False), (False, True)])
def test_person_at_a_terminal_is_asked(
    monkeypatch: pytest.MonkeyPatch, answer: bool, is_refused: bool
) -> None:
    asked: list[str] = []

    def answer_once(question: str) -> bool:
        asked.append(question)
        return answer

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", answer_once)
    if is_refused:
        with pytest.raises(NotConfirmedError, match="Nothing was changed"):
            confirm("The study ends.", is_meant=False)
    else:
        confirm("The study ends.", is_meant=False)
    assert asked == ["The study ends. This cannot be undone. Go on?"]
