"""A study on Flower's own superlink and supernodes: real processes over loopback, real projects."""

import hashlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("flwr")  # `test_flower_environment` runs this where it is

from flwr.app import Context, Message, RecordDict

from coordinator.study import Study, read_study
from desktop_client.errors import FlowerError
from desktop_client.federation.flower.deployed import client, open_node, serve
from desktop_client.federation.flower.gathering import introductions
from desktop_client.federation.flower.records import BODY, body_in
from desktop_client.federation.flower.silence import SILENT
from desktop_client.federation.flower.site_part import NOT_TOLD
from desktop_client.federation.round_record import ROUNDS_FOLDER, rounds_of
from desktop_client.federation.site_domains import with_indices
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.simulation.federation import Federation, SimulationPlan
from desktop_client.simulation.sites import SiteData
from desktop_client.training.checkpoint import load_checkpoint
from tests.federation.flower.programs import RUN_TIMEOUT_S, Programs, running_programs
from tests.federation.flower.test_strategy import NearGrid
from tests.scenes import new_site, write_study

NAMES = ("north", "south", "west")
RUN_ID = 1
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def study_toml(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study.toml", rounds={"count": 3}, method={"local_steps": 2})


@pytest.fixture
def homes(tmp_path: Path) -> dict[str, Home]:
    counts = {"dot": 16, "ring": 16}
    return {name: new_site(tmp_path / name, counts, seed) for seed, name in enumerate(NAMES)}


def node_settings(study_toml: Path, name: str, home: Home, **changes: Any) -> dict[str, Any]:
    settings = {"study": str(study_toml), "home": str(home.path), "site": name, "device": "cpu"}
    return {**settings, **changes}


def context_of(settings: dict[str, Any]) -> Context:
    return Context(RUN_ID, 1, node_config=settings, state=RecordDict(), run_config={})


class Listening(NearGrid):
    """Has every node's own app in this process, and keeps what they answer."""

    def __init__(self, settings: Iterable[dict[str, Any]]) -> None:
        nodes = dict(enumerate(settings, start=100))
        super().__init__(dict.fromkeys(nodes, client))
        for node, said in nodes.items():
            self.contexts[node] = replace(self.contexts[node], node_config=said)
        self.answers: list[Message] = []

    def _answered(self, message: Message) -> Message:
        self.answers.append(super()._answered(message))
        return self.answers[-1]


def a_server(study_toml: Path, output: Path, sites: int = 3) -> Context:
    said = {"study": str(study_toml), "output": str(output), "sites": sites}
    return Context(RUN_ID, 1, node_config={}, state=RecordDict(), run_config=said)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SILENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("silent")
def test_a_site_has_on_record_who_agreed_and_what_left_in_each_round(
    tmp_path: Path, study_toml: Path, homes: dict[str, Home]
) -> None:
    said = [node_settings(study_toml, n, h, consent="Dr. Huber") for n, h in homes.items()]
    grid = Listening(said)
    serve(grid, a_server(study_toml, tmp_path / "model.safetensors"))
    left = [body_in(answer) for answer in grid.answers if BODY in answer.content]
    assert len(left) == 6  # two of three sites in each of three rounds
    kept = []
    for name, home in homes.items():
        with LabelStore(home.labels_path) as store:
            [joined] = [e for e in store.audit.entries() if e.kind == "study_joined"]
        details = json.loads(joined.details)
        assert (joined.reader, details["site_name"]) == ("Dr. Huber", name)
        assert details["study_digest"] == read_study(study_toml).digest
        rounds = rounds_of(home, f"flower-{RUN_ID}").values()
        kept += [record.sent for record in rounds if record.sent is not None]
        assert all(record.is_picked and record.before and record.after for record in rounds)
    assert {update.digest for update in kept} == {hashlib.sha256(b).hexdigest() for b in left}
    kinds = {array.kind for update in kept for array in update.arrays}
    assert kinds == {"parameters", "styles"}


@pytest.mark.usefixtures("silent")
def test_nothing_leaves_without_a_record_and_no_path_of_a_site_leaves_in_an_error(
    tmp_path: Path,
    study_toml: Path,
    homes: dict[str, Home],
    expected_warnings: list[logging.LogRecord],
) -> None:
    del homes["west"]
    grid = Listening(node_settings(study_toml, n, h) for n, h in homes.items())
    for home in homes.values():
        folder = home.memberships_path / f"flower-{RUN_ID}"
        folder.mkdir(parents=True)
        (folder / ROUNDS_FOLDER).write_text("in the way")
    with pytest.raises(FlowerError, match="Round 1 ends with 0 of the 1 updates"):
        serve(grid, a_server(study_toml, tmp_path / "model.safetensors", 2))
    assert not any(BODY in a.content for a in grid.answers if a.has_content())
    assert [a.error.reason for a in grid.answers if a.has_error()] == [NOT_TOLD] * 2
    here = [r.getMessage() for r in expected_warnings if r.levelno == logging.ERROR]
    assert all("What leaves this site cannot be put on record" in words for words in here)
    assert len(here) == 2


@pytest.mark.usefixtures("silent")
def test_what_goes_wrong_in_a_sites_program_stays_there(
    tmp_path: Path, study_toml: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    secret = "Wardrobe-Gallagher"
    grid = Listening([node_settings(study_toml, "north", Home(tmp_path / secret), study=secret)])
    with pytest.raises(FlowerError, match="A site cannot take part: it cannot do its part"):
        introductions(grid, read_study(study_toml), 1, 10)
    assert secret not in grid.answers[0].error.reason
    assert secret in expected_warnings[0].getMessage()


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


@pytest.mark.slow
def test_a_round_goes_on_without_a_site_that_was_killed_and_nothing_is_left_running(
    tmp_path: Path, homes: dict[str, Home]
) -> None:
    del homes["west"]
    toml = write_study(
        tmp_path / "study.toml",
        rounds={"count": 1, "deadline_s": 240},
        method={"local_steps": 100},
    )
    output = tmp_path / "model.safetensors"
    with running_programs(Path(sys.executable), tmp_path / "flower") as programs:
        programs.start_superlink()
        nodes = [programs.start_supernode(node_settings(toml, n, h)) for n, h in homes.items()]
        programs.begin_study(study=toml, output=output, sites=2)
        wait_until(lambda: programs.logs().count("Receiving: train message") == 2)
        os.killpg(nodes[0].pid, signal.SIGKILL)
        wait_until(output.exists)
    wait_until(lambda: not programs.left_running())


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + RUN_TIMEOUT_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.5)


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
