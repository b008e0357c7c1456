import pytest
from sqlalchemy import delete, update

from coordinator.errors import RoundUnknownError, StudyUnknownError
from coordinator.rounds.explaining import ExplainedAttempt, explain_round
from coordinator.storage.tables import picks, rounds
from tests.coordinator.conftest import LiveCoordinator
from tests.coordinator.play import picked, play_round

pytestmark = pytest.mark.every_database


def explained(live: LiveCoordinator, study_id: str, number: int) -> tuple[ExplainedAttempt, ...]:
    with live.store.reading() as connection:
        return explain_round(connection, study_id, number)


def test_round_says_what_its_sites_were_drawn_from_and_draws_them_again(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(6, seed=11)
    chosen = {site.site_id for site in picked(sites)}
    (attempt,) = explained(live, sites[0].study_id, 1)
    assert attempt.draw is not None
    assert set(attempt.draw.seen) == {site.site_id for site in sites}
    assert (attempt.draw.seed, attempt.draw.marked, attempt.draw.carried) == (11, (), ())
    assert attempt.is_as_drawn
    assert set(attempt.picked) == chosen
    assert {site.site_id for site in attempt.sites if site.is_picked} == chosen
    assert {site.reason for site in attempt.sites} == {"next_in_cycle", "not_drawn"}
    assert attempt.sentence == (
        "Of 6 sites here, 3 take part: the study asks for 50% of the sites, within 10 and 50 % "
        "and never fewer than 2. 0 had sent their update before; 0 had been picked in this "
        "cycle. Drawn with the seed 11"
    )


def test_sites_of_the_second_round_are_those_that_were_not_picked_before(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(5, sites_per_round=2)
    first = {site.site_id for site in play_round(sites, 1.0)}
    sites[0].round()
    (attempt,) = explained(live, sites[0].study_id, 2)
    assert {site.site_id for site in attempt.sites if site.reason == "already_picked"} == first
    assert "asks for 2 sites" in attempt.sentence
    assert "2 had been picked in this cycle" in attempt.sentence
    play_round(sites, 1.0)
    sites[0].round()
    (attempt,) = explained(live, sites[0].study_id, 3)
    reasons = {site.reason for site in attempt.sites if site.is_picked}
    assert reasons == {"next_in_cycle", "next_cycle"}


@pytest.mark.usefixtures("expected_warnings")
def test_each_attempt_is_explained_with_who_stayed_in_it(live: LiveCoordinator) -> None:
    sites = live.running_study(5, deadline_s=300, finish_quorum=2)
    sender, _ = picked(sites)
    sender.send_value(1.0)
    live.clock.turn(600)
    sites[0].round()
    first, second = explained(live, sites[0].study_id, 1)
    assert (first.state, second.state) == ("abandoned", "collecting")
    assert (first.is_as_drawn, second.is_as_drawn) == (True, True)
    assert {s.site_id for s in second.sites if s.reason == "carried_over"} == {sender.site_id}


def test_round_whose_sites_are_others_than_drawn_is_found_out(live: LiveCoordinator) -> None:
    sites = live.running_study(4)
    chosen = picked(sites)
    with live.store.writing() as connection:
        connection.execute(delete(picks).where(picks.c.site_id == chosen[0].site_id))
    (attempt,) = explained(live, sites[0].study_id, 1)
    assert attempt.is_as_drawn is False


def test_round_from_before_draws_were_kept_is_told_without_reasons(live: LiveCoordinator) -> None:
    sites = live.running_study(4)
    chosen = {site.site_id for site in picked(sites)}
    with live.store.writing() as connection:
        connection.execute(update(rounds).values(draw=None))
    (attempt,) = explained(live, sites[0].study_id, 1)
    assert (attempt.draw, attempt.is_as_drawn, attempt.sites) == (None, None, ())
    assert set(attempt.picked) == chosen


def test_round_that_was_never_opened_cannot_be_explained(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    with pytest.raises(RoundUnknownError, match="has not opened round 1"):
        explained(live, site.study_id, 1)
    with pytest.raises(StudyUnknownError):
        explained(live, "nowhere", 1)
