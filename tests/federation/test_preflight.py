"""What is said of the way to a coordinator, over real TLS, real proxies and a real coordinator."""

import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from coordinator.study import read_study
from desktop_client.demo.processes import Coordinator
from desktop_client.errors import (
    CertificateDiffersError,
    CoordinatorAwayError,
    CoordinatorRefusedError,
    NetworkFileError,
)
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.enrolment import Part, enrol
from desktop_client.federation.events import CoordinatorAway
from desktop_client.federation.findings import Checked, Hindered, PreflightFinished
from desktop_client.federation.line_checks import Line, check_line
from desktop_client.federation.membership import Contribution, new_credential
from desktop_client.federation.network import (
    AUTHORITIES_FILE,
    Trust,
    forget_authorities,
    keep_authorities,
    trust_of,
)
from desktop_client.federation.preflight import (
    PreflightRequest,
    preflight,
    request_of_member,
)
from desktop_client.federation.proxy_script import proxy_script
from desktop_client.federation.waiting import patiently
from desktop_client.paths import Home
from tests.faults.wall_clock import WallClock
from tests.federation.certificates import Authority, Certificate, new_authority
from tests.federation.forward_proxy import PASSWORD, ForwardProxy
from tests.owned_coordinator import owned_coordinator
from tests.scenes import new_site, write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return new_authority(folder, "Study Authority")


@pytest.fixture(scope="module")
def hospital(folder: Path) -> Authority:
    return new_authority(folder, "St Anna Web Filter")


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Certificate:
    return authority.sign("coordinator")


