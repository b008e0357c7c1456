import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open

from coordinator.access.audit import entries
from coordinator.errors import (
    ParametersUnavailableError,
    SettingsInvalidError,
    StateDamagedError,
    StudyUnknownError,
)
from coordinator.parameters import decode
from coordinator.protocol import GlobalMessage
from coordinator.rounds.export import ModelWanted, export_study
from coordinator.rounds.initial import read_initial
from coordinator.study import Study
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    tiny_moments,
    tiny_parameters,
    tiny_study,
    tiny_styles,
)


@pytest.fixture
def sites(live: LiveCoordinator) -> list[LiveSite]:
    return live.running_study(2, {"restyle": "channel_statistics"}, count=1)


def finish(sites: list[LiveSite]) -> None:
    for site in sites:
        statistics = {**tiny_moments(site.domain_indices), **tiny_styles(site.domain_indices)}
        body = site.update_body({**tiny_parameters(0.5), **statistics})
        assert site.send(1, body).status_code == 200


def exported(live: LiveCoordinator, study_id: str, **options: Any) -> Path:
    path = live.blob_folder.with_name("exported") / "model.safetensors"
    path.parent.mkdir(exist_ok=True)
    export_study(live.store, live.blobs, ModelWanted(study_id, **options), path, live.clock())
    return path


def test_finished_study_is_one_file_that_explains_itself(
    live: LiveCoordinator, sites: list[LiveSite]
) -> None:
    finish(sites)
    path = exported(live, sites[0].study_id)
    assert [entry.name for entry in path.parent.iterdir()] == ["model.safetensors"]
    with safe_open(path, framework="np") as file:
        metadata = file.metadata()
        bias = file.get_tensor("lesion_classifier.bias")
    assert bias.tolist() == [0.5, 0.5]
    assert Study.model_validate_json(metadata["study"]) == sites[0].study
    assert json.loads(metadata["message"])["round_number"] == 1


def test_exported_parameters_have_the_bits_that_sites_have(
    live: LiveCoordinator, sites: list[LiveSite]
) -> None:
    finish(sites)
    arrays, _ = decode(exported(live, sites[0].study_id).read_bytes(), GlobalMessage)
    at_site, _ = sites[0].download(1)
    assert all(np.array_equal(array, at_site[name]) for name, array in arrays.items())
    assert arrays.keys() == tiny_parameters().keys()  # the sites' statistics stay behind


def test_exported_model_can_begin_a_study_of_the_same_words(
    live: LiveCoordinator, sites: list[LiveSite]
) -> None:
    finish(sites)
    path = exported(live, sites[0].study_id)
    assert read_initial(path, sites[0].study)[0].shapes.keys() == tiny_parameters().keys()


def test_unfinished_study_is_exported_only_on_request(
    live: LiveCoordinator, sites: list[LiveSite]
) -> None:
    study_id = sites[0].study_id
    with pytest.raises(ParametersUnavailableError, match=r"Only 0 of 1 rounds.*--unfinished"):
        exported(live, study_id)
    body = exported(live, study_id, is_unfinished_wanted=True).read_bytes()
    assert decode(body, GlobalMessage)[1].round_number == 0


def test_study_without_parameters_or_unknown_cannot_be_exported(live: LiveCoordinator) -> None:
    study_id = live.create_study(tiny_study())
    with pytest.raises(ParametersUnavailableError, match="no parameters to export"):
        exported(live, study_id, is_unfinished_wanted=True)
    with pytest.raises(StudyUnknownError):
        exported(live, "nowhere")


def test_torn_parameters_are_not_exported(live: LiveCoordinator, sites: list[LiveSite]) -> None:
    for path in live.blob_folder.iterdir():
        path.write_bytes(b"torn")
    with pytest.raises(StateDamagedError):
        exported(live, sites[0].study_id, is_unfinished_wanted=True)


def test_export_that_cannot_be_written_says_so_and_leaves_nothing(
    live: LiveCoordinator, sites: list[LiveSite], tmp_path: Path
) -> None:
    finish(sites)
    with pytest.raises(SettingsInvalidError, match="cannot be written: Is a directory"):
        export_study(
            live.store,
            live.blobs,
            ModelWanted(sites[0].study_id),
            tmp_path / "parameters",
            live.clock(),
        )
    assert not list(tmp_path.glob("*.part"))
    with live.store.reading() as connection:
        assert "study_exported" not in [entry.action for entry in entries(connection)]
