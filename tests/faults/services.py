"""Lines to PostgreSQL and to an object store, on which the n-th question goes wrong.

On such a line one end asks and the other answers, in turns: a question is what goes up after
something has come down. What it asks for is read from its first bytes. Nothing of the program under
test knows.
"""

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.faults.proxy import CuttingProxy, Line, make_reset, wait_until_closed

Manner = Literal[
    "pass",
    "refuse",
    "reset before",
    "reset within",
    "reset after",
    "reset answer",
    "cut answer",
    "flip",
    "stall",
    "reply",
    "happen",
]
_CHUNK_BYTES: Final = 1 << 16
_INTERIM: Final = b"HTTP/1.1 100"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_VALUE: Final = re.compile(r"\$\d+(::\w+)?(, )?|pg8000_statement_\d+|'[^']*'")
_STARTUP: Final = struct.pack(">i", 196608)
"""Version 3.0 of PostgreSQL's protocol, the first that a new line says.
https://www.postgresql.org/docs/15/protocol-message-formats.html"""


@dataclass(frozen=True, slots=True)
class Breakage:
    """What goes wrong with a question, its answer or the whole service."""

    manner: Manner
    """A line that is reset before, within or after the question, which the service then has done,
    or within the answer; one that ends or stalls there; a service that nobody reaches."""
    at: int = 1
    """Which of the questions with the label, from 1."""
    label: str = ""
    """What is asked for, or how that begins; anything if empty."""
    times: int = 1
    """How often the very same question fails that is asked again and again."""
    reply: bytes = b""
    """Said in place of the service, which is not asked."""
    is_last: bool = False
    """Whether the line is closed after the reply."""
    lasts_s: float = 0.0
    """How long the service refuses all."""
    happening: Callable[[], object] | None = None
    """What is done before the question is passed on."""


UNBROKEN: Final = Breakage("pass")


@dataclass(slots=True)
class Talk:
    """How far a line's question and answer are."""

    is_asking: bool = False
    statements: dict[bytes, str] = field(default_factory=dict)
    """What PostgreSQL was told that it would be asked, by the names it was told."""
    written: str = ""
    """The first statement of its transaction that writes."""
    is_bare: bool = False
    """Whether the answer has no body, whatever length it tells: a HEAD was asked."""
    breakage: Breakage = UNBROKEN
    left: int = 0
    """So many bytes are still to pass."""

    @property
    def reply(self) -> bytes:
        """What is said in place of the service."""
        head, end, body = self.breakage.reply.partition(b"\r\n\r\n")
        return head + end + (b"" if self.is_bare else body)


@dataclass(slots=True)
class _Armed:
    """A breakage, and how far it has come."""

    breakage: Breakage
    matched_count: int = 0
    broken: str | None = None
    """The question that fails."""
    fired_count: int = 0

    def hits(self, label: str, question: str) -> bool:
        """Count a question; return whether it fails."""
        if not label.startswith(self.breakage.label):
            return False
        self.matched_count += 1
        if self.broken is None and self.matched_count >= self.breakage.at:
            self.broken = question
        return self.broken == question and self.fired_count < self.breakage.times


Naming = Callable[[bytes, Talk], tuple[str, str]]
"""Reads from a question's first bytes what is asked for, and by what words the same question is
known again; empty if it does not count."""


def of_object_store(first: bytes, _talk: Talk) -> tuple[str, str]:
    """Name a request: its method, and whether it is for a part of an object, or a list."""
    head, _, _ = first.decode("latin-1").partition("\r\n\r\n")
    method, target, *_ = head.split(" ")
    span = re.search(r"\r\nrange: *(\S+)", head, re.IGNORECASE)
    kind = "range" if span else "list" if "list-type=" in target else "whole"
    kind = "unfinished" if "?uploads" in target else kind
    label = f"{method} {kind}" if method == "GET" else method
    return label, f"{method} {target} {span[1] if span else ''}"


