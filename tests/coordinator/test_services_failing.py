"""PostgreSQL or the object store fails: what a site is told, what the log says, and what holds.

Each failure is injected on the line to the service; ``tests.faults.test_fleet_failures`` lets every
question of a round fail in turn.
"""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import product
from pathlib import Path
from typing import Final

import pytest
import requests
from sqlalchemy import make_url, text

from coordinator.errors import StateDamagedError
from coordinator.protocol import round_path
from coordinator.server.sweeping import sweep_files
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.objects import ObjectBlobs
from coordinator.storage.store import Store
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    refusal,
    tiny_parameters,
    wait_until,
)
from tests.coordinator.object_store import ObjectStore
from tests.coordinator.play import values
from tests.coordinator.postgresql import Cluster
from tests.faults.services import (
    Breakage,
    FailingService,
    Manner,
    of_object_store,
    of_postgresql,
    refusal_of_database,
    refusal_of_store,
)

PATIENCE_S: Final = 2.0
WORKER_THREADS: Final = 40
"""As many as answer requests."""
UPDATE_COMMITTED: Final = "commit of UPDATE rounds SET version"
AVERAGE_COMMITTED: Final = "commit of UPDATE rounds SET state"
NO_DATABASE: Final = "The coordinator's database cannot be used; its operator finds the reason in"
NO_STORE: Final = "The coordinator's object store cannot be used; its operator finds the reason in"

Warnings = list[logging.LogRecord]


@pytest.fixture
def database(postgresql: Cluster) -> Iterator[FailingService]:
    with FailingService(postgresql.socket_path, of_postgresql) as line:
        yield line


@pytest.fixture
def objects(object_store: ObjectStore) -> Iterator[FailingService]:
    with FailingService(("127.0.0.1", object_store.port), of_object_store) as line:
        yield line


@pytest.fixture
def patience_s() -> float:
    """How long the coordinator waits for the database."""
    return PATIENCE_S


@pytest.fixture
def store(postgresql: Cluster, database: FailingService, patience_s: float) -> Iterator[Store]:
    name = make_url(postgresql.new_database()).database
    opened = Store(f"postgresql://postgres@127.0.0.1:{database.port}/{name}", patience_s)
    yield opened
    opened.close()


@pytest.fixture
def blobs(object_store: ObjectStore, objects: FailingService, tmp_path: Path) -> ObjectBlobs:
    place = replace(object_store.new_place(), endpoint=objects.url, patience_s=PATIENCE_S)
    return ObjectBlobs(place, BlobFolder(tmp_path / "parameters"))


@pytest.fixture
def sites(live: LiveCoordinator) -> list[LiveSite]:
    """Two sites, both picked in round 1."""
    both = live.running_study(2)
    assert all(site.round().is_picked for site in both)
    return both


def update(site: LiveSite) -> bytes:
    """The update that the site sends, however often."""
    return site.update_body(tiny_parameters(2.0))


def finish(sites: list[LiveSite]) -> None:
    """Let all sites send what the round still waits for, and check what comes of it."""
    for site in sites:
        if not site.round().is_update_accepted:
            assert site.send_value(2.0).status_code == HTTPStatus.OK
    assert values(sites[0].download(1)[0]) == [2.0] * 3


def check_told(response: requests.Response, beginning: str, warnings: Warnings) -> None:
    """Fail unless a site was told a sentence and when to ask again, and the log no traceback."""
    status, code, sentence = refusal(response)
    assert (status, code) == (HTTPStatus.SERVICE_UNAVAILABLE, "state_damaged")
    assert sentence.startswith(beginning)
    assert response.headers["Retry-After"] == "30"
    check_log(warnings)


def check_log(warnings: Warnings, *sentences: str) -> None:
    """Fail if the log has a traceback, or lacks a sentence."""
    said = [record.getMessage() for record in warnings]
    assert not any(record.exc_info for record in warnings), said
    for sentence in sentences:
        assert any(sentence in one for one in said), said


