import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.coordinator.conftest import LiveCoordinator, tiny_study

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures_of(live: LiveCoordinator) -> Figures:
    """What ``/metrics`` says, by name and labels."""
    response = live.request("GET", "/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def figure(figures: Figures, name: str, **labels: str) -> float:
    return figures[f"siteblind_{name}", frozenset(labels.items())]


def test_requests_are_counted_by_route_and_status(live: LiveCoordinator) -> None:
    for _ in range(3):
        live.request("GET", "/healthz")
    live.request("DELETE", "/healthz")
    figures = figures_of(live)
    served = {"method": "GET", "route": "/healthz"}
    assert figure(figures, "requests_total", **served, status="200") == 3
    assert figure(figures, "request_seconds_count", **served) == 3
    refused = {"method": "DELETE", "route": "/healthz", "status": "405"}
    assert figure(figures, "requests_total", **refused) == 1
    assert figure(figures, "requests_in_progress") == 1  # the one that asks


def test_what_strangers_make_up_becomes_no_label(live: LiveCoordinator) -> None:
    methods = ("PROPFIND", "MKCOL", "LOCK")
    for method in methods:
        live.request("GET", f"/made/up/{method}")
        live.request(method, "/healthz")
    figures = figures_of(live)
    labels = str(figures.keys())
    assert not [word for word in (*methods, "made") if word in labels]
    made_up = {"method": "GET", "route": "unknown", "status": "404"}
    assert figure(figures, "requests_total", **made_up) == 3
    made_up = {"method": "unknown", "route": "/healthz", "status": "405"}
    assert figure(figures, "requests_total", **made_up) == 3


def test_label_of_a_study_is_its_route_and_never_its_path(live: LiveCoordinator) -> None:
    live.request("GET", "/v1/studies/somebodys-secret/round")
    figures = figures_of(live)
    route = {"method": "GET", "route": "/v1/studies/{study_id}/round", "status": "401"}
    assert figure(figures, "requests_total", **route) == 1
    assert not [key for key in figures if "secret" in str(key)]


def test_study_without_parameters_says_so(live: LiveCoordinator) -> None:
    study_id = live.create_study(tiny_study())
    figures = figures_of(live)
    state = {"study_id": study_id, "state": "waiting_for_parameters"}
    assert figure(figures, "study_state", **state) == 1
    assert figure(figures, "newest_parameters_round", study_id=study_id) == -1
    assert figure(figures, "round_number", study_id=study_id) == 0


def test_figures_follow_a_round(live: LiveCoordinator) -> None:
    first, second = live.running_study(2)
    study_id = first.study_id
    first.round()
    first.send_value(1.0)
    figures = figures_of(live)
    assert figure(figures, "study_state", study_id=study_id, state="collecting") == 1
    assert figure(figures, "study_state", study_id=study_id, state="finished") == 0
    assert figure(figures, "round_number", study_id=study_id) == 1
    assert figure(figures, "sites_seen", study_id=study_id) == 2
    assert figure(figures, "updates_waited_for", study_id=study_id) == 1
    assert figure(figures, "rounds", study_id=study_id, state="collecting") == 1
    second.send_value(1.0)
    second.round()
    figures = figures_of(live)
    assert figure(figures, "newest_parameters_round", study_id=study_id) == 1
    assert figure(figures, "rounds", study_id=study_id, state="averaged") == 1


@pytest.mark.parametrize("name", ["process_resident_memory_bytes", "process_open_fds"])
def test_process_is_watched_too(live: LiveCoordinator, name: str) -> None:
    assert figures_of(live)[name, frozenset()] > 0
