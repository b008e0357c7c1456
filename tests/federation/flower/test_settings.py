"""A supernode that could never take part is refused before it starts."""

from pathlib import Path
from typing import Any

import pytest

from coordinator.errors import StudyInvalidError
from desktop_client.errors import FlowerError
from desktop_client.federation.flower.settings import check_node
from desktop_client.paths import Home
from tests.scenes import new_site, write_study


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_site(tmp_path / "north", {"dot": 1, "ring": 1})


def settings(tmp_path: Path, project: Home, **changes: Any) -> dict[str, Any]:
    study = write_study(tmp_path / "study.toml", model={"further_extractors": ["resnet18"]})
    return {"study": str(study), "home": str(project.path), "site": "north", **changes}


def test_what_a_site_can_take_part_with_is_let_through(tmp_path: Path, home: Home) -> None:
    check_node(settings(tmp_path, home))
    check_node(settings(tmp_path, home, extractor="resnet18", consent="Dr. Huber", device=""))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"site": ""}, "--node-config site: Field required"),
        ({"home": "nowhere"}, "--node-config home: nowhere is no project; `siteblind import"),
        ({"extractor": "resnet50"}, "the study has small_cnn, resnet18, not resnet50"),
    ],
)
def test_what_does_not_fit_is_named(
    tmp_path: Path, home: Home, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(FlowerError, match=told):
        check_node(settings(tmp_path, home, **changes))


def test_a_study_that_is_not_there_is_named(tmp_path: Path, home: Home) -> None:
    with pytest.raises(StudyInvalidError, match=r"gone\.toml cannot be read"):
        check_node(settings(tmp_path, home, study="gone.toml"))
