"""Federations in one process by command, compared and judged."""

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Command
from tests.scenes import new_site, write_images, write_study


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    """Three hospitals' images, ten of a class each."""
    for number, name in enumerate(("north", "south", "west")):
        write_images(tmp_path / "sites" / name, {"dot": 10, "ring": 10}, 0.5, number)
    return tmp_path / "sites"


def test_a_federation_is_simulated_and_the_repeated_command_runs_nothing(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    study_toml, results = write_study(tmp_path / "study.toml"), tmp_path / "results.json"
    arguments = (
        *("simulate", study_toml, "--data", sites, "--json", results, "--device", "cpu"),
        *("--held-out-site", "west", "--sites-per-domain", "2", "--leakage-every", "1"),
    )
    code, out, _ = siteblind(*arguments)
    assert code == 0
    assert "siteblind, seed 0, without west: AUC " in out
    [run] = json.loads(results.read_text())["runs"]
    assert [done["leakage"] is not None for done in run["rounds"]] == [True, True, True]
    code, out, _ = siteblind(*arguments)
    assert code == 0
    assert "1 of 1 runs are there already" in out
    assert "west: AUC" not in out


def test_an_arrangement_without_averaging_can_be_simulated(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    results = tmp_path / "results.json"
    code, _, _ = siteblind(
        *("simulate", write_study(tmp_path / "study.toml"), "--data", sites, "--json", results),
        *("--arrangement", "local", "--seeds", "3", "--inner-split", "--device", "cpu"),
    )
    assert code == 0
    [run] = json.loads(results.read_text())["runs"]
    assert (run["arrangement"], run["seed"]) == ("local", 3)
    assert results.with_suffix(".csv").exists()
    assert results.with_suffix(".rounds.svg").exists()


def test_where_flower_is_not_installed_it_is_said_how_it_comes_there(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    study_toml = write_study(tmp_path / "study.toml")
    code, _, err = siteblind(
        *("simulate", study_toml, "--data", sites, "--json", tmp_path / "results.json"),
        *("--engine", "flower"),
    )
    assert code == 1
    assert "pip install 'siteblind[flower]', in an environment of its own" in err
    code, _, err = siteblind("flower", "supernode", "--insecure", "--superlink", "127.0.0.1:9092")
    assert code == 1
    assert "Flower is not installed here; pip install 'siteblind[flower]'" in err


def test_variants_are_compared_with_the_reference(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    code, out, _ = siteblind(
        *("compare", write_study(tmp_path / "study.toml"), "--data", sites, "--device", "cpu"),
        *("--json", tmp_path / "results.json", "--variant", "fedavg"),
        *("--variant", "short:rounds.count=1"),
    )
    assert code == 0
    assert "Difference to fedavg, run by run" in out
    assert f"Wrote {tmp_path / 'results.json'}, {tmp_path / 'results.csv'}" in out


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (("--reference", "fedprox"), "fedprox is not among the variants"),
        (("--seeds", "0,x"), "must be whole numbers"),
        (("--json", "results.csv"), "must end in .json"),
        (("--variant", "fedsgd"), "no variant 'fedsgd'"),
        (("--held-out-site", "east"), "no site 'east'"),
        (("--sites", "4", "--sites-per-domain", "2"), "not both"),
        (("--sites", "2"), "ask for 3 or more, not 2"),
        (("--sites", "49"), "at most as many sites, not 49"),
        (("--sites", "4", "--held-out-site", "each"), "all leave out the same site"),
        (("--weights", "resnet18.pth"), "asks for no weights file"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_before_it_begins(
    siteblind: Command, tmp_path: Path, sites: Path, changes: tuple[str, ...], told: str
) -> None:
    code, _, err = siteblind(
        *("compare", write_study(tmp_path / "study.toml"), "--data", sites, "--device", "cpu"),
        *("--json", tmp_path / "results.json", "--variant", "fedavg"),
        *changes,
    )
    assert code != 0
    assert told in " ".join(err.replace("│", " ").split())  # typer draws boxes
    assert not (tmp_path / "results.json").exists()


def test_a_finished_model_is_judged_on_any_sites_images(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    model = tmp_path / "model.safetensors"
    siteblind(
        *("train", "--output", model, "--epochs", "1", "--device", "cpu", "--home", home.path)
    )
    code, out, _ = siteblind(
        *("evaluate", model, sites, "--json", tmp_path / "metrics.json", "--leakage"),
        *("--predictions", tmp_path / "answers.csv", "--device", "cpu"),
    )
    assert code == 0
    assert "Leakage: linear" in out
    told = json.loads((tmp_path / "metrics.json").read_text())
    assert [site["site"] for site in told["sites"]] == ["north", "south", "west"]
    assert len((tmp_path / "answers.csv").read_text().splitlines()) == 61
