"""A campaign whose sites train in Flower's simulation engine: real processes of Ray's."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("ray")  # `test_flower_environment` runs this where it is

from desktop_client.errors import SimulationPlanError
from desktop_client.simulation.campaign import Campaign, run_campaign
from desktop_client.simulation.events import RunAdvanced, RunFailed
from desktop_client.simulation.variants import read_variants
from tests.scenes import write_images, write_study
from tests.simulation.test_campaign import WILD, runs_in, without_times

OTHER = "mobilenet_v3_large"
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def planned(tmp_path: Path) -> Campaign:
    """Three hospitals cut into six sites, 3 rounds."""
    for number, site in enumerate(("north", "south", "west")):
        write_images(tmp_path / "data" / site, {"dot": 10, "ring": 10}, 0.5, number)
    study = write_study(
        tmp_path / "study.toml",
        model={"further_extractors": [OTHER]},
        rounds={"count": 3},
        method={"local_steps": 2},
    )
    variants = read_variants(study, ("siteblind",))
    return Campaign(
        variants, tmp_path / "data", tmp_path / "flower.json", site_count=6, device="cpu",
        engine="flower",
    )  # fmt: skip


def rounds_told(events: Iterable[object]) -> list[int]:
    return [event.round.round_number for event in events if isinstance(event, RunAdvanced)]


@pytest.mark.slow
@pytest.mark.parametrize("choices", [(), (f"north={OTHER}",)], ids=["one", "two extractors"])
def test_the_numbers_are_those_of_our_own_engine_after_a_break_too(
    planned: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, choices: tuple[str, ...]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # sums of another order would differ
    planned = replace(planned, choices=choices)
    ours = replace(planned, json_path=tmp_path / "ours.json", engine="local")
    list(run_campaign(ours))
    with closing(run_campaign(planned)) as events:
        advanced = (event for event in events if isinstance(event, RunAdvanced))
        next(event for event in advanced if event.round.round_number == 1)
    states = planned.json_path.with_suffix(".json.state")
    assert [path.suffix for path in states.iterdir()] == [""]  # and no folder of sites' images
    assert rounds_told(run_campaign(planned)) == [2, 3]
    assert [without_times(run) for run in runs_in(planned.json_path)] == [
        without_times(run) for run in runs_in(ours.json_path)
    ]
    assert not states.exists()


@pytest.mark.slow
def test_a_site_that_diverges_ends_the_run_and_says_why(planned: Campaign, tmp_path: Path) -> None:
    wild = read_variants(tmp_path / "study.toml", (WILD,))
    with closing(run_campaign(replace(planned, variants=wild))) as events:
        failed = next(event for event in events if isinstance(event, RunFailed))
    assert "no longer" in failed.reason


def test_only_federations_can_be_run_on_flower(planned: Campaign, tmp_path: Path) -> None:
    alone = read_variants(tmp_path / "study.toml", ("local_only",))
    with pytest.raises(SimulationPlanError, match="runs federations only, not 'local'"):
        next(run_campaign(replace(planned, variants=alone)))
