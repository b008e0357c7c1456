import hashlib
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests
from sqlalchemy import select

from coordinator import protocol
from coordinator.parameters import Parameters
from coordinator.storage.arrivals import LINES_PER_SITE
from coordinator.storage.tables import refusals
from tests.coordinator.conftest import (
    LiveCoordinator,
    LiveSite,
    refusal,
    tiny_parameters,
    tiny_study,
    upload_headers,
    wait_until,
)

# One megabyte for the header, and the tiny model: 6 + 4 + 2 + 16 + 8 numbers, and one domain's
# moments of 2 + 4, of 4 bytes each.
UPDATE_LIMIT_BYTES = 1_000_000 + 4 * (36 + 6)


@pytest.fixture
def site(live: LiveCoordinator) -> LiveSite:
    first = live.running_study(2)[0]
    assert first.round().is_picked
    return first


def speak(site: LiveSite, head: list[str], body: bytes, said: bytes | None = None) -> bytes:
    """Send a hand-written request and return all that comes back before the line is closed."""
    parts = urlsplit(site.coordinator.url)
    path = protocol.update_path(site.study_id, 1)
    lines = [f"PUT {path} HTTP/1.1", "Host: coordinator", "Connection: close"]
    headers = upload_headers(body if said is None else said)
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Authorization: Bearer {site.credential}", *head, "", ""]
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as line:
        line.sendall("\r\n".join(lines).encode() + body)
        answer = b""
        while part := line.recv(65536):
            answer += part
    return answer


def ask(site: LiveSite, body: bytes) -> protocol.UploadReply:
    """Ask from where on an update may come."""
    path = protocol.update_path(site.study_id, 1)
    response = site.request("GET", path, headers=upload_headers(body))
    assert response.status_code == 200, response.text
    return protocol.UploadReply.model_validate_json(response.content)


def put(
    site: LiveSite, body: bytes, start: int, stop: int | None = None, **changes: str
) -> requests.Response:
    """Send a range of an update."""
    path = protocol.update_path(site.study_id, 1)
    headers = {**upload_headers(body, start), **changes}
    return site.request("PUT", path, data=body[start:stop], headers=headers)


def rests(site: LiveSite) -> list[str]:
    """The files of bodies that are not whole."""
    return [path.name for path in site.coordinator.blob_folder.with_name("arriving").iterdir()]


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
    headers = upload_headers(b"\0" * 10)
    response = site.request("PUT", path, data=chunks(), headers=headers)
    assert refusal(response)[:2] == (413, "body_too_large")
    assert rests(site) == []


def test_length_beyond_all_reason_is_refused_before_anything_is_read(site: LiveSite) -> None:
    answer = speak(site, ["Content-Length: 100000000000"], b"")
    assert rests(site) == []
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"body_too_large" in answer


def test_length_smaller_than_the_body_leaves_a_part_that_is_gone_on_with(site: LiveSite) -> None:
    body = site.update_body(tiny_parameters(1.0))
    answer = speak(site, ["Content-Length: 100"], body)
    assert answer.startswith(b"HTTP/1.1 202 ")
    assert ask(site, body) == protocol.UploadReply(received_bytes=100, is_accepted=False)
    assert put(site, body, 100).status_code == 200
    assert site.round().is_update_accepted
    assert rests(site) == []


@pytest.mark.parametrize("cut", [0, 1, 300])
def test_update_in_two_pieces_counts_as_one_in_one(site: LiveSite, cut: int) -> None:
    body = site.update_body(tiny_parameters(1.0))
    assert ask(site, body).received_bytes == 0
    assert put(site, body, 0, cut).status_code == 202
    assert ask(site, body).received_bytes == cut
    reply = put(site, body, cut)
    assert reply.json() == {"round_number": 1, "digest": upload_headers(body)["SiteBlind-Digest"]}


def test_update_that_arrived_whole_but_was_not_answered_needs_no_byte_more(
    site: LiveSite,
) -> None:
    body = site.update_body(tiny_parameters(1.0))
    assert put(site, body, 0).status_code == 200
    assert ask(site, body) == protocol.UploadReply(received_bytes=len(body), is_accepted=True)
    assert put(site, body, len(body)).status_code == 200


def test_bytes_that_came_already_may_come_again(site: LiveSite) -> None:
    body = site.update_body(tiny_parameters(1.0))
    assert put(site, body, 0, 200).status_code == 202
    assert put(site, body, 150).status_code == 200


