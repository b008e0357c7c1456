"""The fault library, and templates of the studies that the tests break."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.coordinator.object_store import ObjectStore, running_object_store
from tests.coordinator.postgresql import Cluster, running_cluster
from tests.faults.federation import Federation, begin
from tests.faults.fleet import FleetTemplate, make_fleet_template
from tests.faults.injection import compile_library
from tests.faults.scripted import Template, make_template

SEED = 20261122
"""Of everything that is drawn at random here."""


Record = Callable[[str, object], None]
"""Notes a figure of a test, which is printed at the end."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how much was tried, since that is what these tests are worth."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    for report in reports:
        if report.nodeid.startswith("tests/faults/") and report.user_properties:
            figures = ", ".join(f"{value} {name}" for name, value in report.user_properties)
            terminalreporter.write_line(f"{report.nodeid.removeprefix('tests/')}: {figures}")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that is put beneath a coordinator."""
    return compile_library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="session")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Six sites, three of them picked in each of more rounds than anybody plays."""
    return make_template(tmp_path_factory.mktemp("endless") / "data", 6, count=10_000)


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Six sites, three of them picked in each of five rounds; the model is the mean of three."""
    folder = tmp_path_factory.mktemp("short") / "data"
    return make_template(folder, 6, count=5, averaged_rounds=3)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with running_object_store(tmp_path_factory.mktemp("object-store")) as running:
        yield running


@pytest.fixture(scope="session")
def fleet_template(
    cluster: Cluster, object_store: ObjectStore, tmp_path_factory: pytest.TempPathFactory
) -> FleetTemplate:
    """Six sites, three of them picked in each of many rounds; a small model."""
    folder = tmp_path_factory.mktemp("fleet") / "template"
    folder.mkdir()
    return make_fleet_template(cluster, object_store, folder, 6, count=10_000)


@pytest.fixture
def endless_run(endless: Template, library: Path, tmp_path: Path) -> Iterator[Federation]:
    """A run of the endless study, begun."""
    run = begin(endless, tmp_path / "run", library)
    with run.process, run.faults:
        run.process.start()
        yield run
        run.close()


class Uninterrupted:
    """What the rounds of a template result in when nothing goes wrong.

    Args:
        run: A run of the template, whose process is running.
    """

    def __init__(self, run: Federation) -> None:
        self.run = run
        self.digests: list[str] = []

    def digest(self, number: int) -> str:
        """Return the digest of the global parameters after a round, from 1."""
        while len(self.digests) < number:
            self.digests.append(self.run.play(len(self.digests) + 1))
        return self.digests[number - 1]


@contextmanager
def uninterrupted(template: Template, library: Path, folder: Path) -> Iterator[Uninterrupted]:
    """Run a template on a folder and SQLite, as far as somebody asks."""
    run = begin(template, folder, library)
    with run.process, run.faults:
        run.process.start()
        yield Uninterrupted(run)
        run.close()


@pytest.fixture(scope="module")
def endless_uninterrupted(
    endless: Template, library: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Uninterrupted]:
    """The endless study when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("uninterrupted") / "run"
    with uninterrupted(endless, library, folder) as undisturbed:
        yield undisturbed
