"""Requests that no honest site sends, made by hypothesis; none of them may change anything."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st
from safetensors.numpy import load

from coordinator import protocol
from coordinator.dashboard.pages import HOME_PATH, LOGIN_PATH
from tests.faults.hostile_bodies import (
    BOMB,
    broken_arrays,
    broken_headers,
    broken_messages,
    other_formats,
)
from tests.faults.scripted import ScriptedSite, message_of, upload_headers

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """One request, as its bytes are written; headers may lie."""

    method: str
    """Empty: the body is all that is sent."""
    target: str
    headers: Headers
    body: bytes
    declared: str | None = None
    """What Content-Length says; None for the truth."""

    def __repr__(self) -> str:
        shown = [(name, value[:80]) for name, value in self.headers]
        return f"{self.method} {self.target[:200]} {shown} {len(self.body)} bytes"

    def encoded(self) -> bytes:
        """Return the bytes to send."""
        if not self.method:
            return self.body
        length = str(len(self.body)) if self.declared is None else self.declared
        lines = [
            f"{self.method} {self.target} HTTP/1.1",
            "Host: 127.0.0.1",
            "Connection: close",
            *(f"{name}: {value}" for name, value in self.headers),
            *([f"Content-Length: {length}"] if length else []),
        ]
        return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + self.body


@dataclass(frozen=True)
class World:
    """Whom the attacker has got hold of, and what he knows."""

    number: int
    """The open round."""
    picked: ScriptedSite
    """Waited for."""
    picked_body: bytes
    """The right update of ``picked``, which it has not sent yet."""
    done: ScriptedSite
    """Its update of the round is in."""
    idle: ScriptedSite
    """A member that was not picked."""
    foreign: ScriptedSite
    """A member of another study."""
    marker: Path
    """What a live gadget would make."""

    @property
    def study_id(self) -> str:
        """The attacked study."""
        return self.picked.template.study_id


def requests(world: World) -> st.SearchStrategy[HostileRequest]:
    """Everything an attacker may send."""
    kinds = (
        unauthorised(world),
        of_others(world),
        misshapen(world),
        broken_updates(world),
        broken_updates(world),
        broken_updates(world),
        replays(world),
        pieces(world),
        broken_json(world),
        odd_headers(world),
        garbage(),
    )

    @st.composite
    def hostile_requests(draw: st.DrawFn) -> HostileRequest:
        """Draw a kind, and then one of it: each kind comes as often, however rich it is."""
        return draw(draw(st.sampled_from(kinds)))

    return hostile_requests()


def bearer(site: ScriptedSite) -> Headers:
    return (("Authorization", f"Bearer {site.member.credential}"),)


def put(
    site: ScriptedSite, number: int, body: bytes, claimed: bytes | None = None
) -> HostileRequest:
    """An update under a site's credential, said to be another one if ``claimed`` is given."""
    headers = tuple(upload_headers(body if claimed is None else claimed).items())
    path = protocol.update_path(site.template.study_id, number)
    return HostileRequest("PUT", path, bearer(site) + headers, body)


def paths(study_id: str, number: int) -> list[tuple[str, str]]:
    """Every route that needs a credential, of a site or of an owner."""
    return [
        ("GET", protocol.study_path(study_id)),
        ("GET", protocol.round_path(study_id)),
        ("POST", protocol.domains_path(study_id)),
        ("PUT", protocol.credential_path(study_id)),
        ("GET", protocol.parameters_path(study_id, number - 1)),
        ("GET", protocol.proposal_path(study_id)),
        ("PUT", protocol.proposal_path(study_id)),
        ("GET", protocol.update_path(study_id, number)),
        ("PUT", protocol.update_path(study_id, number)),
        ("GET", HOME_PATH),
        ("POST", LOGIN_PATH),
        ("GET", f"{HOME_PATH}/studies/{study_id}"),
        ("GET", f"{HOME_PATH}/studies/{study_id}/rounds/{number}"),
        ("GET", f"{HOME_PATH}/studies/{study_id}/figures.csv"),
        ("GET", "/metrics"),
        ("GET", "/readyz"),
    ]


