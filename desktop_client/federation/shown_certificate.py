"""The certificate that a server shows, looked at without believing it; for words only.

Nothing is sent but a handshake.
"""

import base64
import re
import socket
import ssl
from contextlib import closing, suppress
from typing import Final
from urllib.parse import unquote, urlsplit

PATIENCE_S: Final = 10.0
_COMMON_NAME: Final = b"\x06\x03\x55\x04\x03"
_ORGANISATION: Final = b"\x06\x03\x55\x04\x0a"
"""Object identifiers 2.5.4.3 and 2.5.4.10 in DER; RFC 5280, appendix A.1."""


def issuer_shown(url: str, proxy_url: str | None) -> str:
    """Return who signed the certificate that an address shows; empty if that cannot be told."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        suppress(OSError),
        closing(_line(host, port, proxy_url)) as line,
        context.wrap_socket(line, server_hostname=host) as secured,
    ):
        return issuer_of(secured.getpeercert(binary_form=True) or b"")
    return ""


def issuer_of(certificate: bytes) -> str:
    """Return the name of who signed a DER certificate.

    A certificate names its issuer before its subject (RFC 5280, 4.1), so the first name in it is
    the issuer's.
    """
    for kind in (_COMMON_NAME, _ORGANISATION):
        _, found, rest = certificate.partition(kind)
        if found and len(rest) > 2:
            name = rest[2 : 2 + rest[1]].decode("utf-8", errors="replace")
            return re.sub(r"[^\w .,&()/'-]", "", name)
    return ""


def _line(host: str, port: int, proxy_url: str | None) -> socket.socket:
    """Connect to a host, if need be through a proxy."""
    if proxy_url is None:
        return socket.create_connection((host, port), PATIENCE_S)
    proxy = urlsplit(proxy_url if "://" in proxy_url else f"http://{proxy_url}")
    line = socket.create_connection((proxy.hostname or "", proxy.port or 80), PATIENCE_S)
    asked = f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
    if proxy.username:
        known = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        asked += f"Proxy-Authorization: Basic {base64.b64encode(known.encode()).decode()}\r\n"
    line.sendall(f"{asked}\r\n".encode())
    said = b""
    while b"\r\n\r\n" not in said:
        part = line.recv(1024)
        if not part or len(said) > 64_000:
            break
        said += part
    return line
