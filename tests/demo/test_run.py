"""The demo from end to end, as small as it can be: real coordinator, real sites, real report."""

import json
from pathlib import Path
from typing import Any

import pytest

from desktop_client.demo.events import DemoAdvanced, DemoFinished
from desktop_client.demo.phantoms import HOSPITALS
from desktop_client.demo.processes import DemoError, running_sites
from desktop_client.demo.run import DemoPlan, run_demo


class Demo:
    """A finished demo: what it said, and the folder it left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = list(run_demo(DemoPlan(folder, image_count=60, round_count=2)))

    @property
    def numbers(self) -> Any:
        return json.loads((self.folder / "report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("demo"))


def test_the_table_has_every_hospital_with_its_accuracies_and_leakage(demo: Demo) -> None:
    finished = demo.events[-1]
    assert isinstance(finished, DemoFinished)
    for hospital in HOSPITALS:
        assert hospital.name in finished.table
    for row in demo.numbers["sites"]:
        assert row["held_out_count"] > 0
        for column in ("before", "after", "alone", "control", "recognised"):
            assert 0 <= row[column] <= 1


def test_the_report_gives_leakage_beside_chance_label_floor_and_accuracy(demo: Demo) -> None:
    names = [model["name"] for model in demo.numbers["models"]]
    assert names == ["Untrained", "FedAvg", "SiteBlind"]
    for model in demo.numbers["models"]:
        leakage = model["leakage"]
        assert leakage["chance"] == pytest.approx(1 / len(HOSPITALS))
        assert leakage["label_floor"] >= leakage["chance"]
        assert 0 <= model["mean_accuracy"] <= 1


def test_curves_have_a_point_for_the_initial_model_and_one_per_round(demo: Demo) -> None:
    for curves in demo.numbers["accuracy_by_round"].values():
        assert set(curves) == {hospital.name for hospital in HOSPITALS}
        assert all(sorted(curve) == ["0", "1", "2"] for curve in curves.values())


def test_the_page_stands_alone(demo: Demo) -> None:
    page = (demo.folder / "report.html").read_text(encoding="utf-8")
    assert "Research use only. Not for diagnostic use." in page
    assert "http://" not in page
    assert "https://" not in page
    assert page.count("data:image/png;base64,") == 4
    assert (demo.folder / "report.pdf").read_bytes().startswith(b"%PDF")
    assert (demo.folder / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_progress_is_told_for_every_stage(demo: Demo) -> None:
    stages = {e.stage: e for e in demo.events if isinstance(e, DemoAdvanced)}
    assert list(stages) == [
        "Drawing phantom images",
        "Rounds, siteblind",
        "Rounds, fedavg",
        "Training each hospital alone",
    ]
    assert all(last.done_count == last.total_count for last in stages.values())


def wait_for_end(commands: dict[str, list[str]], logs: Path) -> None:
    with running_sites(commands, logs) as sites:
        while sites.are_running():
            sites.wait(0.1)


def test_a_site_that_fails_ends_the_demo_with_its_last_words(tmp_path: Path) -> None:
    commands = {"Ward": ["join", "--home", str(tmp_path / "home")]}
    with pytest.raises(DemoError, match=r"Ward ended early: .*in no such study"):
        wait_for_end(commands, tmp_path / "logs")
