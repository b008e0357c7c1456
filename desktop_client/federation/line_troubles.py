"""What can be wrong on the way to the coordinator, in words, and who can mend it. No torch."""

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from desktop_client.federation.findings import Checked, Phrase
from desktop_client.federation.network import verify_code_of, without_password
from desktop_client.federation.shown_certificate import issuer_shown

_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64
"""OpenSSL's verification codes."""
SET_THE_CLOCK: Final = Phrase(
    "Let this computer take its time from a time server, and look at its time zone."
)
_TUNNEL: Final = re.compile(r"Tunnel connection failed: (\d{3})")


def name_unknown(host: str, *, is_proxy: bool) -> Checked:
    """Say that a name cannot be looked up."""
    remedy = (
        Phrase("Correct the proxy in this system's settings: it names {0}.", (host,))
        if is_proxy
        else Phrase(
            "Let this computer look up the name {0}, or, if only a proxy may do that, name the "
            "proxy in the system's settings. If nobody can, the address is wrong.",
            (host,),
        )
    )
    return Checked(
        "name", "problem", Phrase("Nobody here knows the name {0}.", (host,)), "it", remedy
    )


def untrusted(url: str, proxy_url: str | None, error: Exception) -> Checked:
    """Say why a certificate is not believed."""
    host = urlsplit(url).hostname or ""
    code = verify_code_of(error)
    if code == _NOT_YET:
        return Checked(
            "certificate",
            "problem",
            Phrase(
                "The coordinator's certificate is not valid yet, by this computer's date, {0}. "
                "Most likely its clock is slow.",
                (f"{datetime.now(UTC):%Y-%m-%d}",),
            ),
            "it",
            SET_THE_CLOCK,
        )
    if code == _EXPIRED:
        return Checked(
            "certificate",
            "problem",
            Phrase("The coordinator's certificate has expired."),
            "operator",
            Phrase(
                "Renew the certificate of {0}. If this computer's date, {1}, is wrong, correct "
                "that first.",
                (host, f"{datetime.now(UTC):%Y-%m-%d}"),
            ),
        )
    if code in (_OTHER_NAME, _OTHER_ADDRESS):
        return Checked(
            "certificate",
            "problem",
            Phrase("The certificate that answers is for another name than {0}.", (host,)),
            "operator",
            Phrase("Use an address that the certificate names, or get one for {0}.", (host,)),
        )
    if code is None:
        return Checked(
            "certificate",
            "problem",
            Phrase("No encrypted connection to {0} comes about.", (host,)),
            "it",
            Phrase("Let HTTPS to {0} through; something on the way breaks it off.", (host,)),
        )
    return _unknown_authority(host, issuer_shown(url, proxy_url))


def _unknown_authority(host: str, issuer: str) -> Checked:
    return Checked(
        "certificate",
        "problem",
        Phrase(
            "The certificate of {0} is signed by “{1}”, whom this computer does not know. Often "
            "that is a hospital's own network, which looks into encrypted traffic.",
            (host, issuer or "?"),
        ),
        "it",
        Phrase(
            "Give whoever uses this program the file with the certificate of “{0}” (PEM), to be "
            "chosen here, or let {1} through unread. If the name is not yours, ask the "
            "coordinator's operator.",
            (issuer or "?", host),
        ),
    )


def found_by_script(script: str) -> Checked:
    """Say that this system's proxy is found by a script; without it the way may still be free."""
    return Checked(
        "proxy",
        "note",
        Phrase(
            "This system finds its proxy by a script ({0}), which this program does not read: it "
            "goes out directly.",
            (script,),
        ),
        "it",
        Phrase(
            "If the coordinator cannot be reached so, name the proxy itself: set HTTPS_PROXY to "
            "http://address:port for this computer, then start the program anew. Sign-in by "
            "Windows account (NTLM, Kerberos) is not spoken by this program."
        ),
    )


def proxy_refused(url: str, proxy_url: str | None, said: str) -> Checked:
    """Say why the proxy does not help, from what the failed request said."""
    tunnel = _TUNNEL.search(said)
    status, host = int(tunnel[1]) if tunnel else 0, urlsplit(url).hostname or ""
    proxy = without_password(proxy_url or "")
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return Checked(
            "proxy",
            "problem",
            Phrase("The proxy {0} wants a name and a password.", (proxy,)),
            "it",
            Phrase(
                "Write name and password into the system's proxy setting "
                "(http://name:password@{0}), or let this computer through without. Sign-in by "
                "Windows account (NTLM, Kerberos) is not spoken by this program.",
                (proxy,),
            ),
        )
    if status:
        return Checked(
            "proxy",
            "problem",
            Phrase(
                "The proxy {0} does not let this computer through to {1} (status {2}).",
                (proxy, host, str(status)),
            ),
            "it",
            Phrase("Allow HTTPS to {0} at the proxy.", (host,)),
        )
    return Checked(
        "proxy",
        "problem",
        Phrase("The proxy {0} does not answer.", (proxy,)),
        "it",
        Phrase("Correct the proxy in this system's settings, or bring it back."),
    )


def unreachable(url: str) -> Checked:
    """Say that nobody answers."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Checked(
        "connection",
        "problem",
        Phrase("Nobody answers at {0}, port {1}.", (parts.hostname or "", str(port))),
        "it",
        Phrase(
            "Allow outgoing connections to {0}, port {1}, or name the proxy to be used in the "
            "system's settings. If others get through, ask the coordinator's operator whether it "
            "is running.",
            (parts.hostname or "", str(port)),
        ),
    )


def other_certificate(issuer: str) -> Checked:
    """Say that the certificate is believed, but is not the invitation's."""
    return Checked(
        "certificate",
        "problem",
        Phrase(
            "The certificate, signed by “{0}”, is another than the invitation names: it was "
            "renewed since, or this hospital's network reads what is sent.",
            (issuer,),
        ),
        "it",
        Phrase(
            "Say whether “{0}” belongs to your own network. If it does, this site can join all the "
            "same. If not, ask the study's owner for a new invitation.",
            (issuer,),
        ),
    )


def stranger(url: str, status: int) -> Checked:
    """Say that something else than a coordinator answers, for example a proxy's own page."""
    return Checked(
        "connection",
        "problem",
        Phrase(
            "What answers at {0} is no SiteBlind coordinator (status {1}).",
            (urlsplit(url).hostname or "", str(status)),
        ),
        "it",
        Phrase(
            "See whether a proxy or a filter answers in its place. If not, the address in the "
            "invitation is wrong: ask the study's owner."
        ),
    )