def test_bytes_that_leave_a_gap_are_refused_and_what_came_is_kept(site: LiveSite) -> None:
    body = site.update_body(tiny_parameters(1.0))
    assert put(site, body, 0, 200).status_code == 202
    status, code, sentence = refusal(put(site, body, 201))
    assert (status, code) == (409, "upload_broken")
    assert "fewer than 201 bytes" in sentence
    assert ask(site, body).received_bytes == 200


def test_bytes_of_another_digest_are_refused_and_forgotten(site: LiveSite) -> None:
    body = site.update_body(tiny_parameters(1.0))
    altered = body[:-1] + bytes([body[-1] ^ 1])
    response = site.request(
        "PUT", protocol.update_path(site.study_id, 1), data=altered, headers=upload_headers(body)
    )
    status, code, sentence = refusal(response)
    assert (status, code) == (409, "upload_broken")
    assert "another digest" in sentence
    assert ask(site, body).received_bytes == 0
    assert rests(site) == []


def test_site_has_one_unfinished_upload_at_most(site: LiveSite) -> None:
    for value in (1.0, 2.0, 3.0):
        body = site.update_body(tiny_parameters(value))
        assert put(site, body, 0, 50).status_code == 202
    assert len(rests(site)) == 1
    assert ask(site, body).received_bytes == 50


def test_upload_that_cannot_be_taken_is_refused_before_it_is_sent(live: LiveCoordinator) -> None:
    sites = live.running_study(8)
    (other, *_) = [site for site in sites if not site.round().is_picked]
    path = protocol.update_path(other.study_id, 1)
    response = other.request("GET", path, headers=upload_headers(b"any"))
    assert refusal(response)[:2] == (403, "not_picked")
    (picked, *_) = [site for site in sites if site.round().is_picked]
    headers = {**upload_headers(b"any"), protocol.LENGTH_HEADER: str(10**9)}
    assert refusal(picked.request("GET", path, headers=headers))[:2] == (413, "body_too_large")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({protocol.DIGEST_HEADER: "abc"}, "SiteBlind-Digest has to be the SHA-256"),
        ({protocol.DIGEST_HEADER: "A" * 64}, "SiteBlind-Digest has to be the SHA-256"),
        ({protocol.LENGTH_HEADER: "-1"}, "Upload-Length has to be a number"),
        ({protocol.LENGTH_HEADER: "9" * 5000}, "Upload-Length has to be a number"),
        ({protocol.OFFSET_HEADER: "many"}, "Upload-Offset has to be a number"),
        ({protocol.OFFSET_HEADER: "99999"}, "Upload-Offset lies beyond Upload-Length"),
    ],
)
def test_upload_whose_headers_make_no_sense_is_refused_by_name(
    site: LiveSite, changes: dict[str, str], complaint: str
) -> None:
    body = site.update_body(tiny_parameters(1.0))
    status, code, sentence = refusal(put(site, body, 0, None, **changes))
    assert (status, code) == (422, "malformed_body")
    assert complaint in sentence


def test_length_that_is_no_number_is_refused(site: LiveSite) -> None:
    assert speak(site, ["Content-Length: many"], b"").startswith(b"HTTP/1.1 400 ")