@pytest.mark.usefixtures("expected_warnings")
def test_line_to_the_database_that_breaks_anywhere_is_one_sentence_and_then_made_good(
    store: Store, database: FailingService
) -> None:
    asked = ("connect", "SET", "BEGIN", "SELECT 1", "commit")
    manners: tuple[Manner, ...] = ("reset before", "reset within", "reset after", "cut answer")
    for label, manner in product(asked, manners):
        if label in {"connect", "SET"}:
            database.cut_all()  # so that a new line is needed
        database.arm(Breakage(manner, label=label))
        with nullcontext() if label == "BEGIN" else pytest.raises(StateDamagedError):
            ask(store)  # of one that broke while nobody used it, nobody is told
        assert len(database.disarm()) == 1, (label, manner)
        ask(store)


def ask(store: Store) -> None:
    """Do anything with the database."""
    with store.reading() as connection:
        connection.execute(text("SELECT 1"))


def test_update_whose_commit_is_done_but_not_told_is_accepted_once(
    sites: list[LiveSite], database: FailingService, expected_warnings: Warnings
) -> None:
    body = update(sites[0])
    database.arm(Breakage("reset after", label=UPDATE_COMMITTED))
    check_told(sites[0].send(1, body), NO_DATABASE, expected_warnings)
    check_log(expected_warnings, "The database cannot be used: the line to its server broke off")
    assert sites[0].round().is_update_accepted
    assert sites[0].send(1, body).status_code == HTTPStatus.OK  # as a site does that was not told
    assert sites[0].round().update_count == 1
    finish(sites)


@pytest.mark.slow
def test_update_whose_commit_never_arrived_is_sent_again(
    sites: list[LiveSite], database: FailingService, expected_warnings: Warnings
) -> None:
    database.arm(Breakage("reset before", label=UPDATE_COMMITTED))
    check_told(sites[0].send(1, update(sites[0])), NO_DATABASE, expected_warnings)
    assert not sites[0].round().is_update_accepted
    finish(sites)


@pytest.mark.slow
def test_average_whose_commit_is_done_but_not_told_is_not_made_again(
    sites: list[LiveSite], database: FailingService, expected_warnings: Warnings
) -> None:
    database.arm(Breakage("reset after", label=AVERAGE_COMMITTED))
    finish(sites)  # nobody is told: the answer to the last update is out already
    assert len(database.disarm()) == 1
    check_log(expected_warnings, "cannot go on: The coordinator's database cannot be used")
    assert sites[0].round().round_number == 2


@pytest.mark.parametrize(
    "label", [pytest.param("INSERT INTO updates", marks=pytest.mark.slow), UPDATE_COMMITTED]
)
def test_full_database_is_a_sentence_and_changes_nothing(
    label: str, sites: list[LiveSite], database: FailingService, expected_warnings: Warnings
) -> None:
    database.arm(Breakage("reply", label=label, reply=refusal_of_database("53100")))
    response = sites[0].send(1, update(sites[0]))
    status, code, sentence = refusal(response)
    assert (status, code) == (HTTPStatus.INSUFFICIENT_STORAGE, "storage_full")
    assert "disk of the coordinator's database is full; nothing was changed" in sentence
    check_log(expected_warnings)
    finish(sites)


@pytest.mark.slow
def test_database_without_a_line_left_is_a_sentence(
    sites: list[LiveSite], database: FailingService, expected_warnings: Warnings
) -> None:
    refused = refusal_of_database("53300", is_fatal=True)
    database.arm(Breakage("reply", label="connect", reply=refused, is_last=True))
    database.cut_all()  # so that a new one is needed
    check_told(sites[0].send(1, b"body"), NO_DATABASE, expected_warnings)
    finish(sites)


@pytest.mark.slow
def test_database_that_says_nothing_is_waited_for_no_longer_than_the_settings_say(
    sites: list[LiveSite], database: FailingService, expected_warnings: Warnings
) -> None:
    body = update(sites[0])
    database.arm(Breakage("stall", label="INSERT INTO updates"))
    response = sites[0].send(1, body)
    check_told(response, NO_DATABASE, expected_warnings)
    assert PATIENCE_S <= response.elapsed.total_seconds() < 10 * PATIENCE_S
    check_log(expected_warnings, "or its server did not answer in time")
    finish(sites)


