"""A study on Flower's own superlink and supernodes: real processes over loopback, real projects."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("flwr")  # `test_flower_environment` runs this where it is

from flwr.app import Context, RecordDict

from coordinator.study import Study, read_study
from desktop_client.errors import FlowerError
from desktop_client.federation.flower.deployed import open_node
from desktop_client.federation.flower.silence import SILENT
from desktop_client.federation.site_domains import with_indices
from desktop_client.paths import Home
from desktop_client.simulation.federation import Federation, SimulationPlan
from desktop_client.simulation.sites import SiteData
from desktop_client.training.checkpoint import load_checkpoint
from tests.federation.flower.programs import Programs, running_programs
from tests.scenes import new_site, write_study

NAMES = ("north", "south", "west")
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def study_toml(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study.toml", rounds={"count": 3}, method={"local_steps": 2})


@pytest.fixture
def homes(tmp_path: Path) -> dict[str, Home]:
    counts = {"dot": 12, "ring": 12}
    return {name: new_site(tmp_path / name, counts, seed) for seed, name in enumerate(NAMES)}


def node_settings(study_toml: Path, name: str, home: Home, **changes: Any) -> dict[str, Any]:
    settings = {"study": str(study_toml), "home": str(home.path), "site": name, "device": "cpu"}
    return {**settings, **changes}


def context_of(settings: dict[str, Any]) -> Context:
    return Context(1, 1, node_config=settings, state=RecordDict(), run_config={})


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    with running_programs(Path(sys.executable), tmp_path / "flower") as running:
        yield running


def ours(study_toml: Path, homes: dict[str, Home], folder: Path) -> Federation:
    """Run the same projects' study by our own engine."""
    study = read_study(study_toml)
    sites = tuple(
        site_data(study, study_toml, name, home, index)
        for index, (name, home) in enumerate(homes.items())
    )
    device = torch.device("cpu")
    plan = SimulationPlan(study, sites, None, "any", "federated", study.rounds.seed, device)
    federation = Federation(plan, folder)
    for _ in (*federation.take_up(), *federation.rounds(), *federation.mean_of_rounds()):
        pass
    return federation


def site_data(study: Study, study_toml: Path, name: str, home: Home, index: int) -> SiteData:
    opened = open_node(context_of(node_settings(study_toml, name, home)))
    assert len(opened.domain_ids) == 1
    assert opened.study == study
    return SiteData(name, with_indices(opened.images, [index]), index)


@pytest.mark.slow
def test_three_rounds_on_superlink_and_supernodes_give_the_bits_of_our_own_engine(
    tmp_path: Path,
    study_toml: Path,
    homes: dict[str, Home],
    programs: Programs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = tmp_path / "model.safetensors"
    programs.start_superlink()
    for name, home in homes.items():
        programs.start_supernode(node_settings(study_toml, name, home))
    programs.run_study(output, study=study_toml, sites=3)
    for name, value in SILENT.items():
        monkeypatch.setenv(name, value)
    torch.set_num_threads(1)
    expected = ours(study_toml, homes, tmp_path / "ours").pools[0].averager.base.parameters
    model, card = load_checkpoint(output)
    assert card.round_number == 3
    state = model.state_dict()
    assert all(np.array_equal(state[name].numpy(), array) for name, array in expected.items())


def test_a_node_that_would_tell_about_its_computer_is_refused(
    study_toml: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SILENT:
        monkeypatch.delenv(name, raising=False)
    settings = node_settings(study_toml, "north", Home(tmp_path / "north"))
    with pytest.raises(
        FlowerError, match="Start it with `siteblind flower`, or set FLWR_TELEMETRY"
    ):
        open_node(context_of(settings))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"study": ""}, "--node-config study: Field required"),
        ({"site": ""}, "--node-config site: Field required"),
        ({"device": "tpu"}, "--node-config device: Input should be"),
        ({"extractor": "vgg"}, "--node-config extractor: Input should be"),
    ],
)
def test_a_node_that_is_set_up_wrongly_is_told_which_word(
    study_toml: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    told: str,
) -> None:
    for name, value in SILENT.items():
        monkeypatch.setenv(name, value)
    settings = node_settings(study_toml, "north", Home(tmp_path / "north"), **changes)
    with pytest.raises(FlowerError, match=told):
        open_node(context_of(settings))
