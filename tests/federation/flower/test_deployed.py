"""A study on Flower's own superlink and supernodes: real processes over loopback, real projects."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
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
from tests.faults.process import free_port
from tests.scenes import new_site, write_study

NAMES = ("north", "south", "west")
RUN_TIMEOUT_S = 400.0
START_TIMEOUT_S = 120.0
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


class Programs:
    """Flower's programs as `siteblind flower` starts them, all ended with the stack."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._port = free_port()
        self._environment = {**os.environ, "FLWR_HOME": str(folder), "OMP_NUM_THREADS": "1"}
        for name in SILENT:
            self._environment.pop(name, None)

    def start_superlink(self) -> None:
        self._start("superlink", self._port, "--disable-runtime-dependency-installation")
        deadline = time.monotonic() + START_TIMEOUT_S
        while not takes_connections(self._port):
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.2)

    def start_supernode(self, settings: dict[str, Any]) -> None:
        told = " ".join(f"{name}='{value}'" for name, value in settings.items())
        address = ("--superlink", f"127.0.0.1:{self._port}")
        self._start("supernode", free_port(), *address, "--node-config", told)

    def run_study(self, **settings: Any) -> str:
        """Hand the study over; return what `siteblind flower run` says."""
        connection = f'[superlink.here]\naddress = "127.0.0.1:{self._port}"\ninsecure = true\n'
        (self._folder / "config.toml").write_text(connection)
        told = " ".join(
            f"{name}={value if isinstance(value, int) else repr(str(value))}"
            for name, value in settings.items()
        )
        done = subprocess.run(
            [*self._siteblind("run"), "here", "--run-config", told],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def _siteblind(self, program: str) -> list[str]:
        return [sys.executable, "-m", "desktop_client", "flower", program]

    def _start(self, program: str, port: int, *options: str) -> None:
        address = ("--insecure", "--host", "127.0.0.1", "--port", str(port))
        with (self._folder / f"{program}-{port}.log").open("wb") as log:
            process = subprocess.Popen(
                [*self._siteblind(program), *address, *options],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._stack.callback(_stop, process)


def takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End a program and those that it has started."""
    os.killpg(process.pid, 15)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    folder = tmp_path / "flower"
    folder.mkdir()
    with ExitStack() as stack:
        yield Programs(folder, stack)


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
    programs.run_study(study=study_toml, output=output, sites=3)
    deadline = time.monotonic() + RUN_TIMEOUT_S
    while not output.exists():
        assert time.monotonic() < deadline, programs.logs()
        time.sleep(0.5)
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