@pytest.mark.slow
def test_database_that_is_started_anew_under_an_update_takes_it_afterwards(
    sites: list[LiveSite],
    database: FailingService,
    postgresql: Cluster,
    expected_warnings: Warnings,
) -> None:
    restart = Breakage("happen", label=UPDATE_COMMITTED, happening=postgresql.restart)
    database.arm(restart)
    check_told(sites[0].send(1, update(sites[0])), NO_DATABASE, expected_warnings)
    database.disarm()  # as soon as it is up again
    finish(sites)


@pytest.mark.slow
@pytest.mark.usefixtures("expected_warnings")  # of what no site asked for
def test_nobody_notices_that_lines_to_the_database_ended_while_they_were_idle(
    sites: list[LiveSite], database: FailingService, postgresql: Cluster
) -> None:
    with ThreadPoolExecutor(8) as pool:  # many lines
        list(pool.map(lambda _: sites[0].round(), range(16)))
    for disturb in (postgresql.restart, postgresql.end_lines, database.cut_all):
        disturb()
        assert [site.round().round_number for site in sites] == [1, 1]
        disturb()
        sites[0].register_domains()  # writes


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        pytest.param(
            "ExpiredToken",
            HTTPStatus.SERVICE_UNAVAILABLE,
            "does not accept the coordinator's credentials (ExpiredToken). Correct them",
            marks=pytest.mark.slow,
        ),
        ("XMinioStorageFull", HTTPStatus.INSUFFICIENT_STORAGE, "no room left"),
    ],
)
def test_store_that_refuses_an_upload_is_told_for_what_it_said(
    code: str,
    status: HTTPStatus,
    told: str,
    sites: list[LiveSite],
    objects: FailingService,
    expected_warnings: Warnings,
) -> None:
    said = refusal_of_store(403, code)
    objects.arm(Breakage("reply", label="PUT", reply=said, is_last=True))
    assert sites[0].send(1, update(sites[0])).status_code == status
    check_log(expected_warnings, told)
    finish(sites)


@pytest.mark.slow
@pytest.mark.parametrize("manner", ["reset before", "reset within", "reset after"])
def test_upload_to_the_store_that_breaks_off_once_is_done_again(
    manner: Manner, sites: list[LiveSite], objects: FailingService
) -> None:
    objects.arm(Breakage(manner, label="PUT"))
    assert sites[0].send(1, update(sites[0])).status_code == HTTPStatus.OK
    assert len(objects.disarm()) == 1
    finish(sites)


@pytest.mark.slow
def test_average_that_the_store_breaks_off_is_made_at_the_next_poll(
    sites: list[LiveSite], objects: FailingService, expected_warnings: Warnings
) -> None:
    refused = refusal_of_store(403, "ExpiredToken")
    objects.arm(Breakage("reply", label="GET range", reply=refused, is_last=True))
    for site in sites:
        assert site.send_value(2.0).status_code == HTTPStatus.OK
    check_log(expected_warnings, "cannot go on: The coordinator's object store cannot be used")
    finish(sites)


@pytest.mark.slow
def test_object_that_is_not_removed_hinders_no_round(
    sites: list[LiveSite], objects: FailingService, expected_warnings: Warnings
) -> None:
    refused = refusal_of_store(403, "AccessDenied")
    objects.arm(Breakage("reply", label="DELETE", reply=refused, is_last=True))
    finish(sites)
    assert len(objects.disarm()) == 1
    check_log(expected_warnings, "Objects that are no longer needed stay for now: 2")


@pytest.mark.parametrize(
    "manner", ["flip", "cut answer", "reset answer", pytest.param("stall", marks=pytest.mark.slow)]
)
def test_model_that_comes_broken_from_the_store_once_is_fetched_again(
    manner: Manner,
    blobs: ObjectBlobs,
    objects: FailingService,
    tmp_path: Path,
    expected_warnings: Warnings,
) -> None:
    name = blobs.put([bytes(100_000)]).name
    elsewhere = ObjectBlobs(blobs._place, BlobFolder(tmp_path / "elsewhere"))
    objects.arm(Breakage(manner, label="GET whole"))
    assert elsewhere.path(name).read_bytes() == bytes(100_000)
    assert len(objects.disarm()) == 1
    check_log(expected_warnings)


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        ("flip", "breaks off or is altered on its way"),
        pytest.param("stall", "cannot be reached", marks=pytest.mark.slow),
    ],
)
def test_model_that_always_comes_broken_is_a_sentence_that_names_the_store_and_not_the_disk(
    manner: Manner,
    told: str,
    blobs: ObjectBlobs,
    objects: FailingService,
    tmp_path: Path,
    expected_warnings: Warnings,
) -> None:
    name = blobs.put([bytes(100_000)]).name
    elsewhere = ObjectBlobs(replace(blobs._place, patience_s=0.3), BlobFolder(tmp_path / "other"))
    objects.arm(Breakage(manner, label="GET whole", times=20))
    with pytest.raises(StateDamagedError, match=NO_STORE):
        elsewhere.path(name)
    check_log(expected_warnings, told)
    assert list((tmp_path / "other").iterdir()) == []


