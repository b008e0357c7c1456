"""Files without a row go when they are old enough; nothing else does."""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from coordinator.rounds.average import RoundAverage, make_average
from coordinator.server.sweeping import SAFE_AGE, sweep_files
from coordinator.storage.arrivals import Arrivals
from coordinator.storage.in_work import FilesInWork
from coordinator.storage.installation import MARK, bind_folder
from tests.coordinator.conftest import LiveCoordinator
from tests.coordinator.play import play_round


def age(folder: Path, written_at: datetime) -> None:
    """Make all files in a folder of this age."""
    for path in folder.iterdir():
        os.utime(path, (written_at.timestamp(), written_at.timestamp()))


def test_old_files_that_no_row_names_are_removed_and_no_others(live: LiveCoordinator) -> None:
    bind_folder(live.store, live.blobs)
    sites = live.running_study(2)
    play_round(sites, 1.0)
    sites[0].send_value(2.0)
    needed = {path.name for path in live.blob_folder.iterdir()}
    orphan = live.blobs.put([b"abc"]).name
    age(live.blob_folder, live.clock() - SAFE_AGE - timedelta(seconds=1))
    assert sweep_files(live.store, live.blobs, live.clock()) == 1
    assert {path.name for path in live.blob_folder.iterdir()} == needed
    assert MARK in needed
    assert orphan not in needed


def test_new_file_without_a_row_may_be_about_to_get_one(live: LiveCoordinator) -> None:
    name = live.blobs.put([b"abc"]).name
    age(live.blob_folder, live.clock() - SAFE_AGE + timedelta(seconds=1))
    assert sweep_files(live.store, live.blobs, live.clock()) == 0
    assert live.blobs.path(name).read_bytes() == b"abc"


def test_average_that_takes_days_keeps_what_it_has_made(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = live.running_study(2)
    orphan = live.blobs.put([b"abc"]).name
    swept: list[int] = []

    def average_for_days(*arguments: Any) -> RoundAverage | None:
        result = make_average(*arguments)
        for _ in range(2):
            age(live.blob_folder, datetime.now(UTC) - SAFE_AGE - timedelta(seconds=1))
            live.rounds.renew_files_in_work(datetime.now(UTC) - SAFE_AGE / 4)
            swept.append(sweep_files(live.store, live.blobs, datetime.now(UTC)))
        return result

    monkeypatch.setattr("coordinator.rounds.life.make_average", average_for_days)
    first.send_value(1.0)
    second.send_value(3.0)
    assert second.round().round_number == 2
    assert swept == [1, 0]
    assert not live.blobs.has(orphan)


def test_what_is_made_no_more_is_not_kept(live: LiveCoordinator) -> None:
    work = FilesInWork(live.blobs)
    name = ""
    with suppress(InterruptedError), work.making() as shelf:
        name = shelf.put([b"abc"]).name
        raise InterruptedError
    age(live.blob_folder, live.clock() - SAFE_AGE - timedelta(seconds=1))
    work.renew(live.clock())
    assert live.blobs.is_older(name, live.clock() - SAFE_AGE)


def test_rests_of_uploads_are_removed_after_two_days(live: LiveCoordinator) -> None:
    arriving = live.blob_folder.with_name("arriving")
    for name, days in (("old", 3), ("new", 1)):
        path = arriving / f"{'0' * 32}-{name}"
        path.write_bytes(b"rest")
        written_at = (live.clock() - timedelta(days=days)).timestamp()
        os.utime(path, (written_at, written_at))
    Arrivals(arriving).sweep(live.clock())
    assert [path.name for path in arriving.iterdir()] == [f"{'0' * 32}-new"]
