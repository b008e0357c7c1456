"""How requests leave a hospital: whose certificates are believed, and through which proxy.

Believed is what the operating system believes, what certifi (or ``REQUESTS_CA_BUNDLE``) names, and
the hospital's own authorities where a person has given their file. Proxies are those of the
system. Never loads torch.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.util import Retry

from desktop_client.durable import write_durably
from desktop_client.errors import NetworkFileError
from desktop_client.paths import Home

AUTHORITIES_FILE: Final = "authorities.pem"
"""In the folder of memberships, so that window and server of one project go the same way."""
LARGEST_FILE_BYTES: Final = 10_000_000

_REASONS: Final = {
    9: "is not valid yet; this computer's clock may be wrong",
    10: "has expired",
    18: "is signed by nobody but itself",
    19: "is signed by an authority that this computer does not know",
    20: "is signed by an authority that this computer does not know",
    62: "is for another name",
    64: "is for another address",
}
"""By OpenSSL's verification code; https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/"""


@dataclass(frozen=True)
class Trust:
    """Whose certificates are believed beside those that the system believes.

    Attributes:
        authorities_path: The hospital's own authorities, as PEM.
        fingerprint: SHA-256 of the only certificate that will do, in hexadecimal; empty for any.
    """

    authorities_path: Path | None = None
    fingerprint: str = ""


ORDINARY_TRUST: Final = Trust()


def trust_of(home: Home, fingerprint: str = "") -> Trust:
    """Return whom this project trusts."""
    path = _authorities_path(home)
    return Trust(path if path.exists() else None, fingerprint)


def keep_authorities(home: Home, source: Path) -> None:
    """Believe the certificate authorities in a file from now on; the file is copied.

    Raises:
        NetworkFileError: if there is none in it, or the project's folder refuses.
    """
    try:
        with source.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES)
        text = content.decode("ascii", errors="ignore")
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except OSError as error:  # among them ssl.SSLError
        reason = "" if isinstance(error, ssl.SSLError) else f": {error.strerror}"
        raise _no_authorities(source, reason) from error
    except ValueError as error:
        raise _no_authorities(source, "") from error
    try:
        home.create().memberships_path.mkdir(exist_ok=True, mode=0o700)
        write_durably(_authorities_path(home), content)
    except OSError as error:
        raise NetworkFileError(
            f"{_authorities_path(home)} cannot be written: {error.strerror}. Whom this project "
            "trusts was not changed; make room, or ask for the right to write there"
        ) from error


def forget_authorities(home: Home) -> None:
    """Believe again only what the system believes.

    Raises:
        NetworkFileError: if the file of those believed so far cannot be removed.
    """
    try:
        _authorities_path(home).unlink(missing_ok=True)
    except OSError as error:
        raise NetworkFileError(
            f"{_authorities_path(home)} cannot be removed: {error.strerror}. Whom it names is "
            "trusted still; close whatever has it open, or ask for the right to write there"
        ) from error


class Context(ssl.SSLContext):
    """Remembers the certificate that it believed last: in DER, and when it ends."""

    shown: tuple[bytes, str] = (b"", "")

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:  # noqa: ANN401  as in ssl
        """Secure a line; its handshake is over afterwards."""
        line = super().wrap_socket(*arguments, **options)
        if told := line.getpeercert():
            self.shown = line.getpeercert(binary_form=True) or b"", str(told["notAfter"])
        return line


def mount(session: requests.Session, trust: Trust, retry: Retry) -> Context:
    """Let a session's requests go out by this trust; return the context that checks it."""
    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    if trust.authorities_path is not None:
        context.load_verify_locations(trust.authorities_path)
    session.mount("http://", HTTPAdapter(max_retries=retry))
    session.mount("https://", _TrustingAdapter(context, trust.fingerprint, retry))
    return context


def proxy_for(url: str) -> str | None:
    """Return the proxy that the system has for an address, with its password if it has one."""
    return select_proxy(url, get_environ_proxies(url))


def without_password(proxy_url: str) -> str:
    """Return a proxy's address as it may be shown."""
    parts = urlsplit(proxy_url if "://" in proxy_url else f"http://{proxy_url}")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname}{port}"


def is_other_certificate(error: BaseException) -> bool:
    """Whether a request failed since the certificate is not the one with the fingerprint."""
    return any("Fingerprints did not match" in str(one) for one in _causes(error))


def verify_code_of(error: BaseException) -> int | None:
    """Return OpenSSL's reason for refusing a certificate; None if it refused none."""
    for one in _causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return one.verify_code
    return None


def why_not_trusted(error: BaseException) -> str:
    """Return what is wrong with a certificate, to be put behind "its certificate"."""
    return _REASONS.get(verify_code_of(error) or 0, "could not be verified")


class _TrustingAdapter(HTTPAdapter):
    """Hands our own context to every pool, also those behind a proxy."""

    def __init__(self, context: Context, fingerprint: str, retry: Retry) -> None:
        self._pool: dict[str, Any] = {"ssl_context": context}
        if fingerprint:
            self._pool["assert_fingerprint"] = fingerprint
        super().__init__(max_retries=retry)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **options: object
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, **options, **self._pool)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:  # noqa: ANN401  as in requests
        return super().proxy_manager_for(proxy, **options, **self._pool)


def _authorities_path(home: Home) -> Path:
    return home.memberships_path / AUTHORITIES_FILE


def _no_authorities(source: Path, reason: str) -> NetworkFileError:
    return NetworkFileError(
        f"{source.name} cannot be used as a file of certificate authorities{reason}. It has to be "
        "a PEM file, which begins with -----BEGIN CERTIFICATE-----; ask your IT department for it"
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was made of, as requests and urllib3 wrap each other's."""
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        pending += [cause for cause in inner if isinstance(cause, BaseException)]