@pytest.mark.usefixtures("expected_warnings")
def test_store_is_given_up_sooner_while_other_writers_wait_for_its_answer(
    blobs: ObjectBlobs, objects: FailingService
) -> None:
    objects.arm(Breakage("reset before", label="HEAD", times=20))
    with pytest.raises(StateDamagedError, match=NO_STORE):
        blobs.check_there("0" * 64)
    assert objects.fired_count == 2


def test_sweep_of_a_store_that_removes_nothing_waits_for_it_once_and_counts_nothing(
    blobs: ObjectBlobs, objects: FailingService, store: Store, expected_warnings: Warnings
) -> None:
    names = {blobs.put([content]).name for content in (b"a", b"b", b"c")}
    in_two_days = datetime.now(UTC) + timedelta(days=2)
    objects.arm(Breakage("reset before", label="DELETE", times=20))
    assert sweep_files(store, blobs, in_two_days) == 0
    assert objects.fired_count == 2
    check_log(expected_warnings, "Objects that are no longer needed stay for now: 3")
    objects.disarm()
    assert set(blobs.names()) == names
    assert sweep_files(store, blobs, in_two_days) == 3


def test_answer_of_the_store_that_breaks_off_in_its_head_is_a_sentence(
    blobs: ObjectBlobs, objects: FailingService, expected_warnings: Warnings
) -> None:
    name = blobs.put([b"abc"]).name
    cut = b'HTTP/1.1 206 Partial Content\r\nETag: "abc"\r\n\r\n'
    objects.arm(Breakage("reply", label="GET range", reply=cut, is_last=True))
    with pytest.raises(StateDamagedError, match=NO_STORE):
        blobs.body(name)
    check_log(expected_warnings, "breaks off or is altered on its way")


@pytest.mark.slow
def test_sweep_that_the_store_refuses_is_a_sentence(
    blobs: ObjectBlobs,
    objects: FailingService,
    request: pytest.FixtureRequest,
    expected_warnings: Warnings,
) -> None:
    assert list(blobs.names()) == []
    refused = refusal_of_store(403, "AccessDenied")
    objects.arm(Breakage("reply", label="GET unfinished", reply=refused, is_last=True))
    request.getfixturevalue("live")  # which sweeps as soon as it has started
    wait_until(lambda: len(expected_warnings) == 2)
    check_log(expected_warnings, "Unneeded files stay; it is tried again in an hour: The coord")


@pytest.mark.slow
@pytest.mark.parametrize("patience_s", [60.0])
def test_process_says_that_it_lives_while_all_its_threads_wait_for_a_service(
    live: LiveCoordinator,
    sites: list[LiveSite],
    database: FailingService,
) -> None:
    url = live.url + round_path(sites[0].study_id)
    bearer = {"Authorization": f"Bearer {sites[0].credential}"}
    may_go_on = threading.Event()
    held = Breakage("happen", label="BEGIN", times=WORKER_THREADS, happening=may_go_on.wait)
    database.arm(held)
    with ThreadPoolExecutor(WORKER_THREADS) as pool:
        asked = [
            pool.submit(requests.get, url, headers=bearer, timeout=60)
            for _ in range(WORKER_THREADS)
        ]
        wait_until(lambda: database.fired_count == WORKER_THREADS)
        assert live.request("GET", "/healthz").status_code == HTTPStatus.OK
        assert not any(one.done() for one in asked)
        may_go_on.set()
        assert {one.result().status_code for one in asked} == {HTTPStatus.OK}
