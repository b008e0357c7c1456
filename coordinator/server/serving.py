"""The listening socket and the server process around the application."""

import logging
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from coordinator.errors import SettingsInvalidError
from coordinator.server.allocation import share_one_arena
from coordinator.server.header_limit import bounded
from coordinator.server.patience import watched
from coordinator.server.settings import Settings

if sys.platform != "win32":  # Windows counts no open files, and Python has no such module there
    import resource

logger = logging.getLogger(__name__)

_FILES_PER_CONNECTION: Final = 2
"""The line itself, and the file that a body comes from or goes to."""
_OTHER_FILES: Final = 200
"""Of the database's connections, the log and the program itself."""


def check_exposure(settings: Settings) -> None:
    """Refuse to carry credentials over a network in clear.

    Raises:
        SettingsInvalidError: if others could connect without TLS.
    """
    if settings.is_loopback or settings.tls_certificate is not None or settings.behind_proxy:
        return
    raise SettingsInvalidError(
        f"Listening on {settings.host} would carry credentials unencrypted. Set tls_certificate "
        "and tls_key, or pass --behind-proxy if a proxy in front of it speaks TLS"
    )


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Take the address that the settings name, before anything else is touched.

    Raises:
        SettingsInvalidError: if the address or the certificate cannot be used.
    """
    if settings.tls_certificate is not None:
        with _certificate_errors_as_refusals():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    with listen(settings.host, settings.port) as listener:
        yield listener


def serve(
    app: FastAPI,
    settings: Settings,
    listener: socket.socket,
    announce: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT, then finish open requests and return.

    On SIGHUP the certificate is loaded anew, so that its renewal cuts no upload.

    Args:
        app: The application.
        settings: With which certificate, and how patiently.
        listener: Where connections come in.
        announce: Called once with the address, such as ``http://127.0.0.1:8470``, as soon as
            connections are taken.

    Raises:
        SettingsInvalidError: if the certificate cannot be used.
    """
    share_one_arena()
    allow_files(settings.connections)
    config = _config(app, settings)
    server = uvicorn.Server(config)
    # Uvicorn raises the signal again when it has stopped; a wanted stop is no failure.
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, _leave)
    if sys.platform != "win32":  # which has no such signal
        signal.signal(signal.SIGHUP, lambda *_: _renew_certificate(config))
    announce(_address(listener, settings))
    logger.info("SiteBlind %s serves", version("siteblind"))
    server.run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a listening TCP socket.

    Raises:
        SettingsInvalidError: if the address is not this machine's, or is taken.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsInvalidError(
            f"Cannot listen on {host} port {port}: {error.strerror}. Choose another address or "
            "port (--host, --port, or in the settings), or end what has it"
        ) from error
    # Inherited by every connection: asyncio only sets it itself where the protocol number is
    # given, and without it each small reply waits 40 ms for the receiver's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def allow_files(connection_count: int) -> None:
    """Ask the system for as many open files as so many connections need, if it has them to give.

    Many systems begin with 1,024 and allow far more to whoever asks. Where it allows fewer, the
    log says so. On Windows there is nothing to ask for.
    """
    if sys.platform == "win32":
        return
    wanted = _FILES_PER_CONNECTION * connection_count + _OTHER_FILES
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if now != resource.RLIM_INFINITY and now < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    if allowed < wanted:
        logger.warning(
            "This system allows %d open files; %d connections need %d. Raise the limit (ulimit "
            "-Hn, or LimitNOFILE of the service), or lower connections in the settings",
            allowed,
            connection_count,
            wanted,
        )


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=settings.stop_within_s,
        limit_concurrency=settings.connections,
        ws="none",
        proxy_headers=settings.behind_proxy,
        forwarded_allow_ips=settings.trusted_proxies,
    )
    with _certificate_errors_as_refusals():
        config.load()
    protocol = bounded(config.http_protocol_class)
    config.http_protocol_class = watched(protocol, settings.tolerance)
    return config


@contextmanager
def _certificate_errors_as_refusals() -> Iterator[None]:
    try:
        yield
    except (ssl.SSLError, OSError) as error:
        raise SettingsInvalidError(
            f"tls_certificate and tls_key cannot be used: {error.strerror or error}. Both have to "
            "be PEM files that belong together and that the coordinator's user can read"
        ) from error


def _renew_certificate(config: uvicorn.Config) -> None:
    if config.ssl is None or config.ssl_certfile is None:
        return
    files = (config.ssl_certfile, config.ssl_keyfile)
    try:
        # Tried out first: a pair that does not fit would spoil the one in use.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files)
        config.ssl.load_cert_chain(*files)
    except (ssl.SSLError, OSError) as error:
        reason = error.strerror or error
        logger.error("The new certificate cannot be used, the old one stays: %s", reason)
    else:
        logger.info("The certificate was loaded anew")


def _address(listener: socket.socket, settings: Settings) -> str:
    scheme = "http" if settings.tls_certificate is None else "https"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{listener.getsockname()[1]}"


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)
