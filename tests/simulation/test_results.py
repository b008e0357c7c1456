"""The file that keeps what runs have found: it grows run by run, and nothing in it is lost."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desktop_client.errors import ResultsFileError
from desktop_client.labelling.sample import Sample
from desktop_client.simulation.folder import FolderSite
from desktop_client.simulation.results import Prediction, ResultsFile
from tests.simulation.conftest import run_result, site_predictions

SAMPLES = tuple(
    Sample(f"a/{n}", Path("x"), 0, 0, 0, f"p{n}", UUID(int=1), UUID(int=n % 2)) for n in range(10)
)
SITES = [FolderSite("a", SAMPLES, None)]


def test_a_run_comes_back_as_it_was_written(tmp_path: Path) -> None:
    run = run_result(predictions=site_predictions("north", [0, 1], [0.25, 0.5]))
    ResultsFile(tmp_path / "r.json", SITES).append(run)
    assert ResultsFile(tmp_path / "r.json", SITES).runs([run.key]) == [run]


def test_the_file_says_its_format_and_its_machine(tmp_path: Path) -> None:
    ResultsFile(tmp_path / "r.json", SITES).append(run_result())
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["format_version"] == 1
    assert "cores" in told["machine"]
    assert told["runs"][0]["rounds"][1]["leakage"]["label_floor"] == 0.3


@pytest.mark.parametrize(
    "changes",
    [
        {"variant": "siteblind"},
        {"arrangement": "local"},
        {"seed": 1},
        {"held_out_site": "a"},
        {"study_digest": "another"},
    ],
)
def test_a_run_is_found_by_variant_arrangement_seed_site_and_study(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    run = run_result()
    other = replace(run, **changes)
    file = ResultsFile(tmp_path / "r.json", SITES)
    file.append(run)
    assert file.keys == {run.key}
    assert other.key not in file.keys
    assert other.key.file_name != run.key.file_name
    file.append(other)
    assert file.runs([other.key, run.key]) == [other, run]


def test_a_loss_that_is_no_number_is_written_as_undefined(tmp_path: Path) -> None:
    run = run_result()
    diverged = replace(run, rounds=(replace(run.rounds[0], lesion_loss=math.nan),))
    ResultsFile(tmp_path / "r.json", SITES).append(diverged)
    [read] = ResultsFile(tmp_path / "r.json", SITES).runs([run.key])
    assert read.rounds[0].lesion_loss is None


def test_what_two_commands_add_to_the_same_file_is_all_there(tmp_path: Path) -> None:
    one, other = (ResultsFile(tmp_path / "r.json", SITES) for _ in range(2))
    one.append(run_result(seed=0))
    other.append(run_result(seed=1))
    one.append(run_result(seed=1))  # the same run, twice
    seeds = [run.seed for run in ResultsFile(tmp_path / "r.json", SITES).runs(one.keys)]
    assert sorted(seeds) == [0, 1]


def test_probabilities_are_rounded_to_five_decimals() -> None:
    assert Prediction("a", "i", "p", 1, (1 / 3, 2 / 3)).probabilities == (0.33333, 0.66667)


@pytest.mark.parametrize(
    "content", [b"", b"[1, 2]", b'{"format_version": 2, "machine": "", "runs": []}', b'{"a": 1}']
)
def test_a_damaged_or_foreign_file_is_refused_and_left_as_it_is(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(ResultsFileError, match=r"r\.json is not a file of results"):
        ResultsFile(path, SITES)
    assert path.read_bytes() == content


def test_a_file_about_other_images_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    ResultsFile(path, SITES).append(run_result())
    before = path.read_bytes()
    divided = [replace(SITES[0], validation_ids=frozenset({"a/0"}))]
    with pytest.raises(ResultsFileError, match="other images, on the same divided otherwise"):
        ResultsFile(path, divided)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_named_before_any_run(tmp_path: Path) -> None:
    with pytest.raises(ResultsFileError, match=r"r\.json cannot be written: No such file"):
        ResultsFile(tmp_path / "no" / "r.json", SITES)


def test_states_of_unfinished_runs_lie_beside_the_file(tmp_path: Path) -> None:
    assert ResultsFile(tmp_path / "r.json", SITES).state_path == tmp_path / "r.json.state"
