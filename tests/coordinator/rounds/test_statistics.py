import numpy as np
import pytest

from coordinator.access.ending import revoke_site
from coordinator.dashboard.measures import read_measures
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    tiny_moments,
    tiny_parameters,
    tiny_styles,
)
from tests.coordinator.play import picked, play_round, values

pytestmark = pytest.mark.every_database


def test_domain_classifier_keeps_the_last_contribution_of_absent_sites(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(4, count=12)
    play_round(sites, 1.0)
    play_round(sites, 4.0)
    # Two sites with a domain each sent 4, two older contributions are 1: (4 + 4 + 1 + 1) / 4.
    assert values(sites[0].download(2)[0]) == [4.0, 4.0, 2.5]


def test_kept_contribution_expires_after_ten_rounds(live: LiveCoordinator) -> None:
    sites = live.running_study(4, count=13, seen_within_s=600, deadline_s=3600)
    gone = picked(sites)
    for site in gone:
        site.send_value(101.0)
    staying = [site for site in sites if site not in gone]
    live.clock.turn(601)  # the others are not seen any more
    for number in range(2, 13):
        for site in staying:
            site.round()
        play_round(staying, 1.0)
        # Two domains of value 1, and up to round 11 (ten rounds old) two of value 101.
        domain = values(staying[0].download(number)[0])[2]
        assert domain == (51.0 if number <= 11 else 1.0)


def test_contribution_of_a_site_ends_with_its_membership(live: LiveCoordinator) -> None:
    sites = live.running_study(4, count=5)
    leaving, _ = play_round(sites, 101.0)
    with live.store.writing() as connection:
        revoke_site(connection, leaving.study_id, leaving.site_id, live.clock())
    members = [site for site in sites if site is not leaving]
    play_round(members, 1.0)
    # Two domains of value 1, one kept of value 101 and one gone: 103 / 3.
    assert values(members[0].download(2)[0])[2] == pytest.approx(103 / 3, rel=1e-7)


def test_newest_moments_of_every_domain_ride_along(live: LiveCoordinator) -> None:
    sites = live.running_study(4, count=12)

    def play_with_moments(value: float) -> list[LiveSite]:
        chosen = picked(sites)
        for site in chosen:
            moments = tiny_moments(site.domain_indices, value)
            body = site.update_body({**tiny_parameters(), **moments})
            assert site.send(site.round().round_number, body).status_code == 200
        return chosen

    first = play_with_moments(1.0)
    play_with_moments(2.0)
    arrays, message = sites[0].download(2)
    for site in sites:
        (index,) = site.domain_indices
        expected = 1.0 if site in first else 2.0
        assert arrays[f"moments.{index}.mean"].tolist() == [expected] * 2
        assert arrays[f"moments.{index}.covariance"].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert message.domain_count == 4
    silent = play_round(sites, 0.0)  # without moments: the older ones of others stay
    assert {n for n in sites[0].download(3)[0] if n.endswith(".mean")} == {
        f"moments.{site.domain_indices[0]}.mean" for site in sites if site not in silent
    }


def test_moments_of_a_site_end_with_its_membership(live: LiveCoordinator) -> None:
    sites = live.running_study(3, count=5)
    chosen = picked(sites)
    for site in chosen:
        body = site.update_body({**tiny_parameters(), **tiny_moments(site.domain_indices)})
        site.send(1, body)
    with live.store.writing() as connection:
        revoke_site(connection, chosen[0].study_id, chosen[0].site_id, live.clock())
    members = [site for site in sites if site is not chosen[0]]
    for site in picked(members):
        site.send(2, site.update_body({**tiny_parameters(), **tiny_moments(site.domain_indices)}))
    names = members[0].download(2)[0]
    assert f"moments.{chosen[0].domain_indices[0]}.mean" not in names
    assert f"moments.{chosen[1].domain_indices[0]}.mean" in names


def test_styles_ride_along_and_end_with_the_membership_as_moments_do(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(3, {"restyle": "channel_statistics"}, count=5)
    chosen = picked(sites)
    for site in chosen:
        styles = tiny_styles(site.domain_indices, 0.25 * (1 + site.domain_indices[0]))
        assert site.send(1, site.update_body({**tiny_parameters(), **styles})).status_code == 200
    arrays = sites[0].download(1)[0]
    for index in (site.domain_indices[0] for site in chosen):
        assert np.unique(arrays[f"styles.{index}"]).tolist() == [0.25 * (1 + index)]
    with live.store.writing() as connection:
        revoke_site(connection, chosen[0].study_id, chosen[0].site_id, live.clock())
    members = [site for site in sites if site is not chosen[0]]
    for site in picked(members):
        styles = tiny_styles(site.domain_indices)
        site.send(2, site.update_body({**tiny_parameters(), **styles}))
    assert {name for name in members[0].download(2)[0] if name.startswith("styles")} == {
        f"styles.{site.domain_indices[0]}" for site in members
    }


def test_moments_of_each_lesion_class_are_replaced_together(live: LiveCoordinator) -> None:
    sites = live.running_study(2, model={"domain_classifier": "per_lesion"}, count=5)

    def send(site: LiveSite, round_number: int, indices: list[int]) -> None:
        arrays = {**tiny_parameters(domain_width=16), **tiny_moments(indices)}
        assert site.send(round_number, site.update_body(arrays)).status_code == 200

    def shared(round_number: int) -> set[str]:
        arrays = sites[0].download(round_number)[0]
        return {name for name in arrays if name.endswith(".mean")}

    send(sites[0], 1, [0, 1])
    send(sites[1], 1, [2, 3])
    assert shared(1) == {f"moments.{index}.mean" for index in range(4)}
    send(sites[0], 2, [1])
    send(sites[1], 2, [2, 3])
    assert shared(2) == {f"moments.{index}.mean" for index in (1, 2, 3)}


def test_last_round_publishes_the_mean_of_the_last_rounds(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=4, averaged_rounds=3)
    for value in (100.0, 1.0, 2.0, 6.0):
        play_round(sites, value)
    assert [values(sites[0].download(number)[0])[0] for number in range(5)] == [0, 100, 1, 2, 3]
    assert values(sites[0].download(4)[0]) == [3.0, 3.0, 3.0]  # (1 + 2 + 6) / 3
    assert sites[0].round().state == "finished"


def test_mean_of_more_rounds_than_there_were_leaves_the_initial_parameters_out(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(2, count=2, averaged_rounds=5)
    play_round(sites, 2.0)
    play_round(sites, 6.0)
    assert values(sites[0].download(2)[0]) == [4.0, 4.0, 4.0]  # with the initial zeros 8 / 3


def test_statistics_beside_a_mean_of_rounds_are_the_newest(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=2, averaged_rounds=2)
    for number in (1, 2):
        for site in sites:
            moments = tiny_moments(site.domain_indices, float(number))
            site.send(number, site.update_body({**tiny_parameters(), **moments}))
    assert sites[0].download(2)[0]["moments.0.mean"].tolist() == [2.0, 2.0]


def test_how_well_a_round_tells_its_domains_apart_is_kept_with_its_parameters(
    live: LiveCoordinator,
) -> None:
    first, second = live.running_study(2, count=3)
    for site, value in ((first, 0.0), (second, 2.0)):  # 2 * sqrt(2) deviations apart
        moments = tiny_moments(site.domain_indices, value)
        body = site.update_body({**tiny_parameters(), **moments})
        assert site.send(1, body).status_code == 200
    first.round()

    with live.store.reading() as connection:
        leakage = read_measures(connection, first.study_id, round_count=3).leakage[1]

    # Balanced accuracy of the linear rule is Phi(distance / 2) = Phi(1.414) = 0.921.
    assert leakage.balanced_accuracy == pytest.approx(0.921, abs=0.01)
    assert leakage.chance == 0.5
    assert set(leakage.by_domain) == {*first.domain_indices, *second.domain_indices}


def test_nothing_is_said_of_a_round_whose_sites_shared_no_moments(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=3)
    play_round(sites, 1.0)

    with live.store.reading() as connection:
        measures = read_measures(connection, sites[0].study_id, round_count=3)

    assert measures.leakage == {}
