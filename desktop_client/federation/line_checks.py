"""Checks of the way to the coordinator: proxy, name, connection, certificate, clock. No torch."""

import hashlib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import requests
from urllib3.util import Retry

from desktop_client.federation import line_troubles as troubles
from desktop_client.federation.findings import Checked, Hindered, Phrase, Verdict
from desktop_client.federation.network import Trust, mount, proxy_for, without_password
from desktop_client.federation.proxy_script import proxy_script
from desktop_client.federation.shown_certificate import issuer_of

PATIENCE_S: Final = 10.0
HEALTH_PATH: Final = "/healthz"
_HOUR_S, _DAY_S = 3600, 86_400
ENDS_SOON_S: Final = 14 * _DAY_S
CLOCK_NOTE_S: Final = 120.0
CLOCK_PROBLEM_S: Final = 3600.0
"""Certificates of a few days' age may then count as not valid yet."""


@dataclass(frozen=True)
class Line:
    """Where to and by which trust.

    Attributes:
        url: The coordinator's address.
        trust: Whose certificates are believed; its fingerprint is compared, not required.
    """

    url: str
    trust: Trust


def check_line(line: Line) -> Iterator[Checked]:
    """Say how the way to the coordinator is, step by step, until one step cannot be taken.

    Raises:
        Hindered: with the last finding, if the coordinator cannot be reached.
    """
    proxy_url = proxy_for(line.url)
    yield _proxy(line.url, proxy_url)
    yield _name(proxy_url or line.url, is_proxy=proxy_url is not None)
    with requests.Session() as session:
        context = mount(session, Trust(line.trust.authorities_path), Retry(0))
        response = _answer(session, line.url, proxy_url)
        with response:
            yield from _certificate(line, context.shown)
            _refuse_strangers(line.url, response)
            yield Checked("connection", "good", Phrase("The coordinator answers."))
            yield from _clock(response.headers.get("Date"))


def _proxy(url: str, proxy_url: str | None) -> Checked:
    if proxy_url is not None:
        shown = without_password(proxy_url)
        return Checked("proxy", "good", Phrase("The way out is the proxy {0}.", (shown,)))
    is_here = urlsplit(url).scheme == "http"
    script = "" if is_here else proxy_script()
    if script:
        return troubles.found_by_script(script)
    return Checked("proxy", "good", Phrase("The way out is direct: this system names no proxy."))


def _name(url: str, *, is_proxy: bool) -> Checked:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Hindered(troubles.name_unknown(host, is_proxy=is_proxy)) from error
    return Checked(
        "name", "good", Phrase("The name {0} leads to {1}.", (host, str(found[0][4][0])))
    )


def _answer(session: requests.Session, url: str, proxy_url: str | None) -> requests.Response:
    try:
        return session.get(
            url + HEALTH_PATH, timeout=PATIENCE_S, stream=True, allow_redirects=False
        )
    except requests.exceptions.SSLError as error:
        raise Hindered(troubles.untrusted(url, proxy_url, error)) from error
    except requests.exceptions.ProxyError as error:
        raise Hindered(troubles.proxy_refused(url, proxy_url, str(error))) from error
    except requests.RequestException as error:
        raise Hindered(troubles.unreachable(url)) from error


def _certificate(line: Line, shown: tuple[bytes, str]) -> Iterator[Checked]:
    certificate, end = shown
    if not certificate:
        yield Checked(
            "certificate",
            "good",
            Phrase("No certificate is needed: the coordinator is on this computer."),
        )
        return
    issuer, left_s = issuer_of(certificate), ssl.cert_time_to_seconds(end) - time.time()
    wanted = line.trust.fingerprint
    if wanted and hashlib.sha256(certificate).hexdigest() != wanted:
        yield troubles.other_certificate(issuer)
        return
    told = Phrase(
        "The certificate is in order, signed by “{0}”, and ends in {1} days.",
        (issuer, f"{left_s / _DAY_S:.0f}"),
    )
    if left_s > ENDS_SOON_S:
        yield Checked("certificate", "good", told)
    else:
        remedy = Phrase("See that it is renewed in time.")
        yield Checked("certificate", "note", told, "operator", remedy)


def _refuse_strangers(url: str, response: requests.Response) -> None:
    """Make sure that what answers is a coordinator, and not for example a proxy's own page."""
    with suppress(ValueError, requests.RequestException):
        said = response.json()
        if response.ok and isinstance(said, dict) and said.get("status") == "ok":
            return
    raise Hindered(troubles.stranger(url, response.status_code))


def _clock(told: str | None) -> Iterator[Checked]:
    if told is None:
        return
    try:
        there = parsedate_to_datetime(told).timestamp()
    except ValueError:
        return
    ahead_s = time.time() - there
    off_s = abs(ahead_s)
    if off_s < CLOCK_NOTE_S:
        yield Checked("clock", "good", Phrase("This computer's clock is right."))
        return
    verdict: Verdict = "problem" if off_s >= CLOCK_PROBLEM_S else "note"
    yield Checked("clock", verdict, _how_wrong(ahead_s), "it", troubles.SET_THE_CLOCK)


def _how_wrong(ahead_s: float) -> Phrase:
    off_s, is_fast = abs(ahead_s), ahead_s > 0
    if off_s < 2 * _HOUR_S:
        value = (f"{off_s / 60:.0f}",)
        if is_fast:
            return Phrase("This computer's clock is {0} minutes fast.", value)
        return Phrase("This computer's clock is {0} minutes slow.", value)
    if off_s < 2 * _DAY_S:
        value = (f"{off_s / _HOUR_S:.0f}",)
        if is_fast:
            return Phrase("This computer's clock is {0} hours fast.", value)
        return Phrase("This computer's clock is {0} hours slow.", value)
    value = (f"{off_s / _DAY_S:.0f}",)
    if is_fast:
        return Phrase("This computer's clock is {0} days fast.", value)
    return Phrase("This computer's clock is {0} days slow.", value)
