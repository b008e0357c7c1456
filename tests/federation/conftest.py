"""A real coordinator in its own process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.study import read_study
from desktop_client.demo.processes import Coordinator, running_coordinator
from desktop_client.federation.exchange import UNASSIGNED, initial_body


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[Coordinator]:
    with running_coordinator(tmp_path / "coordinator") as running:
        yield running


def create_study(coordinator: Coordinator, study_toml: Path) -> str:
    """Create a study that starts from its seed's initial parameters, with each extractor."""
    study, paths = read_study(study_toml), []
    for extractor in study.model.extractors:
        paths.append(study_toml.with_name(f"{study_toml.stem}-{extractor}.safetensors"))
        body = initial_body(study, UNASSIGNED, study.rounds.seed, extractor=extractor)
        paths[-1].write_bytes(body)
    return coordinator.create_study(study_toml, *paths)
