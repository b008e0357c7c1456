import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest

from coordinator import protocol
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    refusal,
    tiny_parameters,
    tiny_study,
    wait_until,
)

# One megabyte for the header, and the tiny model: 6 + 4 + 2 + 16 + 8 numbers, and one domain's
# moments of 2 + 4, of 4 bytes each.
UPDATE_LIMIT_BYTES = 1_000_000 + 4 * (36 + 6)


@pytest.fixture
def site(live: LiveCoordinator) -> LiveSite:
    return live.running_study(2)[0]


def speak(site: LiveSite, head: list[str], body: bytes) -> bytes:
    """Send a hand-written request and return all that comes back before the line is closed."""
    parts = urlsplit(site.coordinator.url)
    path = protocol.update_path(site.study_id, 1)
    lines = [f"PUT {path} HTTP/1.1", "Host: coordinator", "Connection: close"]
    lines += [f"Authorization: Bearer {site.credential}", *head, "", ""]
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as line:
        line.sendall("\r\n".join(lines).encode() + body)
        answer = b""
        while part := line.recv(65536):
            answer += part
    return answer


def test_body_at_the_limit_is_read_and_one_byte_more_is_not(site: LiveSite) -> None:
    assert refusal(site.send(1, b"\0" * UPDATE_LIMIT_BYTES))[1] == "malformed_body"
    status, code, sentence = refusal(site.send(1, b"\0" * (UPDATE_LIMIT_BYTES + 1)))
    assert (status, code) == (413, "body_too_large")
    assert f"{UPDATE_LIMIT_BYTES} bytes" in sentence


def test_chunked_body_without_a_length_is_cut_at_the_limit(site: LiveSite) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"\0" * 100_000

    path = protocol.update_path(site.study_id, 1)
    response = site.request("PUT", path, data=chunks())
    assert refusal(response)[:2] == (413, "body_too_large")


def test_length_beyond_all_reason_is_refused_before_anything_is_read(site: LiveSite) -> None:
    answer = speak(site, ["Content-Length: 100000000000"], b"")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"body_too_large" in answer


def test_length_smaller_than_the_body_leaves_a_torn_body_which_is_refused(site: LiveSite) -> None:
    body = site.update_body(tiny_parameters(1.0))
    answer = speak(site, ["Content-Length: 100"], body)
    assert answer.startswith(b"HTTP/1.1 422 ")
    assert b"malformed_body" in answer
    assert not site.round().is_update_accepted


def test_length_that_is_no_number_is_refused(site: LiveSite) -> None:
    assert speak(site, ["Content-Length: many"], b"").startswith(b"HTTP/1.1 400 ")


def test_site_that_goes_away_while_sending_changes_nothing(
    site: LiveSite, caplog: pytest.LogCaptureFixture
) -> None:
    parts = urlsplit(site.coordinator.url)
    head = (
        f"PUT {protocol.update_path(site.study_id, 1)} HTTP/1.1\r\nHost: coordinator\r\n"
        f"Authorization: Bearer {site.credential}\r\nContent-Length: 1000\r\n\r\n"
    )
    with caplog.at_level("INFO"):
        with socket.create_connection((parts.hostname, parts.port), timeout=20) as line:
            line.sendall(head.encode() + b"\0" * 10)
        wait_until(lambda: "A site went away while it was sending" in caplog.text)
    assert "Traceback" not in caplog.text
    assert site.send_value(1.0).status_code == 200


def test_large_json_is_refused(site: LiveSite) -> None:
    path = protocol.domains_path(site.study_id)
    response = site.request("POST", path, data=b" " * 1_000_001)
    assert refusal(response)[:2] == (413, "body_too_large")


def test_large_model_arrives_unchanged(
    live: LiveCoordinator,
) -> None:
    # Five million bytes pass unchanged through the spool file, in several pieces.
    parameters = {
        **tiny_parameters(),
        "feature_extractor.large": np.arange(1_250_000, dtype=np.float32),
    }
    study = tiny_study()
    study_id = live.create_study(study, parameters)
    first, second = live.join(study_id, study), live.join(study_id, study)
    for each in (first, second):
        assert each.send(1, each.update_body(parameters)).status_code == 200
    arrays, _ = first.download(1)
    assert (arrays["feature_extractor.large"] == parameters["feature_extractor.large"]).all()
