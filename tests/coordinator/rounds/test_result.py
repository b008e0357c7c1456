"""What sites measure of the model that a study ends with."""

import requests

from coordinator import protocol
from coordinator.access.audit import entries
from coordinator.dashboard.measures import read_measures
from coordinator.rounds.course import stop_study
from tests.coordinator.conftest import LiveCoordinator, LiveSite, refusal
from tests.coordinator.play import play_round


def report(site: LiveSite, auc: float, digest: str | None = None) -> requests.Response:
    newest = site.round().global_parameters
    message = protocol.ResultMetrics(
        digest=digest or (newest.digest if newest else "0" * 64),
        metrics=protocol.LesionMetrics(sample_count=40, auc=auc),
    )
    path = protocol.metrics_path(site.study_id)
    return site.request("PUT", path, data=message.model_dump_json())


def aucs(live: LiveCoordinator, study_id: str) -> dict[str, dict[int, float]]:
    with live.store.reading() as connection:
        return read_measures(connection, study_id, 100).of_metric("auc")


def test_every_site_says_how_the_finished_model_does_whoever_was_picked(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(4, count=1)
    assert len(play_round(sites, 1.0)) == 2
    for site, auc in zip(sites, (0.6, 0.7, 0.8, 0.9), strict=True):
        assert report(site, auc).status_code == 200
    assert sorted(by_round[1] for by_round in aucs(live, sites[0].study_id).values()) == [
        0.6,
        0.7,
        0.8,
        0.9,
    ]


def test_first_word_of_a_site_counts_and_is_what_it_hears_again(live: LiveCoordinator) -> None:
    sites = live.running_study(2, count=1)
    play_round(sites, 1.0)
    assert report(sites[0], 0.75).status_code == 200
    again = protocol.ResultMetrics.model_validate_json(report(sites[0], 1.0).content)
    assert again.metrics.auc == 0.75
    assert aucs(live, sites[0].study_id) == {sites[0].site_id: {1: 0.75}}
    with live.store.reading() as connection:
        acts = [entry.action for entry in entries(connection, sites[0].study_id)]
    assert acts.count("result_measured") == 1


def test_result_of_a_stopped_study_is_measured_too(live: LiveCoordinator) -> None:
    sites = live.running_study(2)
    play_round(sites, 1.0)
    stop_study(live.store, sites[0].study_id, live.clock())
    assert report(sites[0], 0.75).status_code == 200
    assert aucs(live, sites[0].study_id)[sites[0].site_id] == {1: 0.75}


def test_metrics_are_refused_while_the_study_runs_and_of_other_parameters(
    live: LiveCoordinator,
) -> None:
    sites = live.running_study(2, count=1)
    assert refusal(report(sites[0], 0.75))[:2] == (404, "parameters_unavailable")
    play_round(sites, 1.0)
    assert refusal(report(sites[0], 0.75, digest="0" * 64))[:2] == (409, "study_mismatch")
    assert aucs(live, sites[0].study_id) == {}
