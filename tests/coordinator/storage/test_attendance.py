"""Whether somebody serves a data folder, and for how long nobody did."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from coordinator.errors import StateDamagedError
from coordinator.storage.attendance import attended, renew_attendance


def leave_alone(folder: Path, seconds: float) -> None:
    """Let the folder look as if nobody had served it for so long."""
    then = time.time() - seconds
    os.utime(folder / "attended", (then, then))


def test_new_folder_was_never_left_alone(tmp_path: Path) -> None:
    with attended(tmp_path) as absence:
        assert absence == timedelta(0)


def test_absence_is_from_the_last_sign_of_life_to_now(tmp_path: Path) -> None:
    with attended(tmp_path):
        pass
    leave_alone(tmp_path, 500)
    with attended(tmp_path) as absence:
        assert absence is not None
        assert 500 <= absence.total_seconds() < 530


def test_where_another_process_serves_there_is_no_absence(tmp_path: Path) -> None:
    with attended(tmp_path):
        leave_alone(tmp_path, 500)  # and has not come to renew it
        with attended(tmp_path) as absence:
            assert absence is None


def test_last_one_of_several_leaves_the_folder_alone(tmp_path: Path) -> None:
    with attended(tmp_path), attended(tmp_path):
        pass
    with attended(tmp_path) as absence:
        assert absence is not None
        assert absence.total_seconds() < 30


def test_attendance_is_renewed_where_somebody_attends_and_nowhere_else(tmp_path: Path) -> None:
    renew_attendance(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with attended(tmp_path):
        leave_alone(tmp_path, 500)
        renew_attendance(tmp_path)
        assert time.time() - (tmp_path / "attended").stat().st_mtime < 30


def test_clock_that_was_set_back_makes_no_absence_of_less_than_nothing(tmp_path: Path) -> None:
    with attended(tmp_path):
        pass
    leave_alone(tmp_path, -500)
    with attended(tmp_path) as absence:
        assert absence == timedelta(0)


def test_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StateDamagedError, match="cannot write"), attended(tmp_path / "missing"):
        pass
