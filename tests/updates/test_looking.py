"""One plain GET to the address that IT names, over real TLS; and every answer that is none."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_client.errors import UpdateCheckError
from desktop_client.federation.network import keep_authorities
from desktop_client.paths import Home
from desktop_client.updates import looking
from desktop_client.updates.announcement import Announcement
from desktop_client.updates.looking import LARGEST_ANSWER_BYTES, look_for_update
from desktop_client.updates.policy import UpdatePolicy
from tests.federation.certificates import Authority, Certificate, new_authority
from tests.federation.forward_proxy import ForwardProxy
from tests.updates.mirror import NEWER, Mirror


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"), "Hospital Authority")


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Certificate:
    return authority.sign("mirror")


@pytest.fixture
def home(tmp_path: Path, authority: Authority) -> Home:
    """A project that believes the hospital's own authority, as it does when it joins a study."""
    home = Home(tmp_path / "home")
    keep_authorities(home, authority.path)
    return home


@pytest.fixture
def mirror(certificate: Certificate) -> Iterator[Mirror]:
    with Mirror(certificate) as running:
        yield running


def look(mirror: Mirror, home: Home) -> Announcement:
    *_, announced = look_for_update(UpdatePolicy(address=mirror.address), home)
    assert isinstance(announced, Announcement)
    return announced


def test_the_newest_version_is_read(mirror: Mirror, home: Home) -> None:
    announced = look(mirror, home)
    assert announced.model_dump(mode="json") == NEWER
    assert announced.host == "software.st-anna.example"


def test_nothing_is_sent_but_the_request_itself(
    mirror: Mirror, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login ward password s3cret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    mirror.headers["Set-Cookie"] = "who=7"
    look(mirror, home)
    look(mirror, home)
    headers = {
        "Host": mirror.address.split("/")[2],
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "SiteBlind",
    }
    assert mirror.asked == [("/siteblind.json", headers)] * 2


def test_it_goes_through_the_proxy_of_the_system(
    mirror: Mirror, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ForwardProxy(forbids=True) as closed:
        monkeypatch.setenv("https_proxy", closed.url)
        with pytest.raises(UpdateCheckError, match="no answer"):
            look(mirror, home)
    with ForwardProxy() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert look(mirror, home).version == "77.1.0"


def test_a_server_that_the_hospital_does_not_vouch_for_is_not_believed(
    mirror: Mirror, tmp_path: Path
) -> None:
    with pytest.raises(UpdateCheckError, match="by an authority that this computer does not know"):
        look(mirror, Home(tmp_path / "another"))


def test_where_nobody_answers_that_is_all_that_is_said(home: Home) -> None:
    with pytest.raises(UpdateCheckError, match=r"^localhost did not tell .*: no answer$"):
        list(look_for_update(UpdatePolicy(address="https://localhost:9/"), home))


def test_headers_that_drip_keep_nobody_waiting_nor_a_line_open(
    mirror: Mirror, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PATIENCE_S", 0.3)
    monkeypatch.setattr(looking, "TIMEOUT_S", 1.0)
    mirror.drips = True
    began_at = time.monotonic()
    with pytest.raises(UpdateCheckError, match="its answer takes too long"):
        look(mirror, home)
    assert time.monotonic() - began_at < 2  # a thread may have to wait for its turn
    assert mirror.hung_up.wait(10)


def test_another_place_is_not_gone_to(mirror: Mirror, certificate: Certificate, home: Home) -> None:
    with Mirror(certificate) as elsewhere:
        mirror.status, mirror.headers["Location"] = 302, elsewhere.address
        with pytest.raises(UpdateCheckError, match="it answered 302"):
            look(mirror, home)
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<h1>Sign in to the guest network</h1>", "Invalid JSON"),
        (b"", "Invalid JSON"),
        (b"[]", "Input should be an object"),
        (json.dumps(NEWER | {"version": "newest"}).encode(), "version: "),
        (json.dumps({"version": "77.1.0"}).encode(), "date: Field required"),
        (b" " * (LARGEST_ANSWER_BYTES + 1), "longer than 16384 bytes"),
    ],
)
def test_what_is_no_announcement_is_none(mirror: Mirror, home: Home, body: bytes, why: str) -> None:
    mirror.body = body
    with pytest.raises(UpdateCheckError, match=why):
        look(mirror, home)