@contextmanager
def serving(certificate: Certificate, ahead_s: float = 0.0, status: int = 200) -> Iterator[str]:
    """Answer over TLS as a coordinator does when it is asked whether it lives."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"status": "ok"}' if status == 200 else b"<h1>Blocked</h1>"
            self.send_response_only(status)
            self.send_header("Date", formatdate(time.time() + ahead_s, usegmt=True))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of handshakes that a client breaks off."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key_path)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def look(url: str, authority: Authority | None = None, fingerprint: str = "") -> dict[str, Checked]:
    """Return the last finding of each topic."""
    trust = Trust(authority.path if authority else None, fingerprint)
    found: dict[str, Checked] = {}
    try:
        for checked in check_line(Line(url, trust)):
            found[checked.topic] = checked
    except Hindered as hindrance:
        found[hindrance.checked.topic] = hindrance.checked
    return found


def test_a_way_without_hindrance_is_told_step_by_step(
    certificate: Certificate, authority: Authority
) -> None:
    with serving(certificate) as url:
        found = look(url, authority, certificate.fingerprint)
    assert [(c.topic, c.verdict) for c in found.values()] == [
        ("proxy", "good"),
        ("name", "good"),
        ("certificate", "good"),
        ("connection", "good"),
        ("clock", "good"),
    ]
    assert "signed by “Study Authority”" in str(found["certificate"].sentence)


def test_a_name_that_nobody_knows_is_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = look("https://no-such-host.invalid")["name"]
    assert (found.verdict, found.helper) == ("problem", "it")
    assert str(found.sentence) == "Nobody here knows the name no-such-host.invalid."


def test_a_port_where_nobody_answers_is_for_it() -> None:
    found = look("https://localhost:9")["connection"]
    assert found.helper == "it"
    assert "localhost, port 9" in str(found.remedy)


def test_an_authority_that_the_computer_does_not_know_is_named(certificate: Certificate) -> None:
    with serving(certificate) as url:
        found = look(url)["certificate"]
    assert (found.verdict, found.helper) == ("problem", "it")
    assert "signed by “Study Authority”, whom this computer does not know" in str(found.sentence)


def test_an_expired_certificate_is_the_operators(authority: Authority) -> None:
    with serving(authority.sign("expired", days=-1)) as url:
        found = look(url, authority)["certificate"]
    assert found.helper == "operator"
    assert "has expired" in str(found.sentence)


def test_a_certificate_that_ends_soon_is_a_note_to_the_operator(authority: Authority) -> None:
    with serving(authority.sign("soon", days=3)) as url:
        found = look(url, authority)["certificate"]
    assert (found.verdict, found.helper) == ("note", "operator")


def test_a_certificate_for_another_name_is_the_operators(authority: Authority) -> None:
    with serving(authority.sign("other", host="study.example.org")) as url:
        found = look(url, authority)["certificate"]
    assert (found.verdict, found.helper) == ("problem", "operator")
    assert "for another name than localhost" in str(found.sentence)


def test_a_certificate_other_than_the_invitations_is_told(
    certificate: Certificate, authority: Authority
) -> None:
    with serving(certificate) as url:
        found = look(url, authority, fingerprint="0" * 64)["certificate"]
    assert found.verdict == "problem"
    assert "another than the invitation names" in str(found.sentence)


@pytest.mark.parametrize(
    ("ahead_s", "verdict", "words"),
    [
        (0, "good", "right"),
        (-300, "note", "5 minutes fast"),
        (4000, "problem", "67 minutes slow"),
        (-9 * 3600, "problem", "9 hours fast"),
        (30 * 86_400, "problem", "30 days slow"),
    ],
)
def test_a_wrong_clock_is_told_by_what_the_coordinator_says(
    certificate: Certificate, authority: Authority, ahead_s: float, verdict: str, words: str
) -> None:
    with serving(certificate, ahead_s) as url:
        found = look(url, authority)["clock"]
    assert found.verdict == verdict
    assert words in str(found.sentence)


def test_a_clock_by_which_the_certificate_is_not_valid_yet_is_for_it(
    authority: Authority, tmp_path: Path
) -> None:
    ahead = WallClock(tmp_path, 10 * 86_400)  # whoever signed lives ten days later than this site
    with serving(authority.sign("later", environment=ahead.environment)) as url:
        found = look(url, authority)["certificate"]
    assert (found.verdict, found.helper) == ("problem", "it")
    assert "not valid yet, by this computer's date, 20" in str(found.sentence)
    assert "time server" in str(found.remedy)


def test_a_page_of_somebody_else_is_no_coordinator(
    certificate: Certificate, authority: Authority
) -> None:
    with serving(certificate, status=403) as url:
        found = look(url, authority)["connection"]
    assert "is no SiteBlind coordinator (status 403)" in str(found.sentence)


def test_a_proxy_that_wants_a_password_is_for_it_and_with_one_it_lets_through(
    certificate: Certificate, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(certificate) as url, ForwardProxy(wants_password=True) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        refused = look(url, authority)["proxy"]
        assert (refused.verdict, refused.helper) == ("problem", "it")
        assert "wants a name and a password" in str(refused.sentence)
        monkeypatch.setenv("https_proxy", proxy.url_with_password)
        found = look(url, authority, certificate.fingerprint)
    assert {c.verdict for c in found.values()} == {"good"}
    assert proxy.url.removeprefix("http://") in str(found["proxy"].sentence)
    assert not any(PASSWORD in f"{c.sentence} {c.remedy}" for c in found.values())


def test_a_proxy_that_forbids_and_one_that_is_gone_are_told_apart(
    certificate: Certificate, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(certificate) as url, ForwardProxy(forbids=True) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        forbidden = look(url, authority)["proxy"]
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
        gone = look(url, authority)["proxy"]
    assert "does not let this computer through to localhost (status 403)" in str(forbidden.sentence)
    assert "does not answer" in str(gone.sentence)


def test_a_proxy_that_only_a_script_knows_is_told_and_how_to_name_it(
    certificate: Certificate,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = (
        "[Proxy Settings]\nProxyType=2\nProxy Config Script=http://u:p@pac.example/p.pac?k=1\n"
    )
    (tmp_path / "kioslaverc").write_text(settings)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))  # no desktop of this machine is asked
    with serving(certificate) as url:
        found = look(url, authority)
        monkeypatch.setenv("no_proxy", "localhost")
        (tmp_path / "gsettings").write_text("#!/bin/sh\n[ $3 = mode ] && echo \\'auto\\'\n")
        (tmp_path / "gsettings").chmod(0o755)
        by_network = look(url, authority)["proxy"]
    assert (found["proxy"].verdict, found["proxy"].helper) == ("note", "it")
    assert "by a script (http://pac.example/p.pac)" in str(found["proxy"].sentence)
    assert "set HTTPS_PROXY" in str(found["proxy"].remedy)
    assert found["connection"].verdict == "good"
    assert "by a script (WPAD)" in str(by_network.sentence)


def test_a_script_at_no_address_is_told_without_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = "[Proxy Settings]\nProxyType=2\nProxy Config Script=http://u:p@[pac\n"
    (tmp_path / "kioslaverc").write_text(settings)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert proxy_script() == "an unreadable address"


def test_a_network_that_reads_what_is_sent_needs_its_authority_and_shows_in_the_fingerprint(
    certificate: Certificate,
    authority: Authority,
    hospital: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = hospital.sign("inspecting")
    with serving(certificate) as url, ForwardProxy(inspects_with=shown) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        unknown = look(url, authority, certificate.fingerprint)["certificate"]
        assert "signed by “St Anna Web Filter”" in str(unknown.sentence)
        assert "looks into encrypted traffic" in str(unknown.sentence)
        known = look(url, hospital, certificate.fingerprint)["certificate"]
        assert "St Anna Web Filter” belongs to your own network" in str(known.remedy)
        with (
            pytest.raises(CertificateDiffersError, match="Nothing was sent"),
            CoordinatorClient(
                url, "c" * 43, Trust(hospital.path, certificate.fingerprint)
            ) as client,
        ):
            client.study("dots")
        assert b"c" * 43 not in proxy.seen


def test_the_file_of_the_hospitals_authority_is_kept_with_the_project(
    certificate: Certificate, authority: Authority, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    keep_authorities(home, authority.path)
    with serving(certificate) as url:
        with CoordinatorClient(url, trust=trust_of(home)) as client:
            assert client._request("GET", "/healthz") == b'{"status": "ok"}'
        forget_authorities(home)
        with (
            pytest.raises(CoordinatorAwayError, match="an authority that this computer does not"),
            CoordinatorClient(url, trust=trust_of(home)) as client,
        ):
            client._request("GET", "/healthz")


def test_that_whom_a_project_trusts_cannot_be_changed_is_told_with_the_file(
    authority: Authority, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    in_the_way = home.memberships_path / AUTHORITIES_FILE
    in_the_way.mkdir(parents=True)
    with pytest.raises(NetworkFileError, match=f"{in_the_way} cannot be written: "):
        keep_authorities(home, authority.path)
    with pytest.raises(NetworkFileError, match=f"{in_the_way} cannot be removed: "):
        forget_authorities(home)


def test_a_file_without_an_authority_is_refused_with_what_it_should_be(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"\x30\x82")
    (tmp_path / "empty.pem").touch()
    for name in ("ca.pem", "empty.pem", "no-such.pem"):
        with pytest.raises(NetworkFileError, match="-----BEGIN CERTIFICATE-----"):
            keep_authorities(Home(tmp_path / "home"), tmp_path / name)


@pytest.fixture(scope="module")
def coordinator(folder: Path, certificate: Certificate) -> Iterator[Coordinator]:
    """A real coordinator that speaks TLS."""
    prefix = "SITEBLIND_COORDINATOR_TLS_"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"{prefix}CERTIFICATE", str(certificate.path))
        patch.setenv(f"{prefix}KEY", str(certificate.key_path))
        with owned_coordinator(folder / "coordinator") as running:
            yield replace(running, url=running.url.replace("127.0.0.1", "localhost"))


@pytest.fixture(scope="module")
def study_id(coordinator: Coordinator, folder: Path) -> str:
    return coordinator.create_study(write_study(folder / "study.toml"))


@pytest.fixture(scope="module")
def codes(coordinator: Coordinator, study_id: str) -> list[str]:
    return coordinator.invite(study_id, 4)


@pytest.fixture
def home(tmp_path: Path, authority: Authority) -> Home:
    home = new_site(tmp_path, {"dot": 24, "circle": 3})
    keep_authorities(home, authority.path)
    return home


def findings(request: PreflightRequest) -> list[Checked]:
    *events, end = preflight(request)
    found = [event for event in events if isinstance(event, Checked)]
    assert isinstance(end, PreflightFinished)
    assert end.problem_count == sum(c.verdict == "problem" for c in found)
    return found


def told(found: list[Checked], topic: str) -> list[str]:
    return [f"{c.verdict}: {c.sentence}" for c in found if c.topic == topic]


def test_an_invited_site_hears_what_it_has_for_the_study(
    coordinator: Coordinator, codes: list[str], home: Home, certificate: Certificate
) -> None:
    request = PreflightRequest(
        home.path,
        coordinator.url,
        new_credential(),
        certificate.fingerprint,
        codes[0],
        device=None,
    )
    found = findings(request)
    assert told(found, "version") == ["good: Both sides speak the same version."]
    assert told(found, "membership") == [
        "good: The invitation is good, for the study “Dots and rings”."
    ]
    images = told(found, "images")
    assert images[0].startswith("good: 24 labelled images take part: ")
    assert images[1:3] == ["good: dot: 24 images.", "note: ring: no image here."]
    assert images[3].endswith(": 24 images.")


def test_a_code_stays_here_if_the_certificate_is_another(
    coordinator: Coordinator, codes: list[str], home: Home
) -> None:
    study = read_study(coordinator.folder.parent / "study.toml")
    request = PreflightRequest(
        home.path, coordinator.url, new_credential(), "0" * 64, codes[1], study=study, device=None
    )
    found = findings(request)
    assert [c.verdict for c in found if c.topic == "certificate"] == ["problem"]
    assert not told(found, "membership")
    assert told(found, "images")


def test_a_member_is_told_so_and_one_that_was_removed_to_ask_the_operator(
    coordinator: Coordinator, study_id: str, codes: list[str], home: Home
) -> None:
    nothing = Contribution(domain_ids=frozenset())
    member = enrol(home, coordinator.url, codes[2], "Ward 3", Part(nothing))
    request = replace(request_of_member(home, study_id, "cpu"), device=None)
    found = findings(request)
    assert told(found, "membership") == [
        "good: The coordinator knows this site as a member of “Dots and rings”."
    ]
    assert [c.verdict for c in found if c.topic == "images"] == ["problem"]
    coordinator.revoke(study_id, member.site_id)
    (refused,) = [c for c in findings(request) if c.topic == "membership"]
    assert (refused.verdict, refused.helper) == ("problem", "operator")


def test_an_upload_goes_on_when_the_proxy_is_restarted_in_its_middle(
    coordinator: Coordinator,
    study_id: str,
    codes: list[str],
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    member = enrol(home, coordinator.url, codes[3], "Ward 4")
    body = bytes(6_000_000)  # refused when all of it is there: what it says is no matter here
    with ExitStack() as stack:
        first = stack.enter_context(ForwardProxy(dies_after=len(body) // 2))
        monkeypatch.setenv("https_proxy", first.url)
        client = stack.enter_context(
            CoordinatorClient(coordinator.url, member.credential, trust_of(home))
        )
        sending = patiently(lambda: client.propose_parameters(study_id, body))
        away = next(event for event in sending if isinstance(event, CoordinatorAway))
        assert "the proxy server refused or did not answer" in away.sentence
        second = stack.enter_context(ForwardProxy(port=first.port))
        with pytest.raises(CoordinatorRefusedError) as refused:
            deque(sending, maxlen=0)
    assert refused.value.code == "malformed_body"
    assert second.passed_up < 0.7 * len(body)


def test_what_computes_is_asked_in_a_process_of_its_own(tmp_path: Path) -> None:
    found = findings(PreflightRequest(tmp_path, "no address", "", device="cpu"))
    assert [c.topic for c in found[:2]] == ["address", "disk"]
    assert any("processor" in str(c.sentence) for c in found if c.topic == "computer")
