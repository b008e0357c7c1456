"""Many runs on one folder, from the files to the report: small images, real federations."""

import csv
import json
import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from desktop_client.errors import ResultsFileError, SimulationDataError, SimulationPlanError
from desktop_client.simulation.campaign import Campaign, run_campaign
from desktop_client.simulation.events import (
    Reported,
    RunAdvanced,
    RunFailed,
    RunFinished,
    RunsFound,
    RunStarted,
)
from desktop_client.simulation.folder import read_folder
from desktop_client.simulation.running import planned_runs
from desktop_client.simulation.variants import read_variants
from desktop_client.training.events import (
    ImageLeftOut,
    ImagesPrepared,
    StillWorking,
    TrainingWarned,
)
from tests.scenes import write_images, write_study

SITES = ("north", "south", "west")
WILD = (
    "wild:method.learning_rate=10,method.weight_decay=1,method.gradient_clip=1e30,"
    "method.local_steps=60"
)
"""Weight decay alone makes every parameter ninefold per step: 9 ** 41 is no float32."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for number, site in enumerate(SITES):
        write_images(folder / site, {"dot": 10, "ring": 10}, 0.5 + 0.08 * number, number)
    return folder


def campaign(tmp_path: Path, data: Path, *names: str, **changes: Any) -> Campaign:
    study = write_study(tmp_path / "study.toml", rounds={"count": 2}, method={"local_steps": 2})
    variants = read_variants(study, names or ("fedavg",))
    planned = Campaign(variants, data, tmp_path / "results.json", device="cpu")
    return replace(planned, **changes)


def of_kind(events: Iterable[object], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def runs_in(path: Path) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["runs"]
    return runs


def without_times(run: dict[str, Any]) -> dict[str, Any]:
    return {**run, "rounds": [{**done, "seconds": 0} for done in run["rounds"]]}


def test_all_combinations_are_planned_and_variants_change_fastest(
    tmp_path: Path, data: Path
) -> None:
    variants = campaign(tmp_path, data, "siteblind", "fedavg").variants
    sites = read_folder(data, variants[0].study.classes)
    planned = planned_runs(variants, (1, 0, 1), ("west", "north"), sites)
    assert [(run.seed, run.held_out_site, run.variant.name) for run in planned] == [
        (seed, site, name)
        for seed in (1, 0)
        for site in ("west", "north")
        for name in ("siteblind", "fedavg")
    ]


def test_each_site_is_left_out_in_turn_and_judged_as_an_unseen_one(
    tmp_path: Path, data: Path
) -> None:
    planned = campaign(tmp_path, data, held_out_sites=("each",))
    events = list(run_campaign(planned))
    assert of_kind(events, RunsFound) == [RunsFound(0, 3)]
    assert [e.held_out_site for e in of_kind(events, RunStarted)] == list(SITES)
    for run in runs_in(planned.json_path):
        judged = {(site["site"], site["is_held_out"]) for site in run["rounds"][-1]["sites"]}
        assert judged == {(site, site == run["held_out_site"]) for site in SITES}
    # Images are prepared once and serve all runs.
    assert of_kind(events, ImagesPrepared)[-1] == ImagesPrepared(60, 60)
    assert len(of_kind(events, ImagesPrepared)) == 60


def test_each_round_is_told_with_its_run(tmp_path: Path, data: Path) -> None:
    events = list(run_campaign(campaign(tmp_path, data)))
    rounds = of_kind(events, RunAdvanced)
    assert [e.round.round_number for e in rounds] == [0, 1, 2]
    assert rounds[0].run.label == "fedavg, seed 0"


def test_a_repeated_command_runs_only_what_is_missing(tmp_path: Path, data: Path) -> None:
    list(run_campaign(campaign(tmp_path, data)))
    events = list(run_campaign(campaign(tmp_path, data, seeds=(0, 1))))
    assert of_kind(events, RunsFound) == [RunsFound(1, 2)]
    assert [e.seed for e in of_kind(events, RunStarted)] == [1]
    assert [run["seed"] for run in runs_in(tmp_path / "results.json")] == [0, 1]


def test_a_changed_study_is_run_anew_under_the_same_name(tmp_path: Path, data: Path) -> None:
    list(run_campaign(campaign(tmp_path, data)))
    planned = campaign(tmp_path, data)
    study = planned.variants[0].study
    longer = study.model_copy(update={"rounds": study.rounds.model_copy(update={"count": 3})})
    changed = replace(planned, variants=(replace(planned.variants[0], study=longer),))
    events = list(run_campaign(changed))
    assert of_kind(events, RunsFound) == [RunsFound(0, 1)]
    assert re.search("^Runs +1$", events[-1].text, re.MULTILINE)  # type: ignore[union-attr]


def test_leaving_keeps_finished_runs_and_the_unfinished_one_goes_on(
    tmp_path: Path, data: Path
) -> None:
    planned = campaign(tmp_path, data, seeds=(0, 1))
    with closing(run_campaign(planned)) as events:
        advanced = (event for event in events if isinstance(event, RunAdvanced))
        next(e for e in advanced if e.run.seed == 1 and e.round.round_number == 1)
    assert [run["seed"] for run in runs_in(planned.json_path)] == [0]
    rounds = of_kind(run_campaign(planned), RunAdvanced)
    assert [e.round.round_number for e in rounds] == [2]
    assert not (tmp_path / "results.json.state").exists()
    whole = replace(planned, json_path=tmp_path / "whole.json")
    list(run_campaign(whole))
    assert [without_times(r) for r in runs_in(planned.json_path)] == [
        without_times(r) for r in runs_in(whole.json_path)
    ]


def test_several_processes_find_what_one_finds(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # keeps the number of threads as it is set here
    torch.set_num_threads(1)  # as in the processes; sums of another order would differ
    one = campaign(tmp_path, data, "siteblind", "fedavg")
    list(run_campaign(one))
    two = replace(one, json_path=tmp_path / "two.json", process_count=2)
    events = list(run_campaign(two, "fedavg"))
    assert of_kind(events, ImagesPrepared)[-1] == ImagesPrepared(60, 60)
    assert len(of_kind(events, ImagesPrepared)) == 60
    told = [isinstance(event, ImagesPrepared) for event in events]
    while_preparing = events[told.index(True) : len(told) - told[::-1].index(True)]
    # The process that tells of the images does not wait for the other at each of them.
    assert len(of_kind(while_preparing, StillWorking)) < 30
    by_key = {(r["variant"], r["seed"]): without_times(r) for r in runs_in(one.json_path)}
    assert len(of_kind(events, RunFinished)) == 2
    assert {(r["variant"], r["seed"]): without_times(r) for r in runs_in(two.json_path)} == by_key


def test_a_run_that_diverges_is_told_and_the_others_go_on(tmp_path: Path, data: Path) -> None:
    planned = campaign(tmp_path, data, WILD, "fedavg")
    events = list(run_campaign(planned, "fedavg"))
    [failed] = of_kind(events, RunFailed)
    assert failed.run.label == "wild, seed 0"
    assert [run["variant"] for run in runs_in(planned.json_path)] == ["fedavg"]


def test_the_same_warning_is_told_once_per_run(tmp_path: Path, data: Path) -> None:
    planned = campaign(tmp_path, data, "siteblind", seeds=(0, 1))
    warnings = [e.sentence for e in of_kind(run_campaign(planned), TrainingWarned)]
    assert warnings
    assert len(set(warnings)) == len(warnings)
    assert all(w.startswith(("siteblind, seed 0: ", "siteblind, seed 1: ")) for w in warnings)


def test_cut_sites_train_as_many_and_the_unseen_one_is_judged_whole(
    tmp_path: Path, data: Path
) -> None:
    planned = campaign(tmp_path, data, held_out_sites=("west",), sites_per_domain=2)
    list(run_campaign(planned))
    [run] = runs_in(planned.json_path)
    sites = {site["site"]: site["sample_count"] for site in run["rounds"][-1]["sites"]}
    # Two of ten of each class are held out; nothing of the unseen site was trained on.
    assert sites == {"north/1": 2, "north/2": 2, "south/1": 2, "south/2": 2, "west": 20}


def test_more_sites_than_folders_train_and_some_may_have_nobody_to_be_judged_by(
    tmp_path: Path, data: Path
) -> None:
    planned = campaign(tmp_path, data, site_count=20)
    list(run_campaign(planned, "fedavg"))
    [run] = runs_in(planned.json_path)
    sites = {site["site"]: site for site in run["rounds"][-1]["sites"]}
    assert len(sites) == 20
    assert sum(site["sample_count"] for site in sites.values()) == 12  # two of ten of each class
    assert {site["auc"] for site in sites.values() if not site["sample_count"]} == {None}
    assert len(run["rounds"][-1]["picked"]) == 10


def test_results_from_other_weights_are_not_mixed(tmp_path: Path, data: Path) -> None:
    planned = campaign(tmp_path, data)
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"those of another network")
    list(run_campaign(planned))
    with pytest.raises(ResultsFileError, match=r"from other weights \(--weights\)"):
        list(run_campaign(replace(planned, weights_path=weights)))


def test_settings_are_chosen_without_a_look_at_what_is_judged_by(
    tmp_path: Path, data: Path
) -> None:
    planned = campaign(tmp_path, data)
    list(run_campaign(planned))
    inner = replace(planned, json_path=tmp_path / "inner.json", is_inner_split=True)
    list(run_campaign(inner))
    [outer_run], [inner_run] = runs_in(planned.json_path), runs_in(inner.json_path)
    judged, chosen_by = (
        {answer["sample_id"] for answer in run["predictions"]} for run in (outer_run, inner_run)
    )
    assert judged
    assert chosen_by
    assert not judged & chosen_by


def test_an_unreadable_image_is_told_and_left_out(tmp_path: Path) -> None:
    for number, site in enumerate(SITES[:2]):
        write_images(tmp_path / "data" / site, {"dot": 6, "ring": 6}, 0.5, number)
    (tmp_path / "data" / "north" / "dot" / "000.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    events = list(run_campaign(campaign(tmp_path, tmp_path / "data")))
    assert [e.path.name for e in of_kind(events, ImageLeftOut)] == ["000.png"]


def test_a_site_without_a_readable_image_to_train_on_is_named(tmp_path: Path) -> None:
    write_images(tmp_path / "data" / "north", {"dot": 6, "ring": 6})
    (tmp_path / "data" / "south" / "dot").mkdir(parents=True)
    (tmp_path / "data" / "south" / "dot" / "000.png").write_bytes(b"nothing")
    with pytest.raises(SimulationDataError, match="images to train on at south can be read"):
        list(run_campaign(campaign(tmp_path, tmp_path / "data")))


def test_a_site_to_leave_out_that_is_not_there_is_refused(tmp_path: Path, data: Path) -> None:
    planned = campaign(tmp_path, data, held_out_sites=("east",))
    with pytest.raises(SimulationPlanError, match=r"no site 'east' .* north, south, west"):
        list(run_campaign(planned))


def test_the_only_site_cannot_be_left_out(tmp_path: Path) -> None:
    write_images(tmp_path / "data" / "north", {"dot": 6, "ring": 6})
    planned = campaign(tmp_path, tmp_path / "data", held_out_sites=("north",))
    with pytest.raises(SimulationPlanError, match="no site is left to train"):
        list(run_campaign(planned))


def test_more_domains_than_the_study_allows_are_refused(tmp_path: Path, data: Path) -> None:
    planned = campaign(tmp_path, data, "x:model.domain_capacity=2")
    with pytest.raises(SimulationPlanError, match=r"3 domains; model\.domain_capacity allows 2"):
        list(run_campaign(planned))


@pytest.fixture(scope="module")
def compared(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Reported]:
    folder = tmp_path_factory.mktemp("compared")
    planned = campaign(folder, data, "siteblind", "fedavg", "local_only", held_out_sites=("west",))
    *_, reported = run_campaign(planned, "fedavg")
    assert isinstance(reported, Reported)
    return folder, reported


def test_the_table_names_variants_figures_sites_and_the_reference(
    compared: tuple[Path, Reported],
) -> None:
    _, reported = compared
    for told in ("siteblind", "local_only", "AUC unseen", "Difference to fedavg", "north"):
        assert told in reported.text


def test_the_csv_has_a_row_per_variant_difference_figure_and_site(
    compared: tuple[Path, Reported],
) -> None:
    folder, _ = compared
    with (folder / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = {(row["variant"], row["compared_with"]) for row in rows}
    assert kinds == {
        ("siteblind", ""),
        ("fedavg", ""),
        ("local_only", ""),
        ("siteblind", "fedavg"),
        ("local_only", "fedavg"),
    }
    unseen = {
        row["variant"]: row
        for row in rows
        if row["figure"] == "unseen_auc" and not row["compared_with"]
    }
    assert float(unseen["fedavg"]["low"]) <= float(unseen["fedavg"]["mean"])
    # Each site has a model of its own there: a mean is known, an interval is not.
    assert unseen["local_only"]["mean"]
    assert unseen["local_only"]["low"] == ""
    assert {row["site"] for row in rows} == {"", "north", "south", "west"}


def test_the_json_has_the_single_runs_figures_too(compared: tuple[Path, Reported]) -> None:
    folder, _ = compared
    told = json.loads((folder / "results.comparison.json").read_text())
    assert told["reference"] == "fedavg"
    assert len(told["variants"][0]["values"]["in_site_auc"]) == 1


def test_pictures_are_drawn_as_png_and_svg(compared: tuple[Path, Reported]) -> None:
    folder, reported = compared
    names = [path.name for path in reported.paths]
    assert names == [
        "results.json",
        "results.csv",
        "results.comparison.json",
        "results.png",
        "results.svg",
        "results.rounds.png",
        "results.rounds.svg",
    ]
    for name in ("results.png", "results.rounds.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (folder / "results.rounds.svg").read_bytes()
