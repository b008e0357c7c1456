"""A line to the coordinator that keeps every byte that a site sends."""

import io
import re
import socket
import threading
from contextlib import suppress
from typing import Final, Self

import zstandard

ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"


class Recorder:
    """Passes everything on, and keeps what goes up."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._lines: list[socket.socket] = []
        self._sent: list[bytearray] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        for thread in self._threads:
            thread.join()

    @property
    def sent(self) -> bytes:
        """Everything that went up, line by line, and what of it unfolds from compression."""
        lines = b"\n".join(bytes(line) for line in self._sent)
        return lines + b"".join(_unfolded(bytes(line)) for line in self._sent)

    @property
    def header_names(self) -> set[str]:
        """The names of all headers of all requests, in small letters."""
        names: set[str] = set()
        for line in self._sent:
            for request in re.finditer(rb"(GET|PUT|POST|DELETE) [^\r\n]+ HTTP/1\.1\r\n", line):
                head = bytes(line[request.end() :]).partition(b"\r\n\r\n")[0]
                names |= {row.partition(b":")[0].decode().lower() for row in head.split(b"\r\n")}
        return names

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                there = socket.create_connection(("127.0.0.1", self._target_port))
                self._lines += [line, there]
                kept = bytearray()
                self._sent.append(kept)
                self._start(self._pump, line, there, kept)
                self._start(self._pump, there, line, bytearray())

    def _pump(self, source: socket.socket, target: socket.socket, kept: bytearray) -> None:
        with suppress(OSError):
            while part := source.recv(1 << 16):
                kept += part
                target.sendall(part)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


def _unfolded(line: bytes) -> bytes:
    """Decompress whatever begins like a zstd frame."""
    unfolded = b""
    for found in re.finditer(re.escape(ZSTD_MAGIC), line):
        stream = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(line[found.start() :]))
        with suppress(zstandard.ZstdError):  # what follows a frame is none
            while part := stream.read(1 << 16):
                unfolded += part
    return unfolded