def unauthorised(world: World) -> st.SearchStrategy[HostileRequest]:
    """Right requests with wrong credentials."""
    token = world.picked.member.credential
    wrong = st.one_of(
        st.sampled_from(
            ["", "Bearer", "Bearer ", f"Basic {token}", token, f"Bearer {token}x", "Bearer null"]
        )
        | st.sampled_from([f"Bearer {world.foreign.member.credential}", f"Bearer {token[:-1]}"])
        | st.sampled_from(
            [
                f"Bearer {token.swapcase()}",
                f"Bearer {'A' * 43}",
                f"Bearer {token}, Bearer {token}",
            ]
        ),
        st.text("ABab01-_ é\xff", max_size=60).map(lambda text: f"Bearer {text}"),
        st.integers(1, 30_000).map(lambda count: "Bearer " + "A" * count),
    )
    target = st.sampled_from(paths(world.study_id, world.number))
    body = st.sampled_from([b"", b"{}", world.picked_body])
    return st.builds(
        lambda t, w, b: HostileRequest(t[0], t[1], (("Authorization", w),), b), target, wrong, body
    )


def of_others(world: World) -> st.SearchStrategy[HostileRequest]:
    """Right credentials for what belongs to others, or to nobody."""
    ids = st.one_of(
        st.sampled_from(
            [world.foreign.template.study_id, "", "..", "%2e%2e", "%00", "%ff", "unnamed", "a" * 64]
        )
        | st.sampled_from(
            ["a" * 9000, "..%2f..%2fetc%2fpasswd", "';DROP TABLE sites;--", "%0d%0aSet-Cookie:x"]
        ),
        st.text("0123456789abcdef/%.-", min_size=1, max_size=70),
    )
    numbers = st.sampled_from([world.number, 1, 2, 99_999, 100_001, -1, 2**64])

    def request(which: int, study_id: str, number: int, site: ScriptedSite) -> HostileRequest:
        routes = paths(study_id, number)
        method, path = routes[which % len(routes)]
        return HostileRequest(method, path, bearer(site), b"" if method == "GET" else b"{}")

    attackers = st.sampled_from([world.picked, world.idle])
    return st.builds(request, st.integers(0, 99), ids, numbers, attackers)


def misshapen(world: World) -> st.SearchStrategy[HostileRequest]:
    """Methods, paths and lengths that no HTTP library would send."""
    method = st.sampled_from(["GET", "PUT", "POST", "TRACE", "PATCH", "DELETE", "OPTIONS", "BREW"])
    target = st.one_of(
        st.sampled_from([path for _, path in paths(world.study_id, world.number)]),
        st.text("/abcv1?&=%2e#[]{}\\é", min_size=1, max_size=50).map(lambda text: "/" + text),
    )
    declared = st.sampled_from(["-1", "0", "1", "1e3", "9" * 30, "0x10", "5, 6", "", "１", "abc"])
    body = st.one_of(st.binary(max_size=200), st.just(world.picked_body[:500]))
    return st.builds(
        lambda m, t, d, b: HostileRequest(m, t.replace(" ", "%20"), bearer(world.picked), b, d),
        method,
        target,
        declared,
        body,
    )


