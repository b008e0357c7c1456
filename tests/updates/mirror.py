"""A hospital's own server with an announcement on it, over TLS, as IT sets one up."""

import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Final, Self

from tests.federation.certificates import Certificate

NEWER: Final = {
    "version": "77.1.0",
    "date": "2026-12-01",
    "link": "https://software.st-anna.example/siteblind",
    "text": "It will be on your computer by Friday.",
}


@dataclass
class Mirror:
    """Answers every GET alike.

    Attributes:
        certificate: What it shows.
        body: What it answers; an announcement of a newer version if nothing else is said.
        status: With which status.
        headers: More of its answer's headers.
        drips: Whether its headers come one by one and never end.
        hung_up: Set when a client breaks off such a line.
        asked: The path and all headers of each request.
    """

    certificate: Certificate
    body: bytes = field(default_factory=lambda: json.dumps(NEWER).encode())
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drips: bool = False
    hung_up: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append((self.path, dict(self.headers)))
                self.send_response_only(mirror.status)
                if mirror.drips:
                    drip(self)
                for name, value in mirror.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(mirror.body)))
                self.end_headers()
                self.wfile.write(mirror.body)

        def drip(line: Handler) -> None:
            try:
                line.flush_headers()
                for number in count():
                    line.wfile.write(f"X-{number}: drop\r\n".encode())
                    time.sleep(0.05)
            finally:
                mirror.hung_up.set()

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """Say nothing of lines that a client breaks off."""

        self._server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.path, self.certificate.key_path)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"https://localhost:{self._server.server_port}/siteblind.json"
