from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from coordinator import protocol
from coordinator.rounds.presence import program_of
from coordinator.storage.tables import sites
from tests.coordinator.conftest import LiveCoordinator, LiveSite, refusal, tiny_study


def noted(live: LiveCoordinator, site: LiveSite) -> tuple[datetime, str | None]:
    with live.store.reading() as connection:
        row = connection.execute(
            select(sites.c.last_seen_at, sites.c.program).where(sites.c.site_id == site.site_id)
        ).one()
    return row.last_seen_at, row.program


def ask(site: LiveSite, user_agent: str) -> None:
    path = protocol.round_path(site.study_id)
    assert site.request("GET", path, headers={"User-Agent": user_agent}).status_code == 200


@pytest.mark.parametrize(
    ("seen_within_s", "noted_every_s"), [(600, 60), (100, 10), (6000, 60), (30, 3)]
)
def test_site_that_asks_often_is_noted_once_in_a_tenth_of_the_time_it_counts_as_here(
    live: LiveCoordinator, seen_within_s: float, noted_every_s: float
) -> None:
    (site,) = live.running_study(1, seen_within_s=seen_within_s, poll_s=1)
    begun = live.clock()
    live.clock.turn(noted_every_s - 1)
    site.round()
    assert noted(live, site)[0] == begun
    live.clock.turn(1)
    site.round()
    assert noted(live, site)[0] == live.clock()


@pytest.mark.usefixtures("expected_warnings")
def test_a_clock_that_was_set_back_does_not_keep_a_site_here_that_is_gone(
    live: LiveCoordinator,
) -> None:
    here, _ = live.running_study(2, seen_within_s=600)
    live.clock.turn(-86_400)
    here.round()
    assert noted(live, here)[0] == live.clock()
    live.clock.turn(601)
    here.round()
    assert here.round().site_count == 1


def asked_from(site: LiveSite, place: str) -> int:
    path, headers = protocol.round_path(site.study_id), {protocol.PLACE_HEADER: place * 32}
    return site.request("GET", path, headers=headers).status_code


def test_of_two_computers_of_one_site_the_second_is_refused_until_the_first_is_gone(
    live: LiveCoordinator,
) -> None:
    (site,) = live.running_study(1, seen_within_s=600)
    assert asked_from(site, "a") == 200
    live.clock.turn(120)
    path, headers = protocol.round_path(site.study_id), {protocol.PLACE_HEADER: "b" * 32}
    status, code, sentence = refusal(site.request("GET", path, headers=headers))
    assert (status, code) == (409, "site_elsewhere")
    assert "heard of 120 s ago" in sentence
    assert "try again in 8 min" in sentence
    assert asked_from(site, "a") == 200
    live.clock.turn(599)
    assert asked_from(site, "b") == 409  # which does not keep the place of the other
    live.clock.turn(1)
    assert asked_from(site, "b") == 200
    assert asked_from(site, "a") == 409
    assert site.request("GET", path).status_code == 200  # nothing takes part without a place


def test_whoever_renews_the_credential_takes_the_place(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    assert asked_from(site, "a") == 200
    path, credential = protocol.credential_path(site.study_id), "c" * 43
    assert site.request("PUT", path, json={"credential": credential}).status_code == 200
    site.credential = credential
    assert asked_from(site, "b") == 200


@pytest.mark.parametrize("place", ["", "x", "A"])
def test_a_place_that_is_none_is_not_noted(live: LiveCoordinator, place: str) -> None:
    (site,) = live.running_study(1)
    assert asked_from(site, "a") == 200
    assert asked_from(site, place) == 200


def test_program_of_a_site_is_noted_at_once_and_when_it_changes(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    assert noted(live, site)[1] is None
    ask(site, "SiteBlind/0.9.1")
    assert noted(live, site)[1] == "SiteBlind/0.9.1"
    ask(site, "curl/8.0")
    assert noted(live, site)[1] == "SiteBlind/0.9.1"
    ask(site, "SiteBlind/1.0.0.dev3+local")
    assert noted(live, site)[1] == "SiteBlind/1.0.0.dev3+local"


@pytest.mark.parametrize(
    "user_agent",
    [
        None,
        "",
        "Mozilla/5.0",
        "SiteBlind/",
        "SiteBlind/1 <b>",
        "xSiteBlind/1",
        f"SiteBlind/{'1' * 81}",
    ],
)
def test_only_a_plain_siteblind_version_is_a_program(user_agent: str | None) -> None:
    assert program_of(user_agent) is None


def test_site_that_brings_no_images_is_not_picked_and_the_sentence_says_so(
    live: LiveCoordinator,
) -> None:
    (site,) = live.running_study(1)
    credential = "c" * 43
    joined = live.enrol(live.invite(site.study_id), credential).json()["site_id"]
    idle = LiveSite(live, site.study_id, site.study, joined, credential)
    reply = idle.round()
    assert (reply.state, reply.site_count) == ("waiting_for_sites", 2)
    assert reply.sentence == (
        "Round 1 of 3 waits for sites: 1 of at least 2 are here; 1 more has joined, but not yet "
        "with images to train on"
    )
    idle.register_domains()
    assert idle.round().is_picked


def test_site_that_brings_no_images_does_not_hold_up_the_first_parameters(
    live: LiveCoordinator,
) -> None:
    study = tiny_study()
    study_id = live.create_study(study)
    live.enrol(live.invite(study_id), "c" * 43)
    live.clock.turn(1)
    assert live.join(study_id, study).round().may_propose_parameters


@contextmanager
def asked(live: LiveCoordinator) -> Iterator[list[tuple[str, Any]]]:
    """Each statement that the block has the database execute, with its parameters."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(live.store._engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(live.store._engine, "before_cursor_execute", note)


@pytest.mark.parametrize("site_count", [2, 8])
def test_poll_is_one_transaction_of_four_questions_however_many_sites_there_are(
    live: LiveCoordinator, site_count: int
) -> None:
    site = live.running_study(site_count, sites_told="count", fraction=0.5)[0]
    site.round()
    with asked(live) as statements:
        assert site.round().site_count == site_count
    beginning, *questions = [words.partition(" ")[0] for words, _ in statements]
    assert (beginning, questions) == ("BEGIN", ["SELECT"] * 4)


def test_poll_finds_all_that_it_asks_for_by_an_index(live: LiveCoordinator) -> None:
    site = live.running_study(4)[0]
    site.round()
    with asked(live) as statements:
        site.round()
    with live.store.reading() as connection:
        for words, values in statements:
            if words.startswith("SELECT"):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values)
                # A thousand sites that poll would else read a million rows each time.
                assert not [row.detail for row in plan if row.detail.startswith("SCAN")], words