def of_postgresql(first: bytes, talk: Talk) -> tuple[str, str]:
    """Name a statement where it is executed; that it is prepared before counts for nothing.

    A commit is named after what its transaction has written first.
    """
    if first[4:8] == _STARTUP:
        return "connect", "connect"
    said = ""
    for kind, content in _messages(first):
        texts = content.split(b"\0")
        if kind == b"P":
            talk.statements[texts[0]] = texts[1].decode(errors="replace")
        elif kind == b"Q":
            said = texts[0].decode(errors="replace")
        elif kind == b"B":
            said = talk.statements[texts[1]]
    said = " ".join(_VALUE.sub("$", said).split())
    if said.startswith(("INSERT", "UPDATE", "DELETE")):
        talk.written = talk.written or said
    elif said.lower().startswith(("begin", "commit", "rollback")):
        written, talk.written = talk.written, ""
        said = f"commit of {written}" if said == "commit" and written else said
    return said, said


def _messages(piece: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of the messages to PostgreSQL in a piece of what is sent."""
    while len(piece) > 4:
        size = 1 + int.from_bytes(piece[1:5])
        yield piece[:1], piece[5:size]
        piece = piece[size:]


class FailingService(CuttingProxy):
    """A line to a service that passes everything on, but for what is armed.

    Args:
        address: Host and port, or the path of a socket.
        naming: How its questions are named.
    """

    def __init__(self, address: tuple[str, int] | str, naming: Naming) -> None:
        super().__init__(0)
        self._address, self._naming = address, naming
        self._trace: list[str] = []
        self._armed: list[_Armed] = []
        self._is_whole = threading.Event()
        self._is_whole.set()

    def __exit__(self, *error: object) -> None:
        self.disarm()
        super().__exit__(*error)

    @property
    def fired_count(self) -> int:
        """How often something went wrong since it was armed."""
        return sum(armed.fired_count for armed in self._armed)

    def arm(self, *breakages: Breakage) -> None:
        """Let things go wrong from now on, each at its own question."""
        with self._lock:
            self._armed = [_Armed(breakage) for breakage in breakages]

    def disarm(self) -> list[Breakage]:
        """Let nothing more go wrong; return what has."""
        with self._lock:
            armed, self._armed = self._armed, []
        self._is_whole.wait()
        return [one.breakage for one in armed if one.fired_count]

    def trace(self) -> list[str]:
        """Return what was asked for since the last time, in order."""
        with self._lock:
            trace, self._trace = self._trace, []
        return trace

    def _reach(self) -> socket.socket:
        if isinstance(self._address, tuple):
            return socket.create_connection(self._address)
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(self._address)
        except OSError:
            line.close()
            raise
        return line

    def _serve(self, line: Line) -> None:
        talk = Talk()
        self._start(self._pass_all, line, talk, "up")
        self._start(self._pass_all, line, talk, "down")

    def _pass_all(self, line: Line, talk: Talk, direction: Literal["up", "down"]) -> None:
        giver, take = (line[0], self._ask) if direction == "up" else (line[1], self._answer)
        try:
            while (chunk := giver.recv(_CHUNK_BYTES)) and take(line, talk, chunk):
                pass
        except OSError:
            pass  # cut from the other direction's thread, or by one of the two ends
        self._cut(line)

    def _ask(self, line: Line, talk: Talk, chunk: bytes) -> bool:
        """Pass a piece of a question on; return whether the line goes on."""
        asker, service = line
        if not talk.is_asking:
            self._begin(talk, chunk)
        breakage = talk.breakage
        match breakage.manner:
            case "refuse":
                self._refuse(breakage.lasts_s)
                return False
            case "reset before":
                make_reset(line)
                return False
            case "reset within":
                return _pass_rest(line, service, talk, chunk)
            case "reply":
                talk.left -= len(chunk)
                if talk.left <= 0 or b"100-continue" in chunk:
                    talk.is_asking = False
                    asker.sendall(talk.reply)
                return talk.is_asking or not breakage.is_last
            case "happen":
                self._happen(talk)
        service.sendall(chunk)
        return True

    def _begin(self, talk: Talk, chunk: bytes) -> None:
        """Note what a new question is, and what becomes of it."""
        talk.is_asking, talk.is_bare = True, chunk.startswith(b"HEAD ")
        talk.breakage = self._breakage_of(*self._naming(chunk, talk))
        talk.left = _byte_count(chunk)
        if talk.breakage.manner == "reset within":
            talk.left //= 2

    def _answer(self, line: Line, talk: Talk, chunk: bytes) -> bool:
        """Pass a piece of an answer on; return whether the line goes on."""
        asker, _ = line
        if chunk.startswith(_INTERIM):
            asker.sendall(chunk)
            return True
        if talk.is_asking:
            talk.is_asking = False
            talk.left = (len(chunk) if talk.is_bare else _byte_count(chunk)) // 2
        match talk.breakage.manner:
            case "reset after":
                make_reset(line)
                return False
            case "reset answer" | "cut answer" | "stall":
                if _pass_rest(line, asker, talk, chunk):
                    return True
                if talk.breakage.manner == "stall":
                    wait_until_closed(line, self._is_over)
                return False
            case "flip":
                chunk = _flipped(talk, chunk)
        asker.sendall(chunk)
        return True

    def _breakage_of(self, label: str, question: str) -> Breakage:
        """Count a question; return what goes wrong with it."""
        if not label:
            return UNBROKEN
        with self._lock:
            self._trace.append(label)
            hits = [one for one in self._armed if one.hits(label, question)]
            if not hits:
                return UNBROKEN
            hits[0].fired_count += 1
            return hits[0].breakage

    def _refuse(self, for_s: float) -> None:
        """Let nobody listen for a while."""
        self._is_whole.clear()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()
        self._is_over.wait(for_s)
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._start(self._accept)
        self._is_whole.set()

    def _happen(self, talk: Talk) -> None:
        breakage, talk.breakage = talk.breakage, UNBROKEN  # nor again at the question's next piece
        assert breakage.happening is not None
        self._is_whole.clear()
        try:
            breakage.happening()
        finally:
            self._is_whole.set()


def _pass_rest(line: Line, taker: socket.socket, talk: Talk, chunk: bytes) -> bool:
    """Pass on what is still to pass, and break the line off after it; return whether it goes on."""
    taker.sendall(chunk[: talk.left])
    talk.left -= min(len(chunk), talk.left)
    if not talk.left and talk.breakage.manner.startswith("reset"):
        make_reset(line)
    return talk.left > 0


def _flipped(talk: Talk, chunk: bytes) -> bytes:
    """Return the piece, with another byte if the middle of the answer is in it."""
    if talk.left >= len(chunk):
        talk.left -= len(chunk)
        return chunk
    at, talk.breakage = talk.left, UNBROKEN
    return chunk[:at] + bytes([chunk[at] ^ 1]) + chunk[at + 1 :]


def _byte_count(first: bytes) -> int:
    """Return how long a question or an answer is, if it says so; else how long its piece is."""
    head, end, _ = first.partition(b"\r\n\r\n")
    told = _LENGTH.search(head)
    return len(head) + len(end) + int(told[1]) if told and end else len(first)


def refusal_of_store(status: int, code: str) -> bytes:
    """Return how an S3-compatible store refuses.

    Source:
        https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    body = f"<Error><Code>{code}</Code><Message>Injected</Message></Error>".encode()
    head = f"HTTP/1.1 {status} Refused\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def refusal_of_database(state: str, *, is_fatal: bool = False) -> bytes:
    """Return how PostgreSQL refuses a statement, or a line.

    Args:
        state: The SQLSTATE.
        is_fatal: Whether the line ends with it.
    """
    severity = "FATAL" if is_fatal else "ERROR"
    fields = {"S": severity, "V": severity, "C": state, "M": "injected"}
    said = b"".join(f"{key}{value}\0".encode() for key, value in fields.items()) + b"\0"
    error = b"E" + struct.pack(">i", len(said) + 4) + said
    return error if is_fatal else error + b"Z" + struct.pack(">i", 5) + b"E"
