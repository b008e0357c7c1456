"""The log that cannot be altered unnoticed."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update

from coordinator.access.audit import OPERATOR, by_owner, by_site, entries, record, verify
from coordinator.rounds.course import pause_study, resume_study, stop_study
from coordinator.rounds.export import ModelWanted, export_study
from coordinator.storage.store import Store
from coordinator.storage.tables import audit_entries, studies
from tests.coordinator.conftest import LiveCoordinator, LiveSite, tiny_parameters

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def write_entries(store: Store, count: int, study_id: str = "s") -> None:
    for number in range(count):
        with store.writing() as connection:
            record(connection, NOON, by_site("a"), "update_accepted", study_id, round=number)


def first_broken(store: Store) -> int | None:
    with store.reading() as connection:
        return verify(connection)


def test_empty_log_is_whole(store: Store) -> None:
    assert first_broken(store) is None


@pytest.mark.every_database
def test_entry_says_who_did_what_when_in_which_study(store: Store) -> None:
    with store.writing() as connection:
        record(connection, NOON, OPERATOR, "site_revoked", "s", site_id="a", name="Vienna")
    with store.reading() as connection:
        (entry,) = entries(connection)
    assert (entry.sequence, entry.at, entry.actor) == (1, NOON, "operator")
    assert (entry.action, entry.study_id) == ("site_revoked", "s")
    assert entry.subject == {"site_id": "a", "name": "Vienna"}


def test_digest_covers_the_digest_before_and_the_canonical_json_of_the_entry(store: Store) -> None:
    there = datetime(2026, 11, 22, 14, tzinfo=timezone(timedelta(hours=2)))
    with store.writing() as connection:
        record(connection, there, OPERATOR, "owner_revoked", None, name="Zoë")
        record(connection, NOON, by_owner("o"), "owner_logged_in", "s")
    with store.reading() as connection:
        second, first = entries(connection)
    written = (
        '{"action":"owner_revoked","actor":"operator","at":"2026-11-22T12:00:00.000000+00:00",'
        '"previous":"' + "0" * 64 + '","sequence":1,"study_id":null,'
        '"subject":{"name":"Zo\\u00eb"}}'
    )
    assert first.digest == hashlib.sha256(written.encode()).hexdigest()
    follows = {
        "action": "owner_logged_in",
        "actor": "owner o",
        "at": "2026-11-22T12:00:00.000000+00:00",
        "previous": first.digest,
        "sequence": 2,
        "study_id": "s",
        "subject": {},
    }
    canonical = json.dumps(follows, sort_keys=True, separators=(",", ":"))
    assert second.digest == hashlib.sha256(canonical.encode()).hexdigest()


def test_untouched_log_is_whole(store: Store) -> None:
    write_entries(store, 3)
    assert first_broken(store) is None


@pytest.mark.every_database
@pytest.mark.parametrize(
    "altered",
    [
        {"at": NOON + timedelta(microseconds=1)},
        {"actor": "site b"},
        {"action": "update_refused"},
        {"study_id": "other"},
        {"subject": {"round": 7}},
        {"digest": "f" * 64},
    ],
)
def test_altered_entry_is_found(store: Store, altered: dict[str, object]) -> None:
    write_entries(store, 3)
    with store.writing() as connection:
        connection.execute(
            update(audit_entries).where(audit_entries.c.sequence == 2).values(**altered)
        )
    assert first_broken(store) == 2


@pytest.mark.parametrize("column", ["subject", "at"])
def test_entry_that_can_no_longer_be_read_is_found(store: Store, column: str) -> None:
    write_entries(store, 3)
    second = update(audit_entries).where(audit_entries.c.sequence == 2)
    with store.writing() as connection:
        connection.execute(second.values({column: text("'{'")}))
    assert first_broken(store) == 2


@pytest.mark.parametrize("removed", [1, 2])
def test_removed_entry_is_found(store: Store, removed: int) -> None:
    write_entries(store, 3)
    with store.writing() as connection:
        connection.execute(delete(audit_entries).where(audit_entries.c.sequence == removed))
    assert first_broken(store) == removed


def test_act_that_is_undone_leaves_no_entry(store: Store) -> None:
    def act_and_fail() -> None:
        with store.writing() as connection:
            record(connection, NOON, OPERATOR, "study_stopped", "s")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act_and_fail()
    write_entries(store, 1)
    with store.reading() as connection:
        assert [entry.action for entry in entries(connection)] == ["update_accepted"]
    assert first_broken(store) is None


@pytest.mark.every_database
def test_many_writers_make_one_chain(store: Store) -> None:
    threads = [threading.Thread(target=write_entries, args=(store, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert len(entries(connection)) == 40
    assert first_broken(store) is None


def test_newest_entries_come_first_and_those_of_a_study_alone_if_wanted(store: Store) -> None:
    for study_id in ("s", "other", "s"):
        write_entries(store, 1, study_id)
    with store.reading() as connection:
        assert [entry.sequence for entry in entries(connection, count=2)] == [3, 2]
        assert [entry.sequence for entry in entries(connection, "s")] == [3, 1]


def test_entry_outlives_the_study_it_is_about(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(insert(studies).values(study_id="s", study="{}", created_at=NOON))
        record(connection, NOON, OPERATOR, "study_created", "s")
        connection.execute(delete(studies))
    with store.reading() as connection:
        assert connection.execute(select(studies)).all() == []
        assert len(entries(connection, "s")) == 1


def acts_of(live: LiveCoordinator, study_id: str) -> list[tuple[str, str, dict[str, str | int]]]:
    """What was done in a study since its sites joined, the oldest first."""
    with live.store.reading() as connection:
        assert verify(connection) is None
        log = reversed(entries(connection, study_id, count=1000))
    acts = [(entry.action, entry.actor, dict(entry.subject)) for entry in log]
    return [act for act in acts if not act[0].startswith("site_")]


@pytest.fixture
def sites(live: LiveCoordinator) -> list[LiveSite]:
    return live.running_study(2, count=2)


def test_a_whole_study_can_be_read_from_the_log(
    live: LiveCoordinator, sites: list[LiveSite], tmp_path: Path
) -> None:
    first, second = sites
    study_id = first.study_id
    first.send(1, first.update_body(tiny_parameters(float("nan"))))
    sent = [site.send_value(0.001).json()["digest"] for site in sites]
    average = first.round().global_parameters
    assert average is not None
    pause_study(live.store, study_id, live.clock())
    resume_study(live.store, study_id, live.clock())
    stop_study(live.store, study_id, live.clock())
    stop_study(live.store, study_id, live.clock())  # changes nothing, and is not an act
    output = tmp_path / "model.safetensors"
    wanted = ModelWanted(study_id, is_unfinished_wanted=True)
    export_study(live.store, live.blobs, wanted, output, live.clock())

    def by(site: LiveSite) -> str:
        return f"site {site.site_id}"

    of_first = {"round_number": 1, "digest": sent[0]}
    averaged = {"round_number": 1, "update_count": 2, "digest": average.digest}
    assert acts_of(live, study_id) == [
        ("study_created", "operator", {"name": "Moles"}),
        ("domains_registered", by(first), {"scanner_count": 1}),
        ("domains_registered", by(second), {"scanner_count": 1}),
        ("round_opened", "coordinator", {"round_number": 1, "site_count": 2}),
        ("update_refused", by(first), {"round_number": 1, "code": "non_finite"}),
        ("update_accepted", by(first), of_first),
        ("update_accepted", by(second), {**of_first, "digest": sent[1]}),
        ("round_averaged", "coordinator", averaged),
        ("round_opened", "coordinator", {"round_number": 2, "site_count": 2}),
        ("study_paused", "operator", {}),
        ("study_resumed", "operator", {}),
        ("study_stopped", "operator", {}),
        ("round_abandoned", "operator", {"round_number": 2}),
        ("study_exported", "operator", {"round_number": 1, "digest": average.digest}),
    ]


def test_an_update_that_is_sent_again_is_no_second_act(
    live: LiveCoordinator, sites: list[LiveSite]
) -> None:
    body = sites[0].update_body(tiny_parameters(0.001))
    for _ in range(3):
        assert sites[0].send(1, body).status_code == 200
    acts = [action for action, _, _ in acts_of(live, sites[0].study_id)]
    assert acts.count("update_accepted") == 1
