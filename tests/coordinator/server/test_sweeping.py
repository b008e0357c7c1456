"""Files without a row go when they are old enough; nothing else does."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from coordinator.server.sweeping import SAFE_AGE, sweep_files
from coordinator.storage.arrivals import Arrivals
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


def test_rests_of_uploads_are_removed_after_two_days(live: LiveCoordinator) -> None:
    arriving = live.blob_folder.with_name("arriving")
    for name, days in (("old", 3), ("new", 1)):
        path = arriving / f"{'0' * 32}-{name}"
        path.write_bytes(b"rest")
        written_at = (live.clock() - timedelta(days=days)).timestamp()
        os.utime(path, (written_at, written_at))
    Arrivals(arriving).sweep(live.clock())
    assert [path.name for path in arriving.iterdir()] == [f"{'0' * 32}-new"]
