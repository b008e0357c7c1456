"""What a terminal shows of a run."""

import json
from pathlib import Path

import pytest

from desktop_client.console import Stage, Stages, follow, sentence_of
from desktop_client.errors import SettingsError
from desktop_client.federation.events import RoundJoined, RoundWaited
from desktop_client.labelling.importing import ImportFinished
from desktop_client.simulation.events import (
    RoundDone,
    RunAdvanced,
    RunFailed,
    RunFinished,
    RunsFound,
    RunStarted,
)
from desktop_client.training.events import StepFinished
from tests.simulation.conftest import run_result


def step(number: int, count: int) -> StepFinished:
    return StepFinished(number, count, 0.7, 1.0, 1.1, 0.5, 0.5, 0.3, 0.4, 0.1)


def test_alone_the_bar_counts_the_steps_of_training() -> None:
    assert Stages().after(step(7, 40)) == Stage("Training", 7, 40)


def test_in_a_study_the_bar_counts_rounds_and_names_the_step_in_the_round() -> None:
    stages = Stages()
    stages.after(RoundJoined(3, 4))
    # 4 rounds of 10 steps; steps count through all of them, so 27 is the 7th of round 3.
    assert stages.after(step(27, 40)) == Stage("Round 3: step 7 of 10", 2, 4)
    assert stages.after(step(30, 40)) == Stage("Round 3: step 10 of 10", 2, 4)


def test_a_waiting_site_sees_what_it_waits_for() -> None:
    waited = RoundWaited("Round 1 of 4 waits for sites", 1, 4, False, 0, 0, 1)
    assert Stages().after(waited) == Stage("Round 1 of 4 waits for sites", 0, 4)


def test_the_pace_is_kept_only_while_the_same_is_counted() -> None:
    assert Stage("Round 2: step 1 of 9", 1, 4).goes_on_from(Stage("Rounds", 1, 4))
    assert not Stage("Rounds", 0, 4).goes_on_from(Stage("Reading images", 90, 90))
    assert not Stage("Rounds", 0, 4).goes_on_from(Stage("Rounds", 3, 4))
    assert not Stage("Rounds", 0, 4).goes_on_from(None)


def test_simulated_runs_are_counted_by_rounds_wherever_they_are_carried_out() -> None:
    stages = Stages()
    first, second = (RunStarted("fedavg", seed, "west", seed, 3) for seed in (0, 1))
    stages.after(RunAdvanced(first, RoundDone(3, 4, 0.7)))
    # Two processes: 3 and 1 of 4 rounds, of three runs with 4 each.
    assert stages.after(RunAdvanced(second, RoundDone(1, 4, 0.6))) == Stage(
        "fedavg, seed 1, without west: round 1 of 4", 4, 12
    )


def test_a_simulated_run_is_told_with_its_figures() -> None:
    run = RunStarted("fedavg", 0, "south", 0, 1)
    # Of tests.simulation: 10 s and 20 s; north 0.75; the unseen south has no AUC.
    assert sentence_of(RunFinished(run, run_result())) == (
        "fedavg, seed 0, without south: AUC 0.750 in-site, 30 s"
    )
    assert sentence_of(RunFailed(run, "It diverged")) == (
        "Warning: fedavg, seed 0, without south came to no result. It diverged"
    )
    assert sentence_of(RunsFound(0, 3)) is None
    assert sentence_of(RunsFound(2, 3)) == "2 of 3 runs are there already"


def test_into_a_file_go_sentences_only(capsys: pytest.CaptureFixture[str]) -> None:
    follow([ImportFinished(3, 1, 2, 4)])
    assert capsys.readouterr().out == (
        "Imported 3 images and 4 labels; 2 here already, 1 left out\n"
    )


def test_events_are_appended_to_the_log_as_json_lines(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    for _ in range(2):
        follow([ImportFinished(3, 1, 2, 4)], log)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["ImportFinished"] * 2


def test_a_log_that_cannot_be_written_is_named_before_anything_begins(tmp_path: Path) -> None:
    events = iter([ImportFinished(3, 1, 2, 4)])
    with pytest.raises(SettingsError, match=r"events\.jsonl cannot be written"):
        follow(events, tmp_path / "no" / "events.jsonl")
    assert len(list(events)) == 1