def garbage() -> st.SearchStrategy[HostileRequest]:
    """What is no HTTP at all."""
    begun = (
        st.sampled_from(
            [
                b"",
                b"\x16\x03\x01\x02\x00\x01\x00",
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                b"GET / HTTP/9.9\r\n\r\n",
            ]
        )
        | st.sampled_from(
            [b"GET /" + b"a" * 100_000, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000, b"\r\n" * 1000]
        )
        | st.just(b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n")
    )
    return st.builds(
        lambda first, rest: HostileRequest("", "", (), first + rest), begun, st.binary(max_size=99)
    )


def odd_headers(world: World) -> st.SearchStrategy[HostileRequest]:
    """Right requests with headers that lie, repeat themselves or are huge."""
    site = world.picked
    names = (
        st.sampled_from(
            [
                "SiteBlind-Protocol",
                "Range",
                "If-Range",
                "If-None-Match",
                "Content-Encoding",
                "Accept",
            ]
        )
        | st.sampled_from(
            [
                "Content-Range",
                "Repr-Digest",
                "Content-Digest",
                "Digest",
                "Transfer-Encoding",
                "Host",
            ]
        )
        | st.sampled_from(
            ["Content-Type", "Expect", "Upgrade", "X-Forwarded-For", "User-Agent", "Cookie"]
        )
    )
    values = st.one_of(
        st.sampled_from(
            ["", "-1", "0", "9" * 40, "bytes=0-0,1-1,2-2", "bytes=5-1", "bytes=-0", "bytes=0-" * 50]
        )
        | st.sampled_from(
            ["bytes */*", "bytes 0-4/2", "bytes 3-2/5", "bytes 0-99999999999999/9", "gzip", "br"]
        )
        | st.sampled_from(
            ["chunked", "100-continue", "h2c", "x" * 20_000, "bytes=" + "0-1," * 2000, "１２"]
        )
        | st.sampled_from(
            ["sha-256=:AAAA:", "../" * 20, '"*"', "*", "multipart/form-data; boundary=x"]
        ),
        st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=80),
    )
    headers = st.lists(st.tuples(names, values), min_size=1, max_size=12).map(tuple)
    routes = [
        ("GET", protocol.parameters_path(world.study_id, world.number - 1), b""),
        ("GET", protocol.round_path(world.study_id), b""),
        ("POST", protocol.domains_path(world.study_id), b'{"domain_ids": []}'),
        ("PUT", protocol.update_path(world.study_id, world.number), world.picked_body[:100]),
    ]
    return st.builds(
        lambda route, added: HostileRequest(route[0], route[1], bearer(site) + added, route[2]),
        st.sampled_from(routes),
        headers,
    )


