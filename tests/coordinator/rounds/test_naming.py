"""What the sites of a study hear of each other is what its owner has decided, no more."""

import pytest

from tests.coordinator.conftest import LiveCoordinator, LiveSite, tiny_parameters


def picked(live: LiveCoordinator, **rounds: str) -> list[LiveSite]:
    """Return the two sites that the first round of a study has picked, in order of joining."""
    sites = live.running_study(4, None, None, **rounds)
    live.settle(sites[0].study_id)
    return [site for site in sites if site.round().is_picked]


def test_a_round_tells_how_many_it_waits_for_unless_the_owner_says_otherwise(
    live: LiveCoordinator,
) -> None:
    first, _ = picked(live)
    assert first.round().waiting_for == ()
    assert "waiting_for" not in first.round().model_dump()  # an older site would not know the word
    assert "0 of 2 picked sites" in first.round().sentence


@pytest.mark.parametrize("told", ["number", "name"])
def test_a_round_tells_whom_else_it_waits_for_where_the_owner_wants_that(
    live: LiveCoordinator, told: str
) -> None:
    first, second = picked(live, sites_told=told)
    (called,) = second.round().waiting_for
    assert called.startswith("Hospital" if told == "name" else "site ")
    first.send(1, first.update_body(tiny_parameters(1.0)))
    assert second.round().waiting_for == ()  # but for itself
    assert first.round().waiting_for != ()


def test_sites_of_one_name_are_told_apart_as_on_the_owners_page(live: LiveCoordinator) -> None:
    first, second = picked(live, sites_told="name")
    assert second.round().waiting_for == (f"Hospital ({first.site_id[:6]})",)
    assert first.round().waiting_for == (f"Hospital ({second.site_id[:6]})",)