def test_site_that_goes_away_while_sending_goes_on_where_it_was(
    site: LiveSite, caplog: pytest.LogCaptureFixture
) -> None:
    parts = urlsplit(site.coordinator.url)
    body = site.update_body(tiny_parameters(1.0))
    said = "".join(f"{name}: {value}\r\n" for name, value in upload_headers(body).items())
    head = (
        f"PUT {protocol.update_path(site.study_id, 1)} HTTP/1.1\r\nHost: coordinator\r\n"
        f"Authorization: Bearer {site.credential}\r\n{said}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with caplog.at_level("INFO"):
        with socket.create_connection((parts.hostname, parts.port), timeout=20) as line:
            line.sendall(head.encode() + body[:10])
        wait_until(lambda: "A site went away while it was sending" in caplog.text)
    assert "Traceback" not in caplog.text
    received = ask(site, body).received_bytes
    assert received in (0, 10)  # the server may learn of the end before it has read the rest
    assert put(site, body, received).status_code == 200


def test_large_json_is_refused(site: LiveSite) -> None:
    path = protocol.domains_path(site.study_id)
    response = site.request("POST", path, data=b" " * 1_000_001)
    assert refusal(response)[:2] == (413, "body_too_large")


def large_parameters() -> Parameters:
    """Five million bytes, which arrive in many pieces."""
    return {**tiny_parameters(), "feature_extractor.large": np.arange(1_250_000, dtype=np.float32)}


@pytest.fixture
def large_site(live: LiveCoordinator) -> LiveSite:
    study = tiny_study()
    study_id = live.create_study(study, large_parameters())
    first, _ = live.join(study_id, study), live.join(study_id, study)
    assert first.round().is_picked
    return first


def test_large_update_arrives_unchanged(large_site: LiveSite) -> None:
    body = large_site.update_body(large_parameters())
    assert large_site.send(1, body).status_code == 200
    kept = large_site.coordinator.blob_folder / hashlib.sha256(body).hexdigest()
    assert kept.read_bytes() == body


def test_what_came_before_a_cut_is_kept(
    large_site: LiveSite, caplog: pytest.LogCaptureFixture
) -> None:
    body = large_site.update_body(large_parameters())
    parts = urlsplit(large_site.coordinator.url)
    headers = {
        **upload_headers(body),
        "Authorization": f"Bearer {large_site.credential}",
        "Content-Length": str(len(body)),
    }
    lines = [f"PUT {protocol.update_path(large_site.study_id, 1)} HTTP/1.1", "Host: coordinator"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    arriving = large_site.coordinator.blob_folder.with_name("arriving")
    with caplog.at_level("INFO"):
        with socket.create_connection((parts.hostname, parts.port), timeout=20) as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode() + body[:2_000_000])
            wait_until(lambda: any(p.stat().st_size > 1_000_000 for p in arriving.iterdir()))
        wait_until(lambda: "A site went away while it was sending" in caplog.text)
    received = ask(large_site, body).received_bytes
    assert 1_000_000 < received <= 2_000_000
    assert put(large_site, body, received).status_code == 200
    kept = large_site.coordinator.blob_folder / hashlib.sha256(body).hexdigest()
    assert kept.read_bytes() == body


def test_download_goes_on_where_it_was_cut(large_site: LiveSite) -> None:
    path = protocol.parameters_path(large_site.study_id, 0)
    whole = large_site.request("GET", path)
    digest = hashlib.sha256(whole.content).hexdigest()
    assert whole.headers["ETag"] == f'"{digest}"'
    rest = large_site.request(
        "GET", path, headers={"Range": "bytes=1000000-", "If-Range": f'"{digest}"'}
    )
    assert rest.status_code == 206
    assert (
        rest.headers["Content-Range"]
        == f"bytes 1000000-{len(whole.content) - 1}/{len(whole.content)}"
    )
    assert rest.content == whole.content[1_000_000:]
    other = large_site.request(
        "GET", path, headers={"Range": "bytes=1000000-", "If-Range": f'"{"0" * 64}"'}
    )
    assert other.status_code == 200
    assert other.content == whole.content


def test_a_member_sends_on_a_few_connections_at_once_and_no_more(site: LiveSite) -> None:
    body = site.update_body(tiny_parameters(1.0))
    parts = urlsplit(site.coordinator.url)
    head = [f"PUT {protocol.update_path(site.study_id, 1)} HTTP/1.1", "Host: coordinator"]
    head += [f"{name}: {value}" for name, value in upload_headers(body).items()]
    head += [f"Authorization: Bearer {site.credential}", f"Content-Length: {len(body)}", "", ""]
    with ExitStack() as lines:
        for _ in range(LINES_PER_SITE):
            line = socket.create_connection((parts.hostname, parts.port), timeout=20)
            lines.enter_context(line).sendall("\r\n".join(head).encode() + body[:100])
        wait_until(lambda: len(rests(site)) == LINES_PER_SITE)

        refused = put(site, body, 0)

        assert refusal(refused)[:2] == (429, "too_many_requests")
        assert f"on {LINES_PER_SITE} connections already" in refusal(refused)[2]
        assert refused.headers["Retry-After"] == "10"
    wait_until(lambda: len(rests(site)) == 1)
    assert put(site, body, 0).status_code == 200
    with site.coordinator.store.reading() as connection:
        assert connection.execute(select(refusals)).all() == []
