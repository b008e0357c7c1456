"""What an interrupted run has left is taken up by the program that wrote it, or refused."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from coordinator.parameters import encode
from desktop_client.errors import ResultsFileError
from desktop_client.simulation.state import RunState, load_state, save_state

DIGEST = "d" * 64


class FirstFormat(BaseModel):
    """As the program wrote it that knew one feature extractor."""

    study_digest: str = DIGEST
    marked: tuple[str, ...] = ()
    results: tuple[()] = ()
    headings: tuple[dict[str, str | int], ...] = (
        {"pool": 0, "kind": "base", "owner": "", "message": "{}"},
    )


def test_state_of_an_earlier_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "run.state"
    path.write_bytes(encode({}, FirstFormat()))
    with pytest.raises(ResultsFileError, match="delete it to begin this run anew"):
        load_state(path, DIGEST)


def test_state_of_another_study_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.state"
    save_state(path, DIGEST, RunState(frozenset({"webcam"}), (), ((),)))
    with pytest.raises(ResultsFileError, match="is of another run"):
        load_state(path, "e" * 64)
