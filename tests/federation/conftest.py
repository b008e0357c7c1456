"""A real coordinator in its own process, which all tests here share but those that harm it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.study import read_study
from desktop_client.demo.processes import Coordinator
from desktop_client.federation.exchange import UNASSIGNED, initial_body
from tests.owned_coordinator import owned_coordinator


@pytest.fixture(scope="session")
def coordinator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coordinator]:
    """Its studies do not disturb each other: each test, or module, creates its own."""
    with owned_coordinator(tmp_path_factory.mktemp("coordinator")) as running:
        yield running


def create_study(coordinator: Coordinator, study_toml: Path) -> str:
    """Create a study that starts from its seed's initial parameters, with each extractor."""
    study = read_study(study_toml)
    paths = [study_toml.with_suffix(".safetensors")]
    paths += [study_toml.with_suffix(f".{name}") for name in study.model.further_extractors]
    for path, extractor in zip(paths, study.model.extractors, strict=True):
        body = initial_body(study, UNASSIGNED, study.rounds.seed, extractor=extractor)
        path.write_bytes(body)
    return coordinator.create_study(study_toml, *paths)