def replays(world: World) -> st.SearchStrategy[HostileRequest]:
    """What was right once, or is right for somebody else; sent again and again."""
    mine, done = world.picked_body, world.done
    again = done.sent[world.number]
    early = world.done.sent or world.picked.sent
    old = next(iter(early.values()))
    return st.sampled_from(
        [
            put(done, world.number, again),
            put(done, world.number, mine),
            put(world.idle, world.number, mine),
            put(world.idle, world.number, again),
            put(world.picked, world.number, again),
            put(world.picked, world.number, old),
            put(world.foreign, world.number, mine),
            *(put(world.picked, n, mine) for n in (0, 1, world.number + 1, 99_999) if n != 2),
            put(world.done, world.number, again, mine),
            put(world.picked, world.number, mine[:-4], mine),
            put(world.picked, world.number, mine[: len(mine) // 2] * 2, mine),
        ]
    )


def pieces(world: World) -> st.SearchStrategy[HostileRequest]:
    """Parts of the right update that overlap, leave gaps, or are said to be something else.

    The last byte is always wrong, or else the whole would be right after all.
    """
    body, site = world.picked_body, world.picked
    path = protocol.update_path(world.study_id, world.number)
    right = upload_headers(body)
    offsets = st.integers(0, len(body)) | st.sampled_from([0, 1, len(body) // 2, len(body) - 1])
    claims = (
        st.sampled_from(
            ["", "-1", "0", "1", "007", "1e3", "9" * 25, str(2**63), "１", "x", " 5", "0x1"]
        )
        | st.sampled_from(
            ["0" * 64, "../" * 20 + "0000", "F" * 64, right[protocol.DIGEST_HEADER].upper(), "\xff"]
        )
        | st.sampled_from(
            [str(len(body) - 1), str(len(body) + 1), str(2 * len(body)), "g" * 64, "a" * 10_000]
        )
    )
    names = st.sampled_from(
        [protocol.DIGEST_HEADER, protocol.LENGTH_HEADER, protocol.OFFSET_HEADER, "Content-Type"]
    )
    lies = st.dictionaries(names, claims, max_size=2)

    def piece(
        method: str, span: tuple[int, int], shift: int, lies: dict[str, str]
    ) -> HostileRequest:
        first, last = min(span), max(span)
        part = bytearray(body[first:last])
        if part and last == len(body):
            part[-1] ^= 1
        headers = {**right, protocol.OFFSET_HEADER: str(first + shift), **lies}
        told = bearer(site) + tuple(headers.items())
        return HostileRequest(method, path, told, b"" if method == "GET" else bytes(part))

    return st.builds(
        piece,
        st.sampled_from(["PUT", "PUT", "PUT", "GET"]),
        st.tuples(offsets, offsets),
        st.sampled_from([0, 0, 0, 0, 1, -1, 100]),
        lies,
    )


def broken_json(world: World) -> st.SearchStrategy[HostileRequest]:
    """Small bodies that are no message, for the routes that take one."""
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode())
    enrolment = {"protocol_version": 1, "code": "x", "credential": "A" * 43, "site_name": "x"}
    odd: st.SearchStrategy[object] = st.sampled_from(
        ["", "\0", "\ud800", "x" * 5000, "7K2M-0QZD", None, -1, 1e308, [], {}, True, 2**70]
    )
    enrolments = st.builds(
        lambda key, value: json.dumps({**enrolment, key: value}).encode(),
        st.sampled_from([*enrolment, "extra"]),
        odd,
    )
    raw = st.sampled_from(
        [
            b"[" * 100_000,
            b'{"domain_ids":' * 2000,
            b'{"a":' + b"9" * 5000 + b"}",
            b"\xff\xfe",
            BOMB,
        ]
    ) | st.sampled_from([b'{"domain_ids":["' + b"0" * 999_000 + b'"]}', b"NaN", b"0" * 1_200_000])
    study_id = world.study_id
    routes = st.sampled_from(
        [
            ("POST", protocol.domains_path(study_id)),
            ("POST", protocol.ENROLMENTS_PATH),
            ("PUT", protocol.credential_path(study_id)),
            ("POST", LOGIN_PATH),
        ]
    )
    headers = st.sampled_from(
        [(), (("Content-Encoding", "gzip"),), (("Content-Type", "application/json"),)]
    )
    return st.builds(
        lambda to, extra, body: HostileRequest(to[0], to[1], bearer(world.idle) + extra, body),
        routes,
        headers,
        values | enrolments | raw,
    )


def broken_updates(world: World) -> st.SearchStrategy[HostileRequest]:
    """Bodies under the credential of the very site that is waited for."""
    arrays, message = load(world.picked_body), message_of(world.picked_body)
    bodies = st.one_of(
        broken_arrays(arrays, message),
        broken_messages(arrays, message),
        broken_headers(world.picked_body),
        st.sampled_from(other_formats(world.marker, arrays)),
        st.binary(max_size=300),
    )
    honest_claims = bodies.map(lambda body: put(world.picked, world.number, body))
    lies = st.builds(
        lambda at, bit: put(
            world.picked, world.number, _flipped(world.picked_body, at, bit), world.picked_body
        ),
        st.integers(0, len(world.picked_body) - 1),
        st.integers(0, 7),
    )
    encodings = st.builds(
        lambda body, kind: _with_header(put(world.picked, world.number, body), kind),
        bodies | st.just(world.picked_body),
        st.sampled_from(["gzip", "deflate", "zstd", "identity, gzip"]),
    )
    return honest_claims | honest_claims | lies | encodings


def _flipped(body: bytes, at: int, bit: int) -> bytes:
    changed = bytearray(body)
    changed[at] ^= 1 << bit
    return bytes(changed)


def _with_header(request: HostileRequest, encoding: str) -> HostileRequest:
    packed = gzip.compress(request.body, 1)
    headers = (*request.headers, ("Content-Encoding", encoding))
    return HostileRequest(request.method, request.target, headers, packed)
