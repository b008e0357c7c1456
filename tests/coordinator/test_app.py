import logging
from typing import Any

import pytest

from coordinator import protocol
from tests.coordinator.conftest import LiveCoordinator, refusal, wait_until

CREDENTIAL = "c" * 43


@pytest.mark.parametrize("path", ["/v1", "/docs", "/redoc", "/openapi.json", "/v2/studies/s"])
def test_unknown_path_is_a_sentence(live: LiveCoordinator, path: str) -> None:
    status, code, sentence = refusal(live.request("GET", path))
    assert (status, code) == (404, "not_found")
    assert "SiteBlind coordinator" in sentence


def test_wrong_method_is_a_sentence(live: LiveCoordinator) -> None:
    response = live.request("DELETE", protocol.ENROLMENTS_PATH)
    assert refusal(response)[:2] == (405, "method_not_allowed")
    assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("number", ["first", "-1", "9" * 30])
def test_round_that_is_no_number_is_a_sentence(live: LiveCoordinator, number: str) -> None:
    (site,) = live.running_study(1)
    path = f"/v1/studies/{site.study_id}/parameters/{number}"
    status, code, sentence = refusal(site.request("GET", path))
    assert (status, code) == (422, "invalid_request")
    assert "round_number" in sentence


def test_parameters_of_a_round_that_was_not_averaged_are_not_there(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    response = site.request("GET", protocol.parameters_path(site.study_id, 1))
    status, code, sentence = refusal(response)
    assert (status, code) == (404, "parameters_unavailable")
    assert sentence == "The study has no global parameters of round 1 yet"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "the body"),
        (b"[]", "the body"),
        (b'{"domain_ids": []}', "domain_ids"),
        (b'{"domain_ids": ["scanner"]}', "domain_ids.0"),
        (b'{"domain_ids": ["3fc17c38-9da9-46ce-beb7-e17405972d76"], "more": 1}', "more"),
    ],
)
def test_json_that_is_not_the_message_is_refused_by_field(
    live: LiveCoordinator, body: bytes, field: str
) -> None:
    (site,) = live.running_study(1)
    response = site.request("POST", protocol.domains_path(site.study_id), data=body)
    status, code, sentence = refusal(response)
    assert (status, code) == (422, "malformed_body")
    assert f"no valid DomainsRequest: {field}:" in sentence


@pytest.mark.parametrize("more", [{}, {"field_of_the_future": 1}])
def test_site_of_another_protocol_is_told_both_versions(
    live: LiveCoordinator, more: dict[str, Any]
) -> None:
    response = live.enrol("any", CREDENTIAL, protocol_version=2, **more)
    status, code, sentence = refusal(response)
    assert (status, code) == (426, "protocol_version")
    assert "speaks protocol 2; the coordinator serves 1" in sentence


@pytest.mark.parametrize("named", ["2", "one", "9" * 5000])
def test_header_that_names_another_protocol_is_refused(live: LiveCoordinator, named: str) -> None:
    response = live.request("GET", "/healthz", headers={protocol.PROTOCOL_HEADER: named})
    assert refusal(response)[:2] == (426, "protocol_version")


def test_header_that_names_this_protocol_is_served(live: LiveCoordinator) -> None:
    headers = {protocol.PROTOCOL_HEADER: str(protocol.PROTOCOL_VERSION)}
    assert live.request("GET", "/healthz", headers=headers).status_code == 200


def test_unexpected_error_gives_no_details_to_sites_and_a_traceback_to_the_operator(
    live: LiveCoordinator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (site,) = live.running_study(1)

    def fail(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("coordinator.rounds.life.Rounds.status_unless_due", fail)
    with caplog.at_level(logging.ERROR):
        response = site.request("GET", protocol.round_path(site.study_id))
    status, code, sentence = refusal(response)
    assert (status, code) == (500, "unexpected")
    assert "secret" not in sentence
    wait_until(lambda: "RuntimeError: a secret detail" in caplog.text)


def test_log_of_a_whole_round_holds_no_secret_and_no_path(
    live: LiveCoordinator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        first, second = live.running_study(2)
        first.send_value(1.0)
        second.send_value(2.0)
        code = live.invite(first.study_id)
        live.enrol(code, CREDENTIAL)
    assert "round 1 averaged over 2 updates" in caplog.text
    for secret in (code, CREDENTIAL, first.credential, str(live.blob_folder)):
        assert secret not in caplog.text
