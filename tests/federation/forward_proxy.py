"""A hospital's forward proxy on loopback: it may want a password, forbid, or look into TLS."""

import base64
import select
import socket
import ssl
import threading
from contextlib import suppress
from typing import Final, Self

from tests.federation.certificates import Certificate

PASSWORD: Final = "s3cret-of-the-proxy"
ESTABLISHED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"


class ForwardProxy:
    """Tunnels by CONNECT.

    Args:
        wants_password: Whether it lets nobody through without.
        forbids: Whether it lets nobody through at all.
        inspects_with: What it shows in place of the server's certificate; None to tunnel unread.
        port: Where it listens; 0 for any free port.
        dies_after: After so many bytes upwards it hangs up on everybody and takes no new line.

    Attributes:
        passed_up: Bytes that went up through its tunnels.
        seen: What it could read of the requests inside, where it inspects.
    """

    def __init__(
        self,
        *,
        wants_password: bool = False,
        forbids: bool = False,
        inspects_with: Certificate | None = None,
        port: int = 0,
        dies_after: int | None = None,
    ) -> None:
        self._wants_password, self._forbids = wants_password, forbids
        self._inspects_with = inspects_with
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._dies_after = dies_after
        self.passed_up = 0
        self._threads: list[threading.Thread] = []
        self._lines: list[socket.socket] = []
        self.seen = b""

    @property
    def url_with_password(self) -> str:
        return self.url.replace("://", f"://ward:{PASSWORD}@")

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()
        for thread in self._threads:
            thread.join()
        for line in self._lines:  # those, too, that a thread was just making
            line.close()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in list(self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                self._lines.append(line)
                self._start(self._serve, line)

    def _serve(self, line: socket.socket) -> None:
        with suppress(OSError, ValueError):
            head = _read_head(line)
            method, target, _ = head.split(b"\r\n")[0].split(b" ")
            if method != b"CONNECT" or (refusal := self._refusal(head)):
                line.sendall(refusal if method == b"CONNECT" else b"HTTP/1.1 405 No\r\n\r\n")
                line.close()
                return
            host, port = target.decode().rsplit(":", 1)
            if self._inspects_with is not None:
                line.sendall(ESTABLISHED)
                address = (host, int(port))
                self._relay(*self._in_the_middle(line, address, self._inspects_with))
                return
            there = socket.create_connection((host, int(port)))
            self._lines.append(there)
            line.sendall(ESTABLISHED)
            self._start(self._pump, there, line)
            self._pump(line, there, is_up=True)

    def _refusal(self, head: bytes) -> bytes:
        wanted = b"Basic " + base64.b64encode(f"ward:{PASSWORD}".encode())
        if self._wants_password and wanted not in head:
            return (
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="ward"\r\nContent-Length: 0\r\n\r\n'
            )
        return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" if self._forbids else b""

    def _in_the_middle(
        self, line: socket.socket, address: tuple[str, int], shown: Certificate
    ) -> tuple[ssl.SSLSocket, ssl.SSLSocket]:
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(shown.path, shown.key_path)
        outward = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        outward.check_hostname, outward.verify_mode = False, ssl.CERT_NONE
        inside = own.wrap_socket(line, server_side=True)
        self._lines.append(inside)
        # Wrapped first: ssl does not close a connection that is reset while it wraps it.
        outside = outward.wrap_socket(socket.socket())
        self._lines.append(outside)
        outside.connect(address)
        return inside, outside

    def _relay(self, inside: ssl.SSLSocket, outside: ssl.SSLSocket) -> None:
        """Pass on both ways in one thread: two must not use one TLS connection at a time."""
        other = {inside: outside, outside: inside}
        with suppress(OSError):
            while True:
                pending = [source for source in other if source.pending()]
                for source in pending or select.select(list(other), [], [])[0]:
                    if (part := _read_what_is_there(source)) is None:
                        continue
                    if source is inside:
                        self.seen += part
                    if not part:
                        raise ConnectionResetError
                    other[source].sendall(part)
        for line in other:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _pump(self, source: socket.socket, target: socket.socket, *, is_up: bool = False) -> None:
        with suppress(OSError):
            while part := source.recv(1 << 14):
                target.sendall(part)
                self.passed_up += len(part) * is_up
                if self._dies_after is not None and self.passed_up >= self._dies_after:
                    self._hang_up()
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


def _read_what_is_there(source: ssl.SSLSocket) -> bytes | None:
    """Return what has come; None if it was of TLS itself, nothing at the end."""
    source.setblocking(False)
    try:
        return source.recv(1 << 14)
    except ssl.SSLWantReadError:
        return None
    finally:
        source.setblocking(True)


def _read_head(line: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        part = line.recv(4096)
        if not part:
            raise ValueError("hung up")
        head += part
    return head
