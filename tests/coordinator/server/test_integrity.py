"""What is torn is found before anything is served from it, and named."""

import sqlite3
from pathlib import Path

import pytest

from coordinator.errors import StateDamagedError
from coordinator.rounds.initial import pending_proposal
from coordinator.server.integrity import check_state, named_files
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.store import Store
from coordinator.storage.studies import find_study
from tests.coordinator.conftest import LiveCoordinator, global_body, tiny_parameters, tiny_study
from tests.coordinator.play import play_round


def check_anew(live: LiveCoordinator) -> None:
    """Look the state through as a new process would, which remembers no file."""
    check_state(live.store, BlobFolder(live.blob_folder))


def new_files(live: LiveCoordinator, before: set[Path]) -> list[Path]:
    return [path for path in live.blob_folder.iterdir() if path not in before]


def test_whole_state_is_served_from(live: LiveCoordinator) -> None:
    sites = live.running_study(2)
    play_round(sites, 1.0)
    sites[0].send_value(2.0)
    check_anew(live)


@pytest.mark.parametrize("damage", ["torn", "altered", "missing"])
def test_damaged_parameters_are_named_with_what_to_restore(
    live: LiveCoordinator, damage: str
) -> None:
    sites = live.running_study(2)
    before = set(live.blob_folder.iterdir())
    play_round(sites, 1.0)
    reference = sites[0].round().global_parameters
    assert reference is not None
    (path,) = [path for path in new_files(live, before) if path.name == reference.digest]
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(whole[:-1] if damage == "torn" else whole[:-1] + b"\x01")
    with pytest.raises(StateDamagedError) as caught:
        check_anew(live)
    assert "global parameters of round 1 is missing or damaged" in str(caught.value)
    assert f"Restore the file {reference.digest} in" in str(caught.value)
    path.write_bytes(whole)
    check_anew(live)


def test_damaged_update_of_the_open_round_is_named(live: LiveCoordinator) -> None:
    first, _ = live.running_study(2)
    before = set(live.blob_folder.iterdir())
    first.send_value(1.0)
    (path,) = new_files(live, before)
    path.write_bytes(b"torn")
    with pytest.raises(StateDamagedError, match=f"what site {first.site_id} sent in round 1"):
        check_anew(live)


def test_damaged_rest_of_an_earlier_update_is_named(live: LiveCoordinator) -> None:
    sites = live.running_study(2)
    play_round(sites, 1.0)
    reference = sites[0].round().global_parameters
    assert reference is not None
    with live.store.reading() as connection:
        named = named_files(connection)
    kept = [p for p in live.blob_folder.iterdir() if p.name in named and p.stat().st_size < 600]
    kept[0].write_bytes(b"torn")
    with pytest.raises(StateDamagedError, match=r"what site \w+ sent in round 1"):
        check_anew(live)


def test_damaged_proposal_is_named(live: LiveCoordinator) -> None:
    study = tiny_study()
    site = live.join(live.create_study(study), study)
    assert site.propose(global_body(study, site.study_id, tiny_parameters())).status_code == 200
    with live.store.reading() as connection:
        proposal = pending_proposal(connection, find_study(connection, site.study_id))
    assert proposal is not None
    (live.blob_folder / proposal.digest).unlink()
    with pytest.raises(StateDamagedError, match="the proposed initial parameters"):
        check_anew(live)


def test_parameters_that_no_coming_round_needs_stop_nobody(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=9, averaged_rounds=2)
    initial = sites[0].round().global_parameters
    assert initial is not None
    play_round(sites, 1.0)
    (live.blob_folder / initial.digest).unlink()
    check_anew(live)


def test_parameters_that_the_last_mean_joins_are_needed(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=4, averaged_rounds=3)
    for value in (1.0, 2.0):
        play_round(sites, value)
    second = sites[0].round().global_parameters
    assert second is not None
    play_round(sites, 3.0)
    (live.blob_folder / second.digest).unlink()
    with pytest.raises(StateDamagedError, match="global parameters of round 2"):
        check_anew(live)


def test_damaged_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "coordinator.sqlite"
    store = Store(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(
            "INSERT INTO enrolment_codes (code_hash, study_id, expires_at)"
            " VALUES ('a', 'nowhere', '2026-11-22 12:00:00.000000')"
        )
    connection.close()
    with pytest.raises(StateDamagedError, match=r"Restore coordinator\.sqlite and the parameter"):
        check_state(store, BlobFolder(tmp_path / "parameters"))
    store.close()


def test_what_another_process_removes_meanwhile_is_no_damage(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = live.running_study(2)
    first.send_value(1.0)
    last = [second]
    check = BlobFolder.check

    def check_after_a_round(blobs: BlobFolder, name: str) -> None:
        if last:
            last.pop().send_value(3.0)
        check(blobs, name)

    monkeypatch.setattr(BlobFolder, "check", check_after_a_round)
    check_anew(live)
    assert first.round().round_number == 2
