"""How often one credential and one address may ask, and how often an address may guess.

Counted in this process only: where several share the sites, each allows an address its share. A
site whose credential was right is never held up by the wrong guesses of others at its address.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coordinator.access.credentials import hash_of
from coordinator.errors import CredentialRefusedError, StudyUnknownError, TooManyRequestsError
from coordinator.protocol import ENROLMENTS_PATH, INVITED_PATH, ErrorReply
from coordinator.server.shown_secret import shown_secret

_WINDOW_S: Final = 60.0
_ROUNDING_S: Final = 1e-6
"""More than what is lost in adding up a minute's intervals."""
_KNOWN_COUNT: Final = 100_000
"""Credentials remembered as right; more than any coordinator has sites."""
_IPV6_PREFIX: Final = 64
"""Bits of an IPv6 address that one customer has; the rest is free to choose for each connection."""
_TAKE_CODES: Final = (ENROLMENTS_PATH, INVITED_PATH)
"""Where enrolment codes could be guessed."""
_VERDICT: Final = "shown_secret_is"
"""What of a request's state tells whether its secret was found right, wrong, or not looked at."""
_Verdict = Literal["right", "wrong"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """Requests per minute."""

    per_credential: int
    per_address: int
    failures_per_address: int

    def share_of(self, process_count: int) -> "Allowance":
        """Return what one of so many processes allows, so that all together allow no more.

        A credential always comes to the same process while that one lives; an address does not,
        least of all one that guesses.
        """
        return Allowance(
            self.per_credential,
            max(1, self.per_address // process_count),
            max(1, self.failures_per_address // process_count),
        )


class Rate:
    """Events of many keys, of which each may have so many per minute, at once or spread.

    The generic cell rate algorithm: of each key it keeps one point in time, up to which the key's
    events are paid for. Ours instead of a library's since those in reach start a thread per burst
    of requests; this has neither threads nor a clock that can be set back.

    Args:
        count_per_minute: Events that are allowed.
        clock_s: Gives seconds from any start, never going back.

    Source:
        ITU-T I.371, annex A, virtual scheduling.
    """

    def __init__(self, count_per_minute: int, clock_s: Callable[[], float]) -> None:
        self._interval_s = _WINDOW_S / count_per_minute
        self._clock_s = clock_s
        self._paid_until_s: dict[str, float] = {}
        self._sweep_at_s = clock_s() + _WINDOW_S

    def wait_s(self, key: str) -> float:
        """Return how long until a key's next event is allowed; 0 if it is now."""
        paid_until_s = self._paid_until_s.get(key, -math.inf)
        wait_s = paid_until_s + self._interval_s - _WINDOW_S - self._clock_s()
        return wait_s if wait_s > _ROUNDING_S else 0.0

    def count(self, key: str) -> None:
        """Note an event."""
        now_s = self._clock_s()
        if now_s >= self._sweep_at_s:
            self._forget_before(now_s)
        paid_until_s = max(now_s, self._paid_until_s.get(key, now_s))
        self._paid_until_s[key] = paid_until_s + self._interval_s

    def _forget_before(self, now_s: float) -> None:
        """Forget who has not asked for so long that nothing is left to remember."""
        self._paid_until_s = {k: s for k, s in self._paid_until_s.items() if s > now_s}
        self._sweep_at_s = now_s + _WINDOW_S


class RateLimits:
    """Answers with 429 and ``Retry-After`` who asks too often.

    Args:
        app: The application.
        allowance: How often is too often.
        clock_s: Gives seconds from any start, never going back.
    """

    def __init__(
        self, app: ASGIApp, allowance: Allowance, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._of_credential = Rate(allowance.per_credential, clock_s)
        self._of_address = Rate(allowance.per_address, clock_s)
        self._failures = Rate(allowance.failures_per_address, clock_s)
        self._known: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let the application answer and learn from its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address, secret = _address(scope), shown_secret(Request(scope))
        hashed = None if secret is None else hash_of(secret)
        try:
            self._admit(address, hashed)
        except TooManyRequestsError as refusal:
            await _reply(refusal)(scope, receive, send)
            return

        async def send_and_learn(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._learn(scope, address, hashed, message["status"])
            await send(message)

        await self._app(scope, receive, send_and_learn)

    def _admit(self, address: str, secret: str | None) -> None:
        _count_or_refuse(self._of_address, address, "this address")
        if secret is not None and secret in self._known:
            _count_or_refuse(self._of_credential, secret, "this credential")
        elif (wait_s := self._failures.wait_s(address)) > 0:
            raise _too_many("Too many wrong credentials or codes came from this address", wait_s)

    def _learn(self, scope: Scope, address: str, secret: str | None, status: int) -> None:
        verdict: _Verdict | None = scope.get("state", {}).get(_VERDICT)
        is_refused = verdict == "wrong" or status == HTTPStatus.UNAUTHORIZED
        if is_refused or (status == HTTPStatus.FORBIDDEN and scope["path"] in _TAKE_CODES):
            self._failures.count(address)
        if secret is None:
            return
        if is_refused:
            self._known.pop(secret, None)
        elif verdict == "right":
            self._known[secret] = None
            self._known.move_to_end(secret)
            if len(self._known) > _KNOWN_COUNT:
                self._known.popitem(last=False)


@contextmanager
def guesses_are_counted(request: Request) -> Iterator[None]:
    """Tell the limits whether the secret that the block looks at was right, whatever is answered.

    A wrong one may be answered by a page, or by there being no such study. Who shows none at all
    guesses nothing.
    """
    try:
        yield
    except (CredentialRefusedError, StudyUnknownError):
        _note(request, "wrong")
        raise
    _note(request, "right")


def _note(request: Request, verdict: _Verdict) -> None:
    if shown_secret(request) is not None:
        setattr(request.state, _VERDICT, verdict)


def _count_or_refuse(rate: Rate, key: str, whose: str) -> None:
    wait_s = rate.wait_s(key)
    if wait_s > 0:
        raise _too_many(f"Too many requests came from {whose}", wait_s)
    rate.count(key)


def _too_many(reason: str, wait_s: float) -> TooManyRequestsError:
    retry_after_s = math.ceil(wait_s)
    return TooManyRequestsError(f"{reason}; ask again in {retry_after_s} s", retry_after_s)


def _reply(refusal: TooManyRequestsError) -> JSONResponse:
    return JSONResponse(
        ErrorReply(code=refusal.code, message=str(refusal)).model_dump(),
        status_code=refusal.http_status,
        headers={"Retry-After": str(refusal.retry_after_s)},
    )


def _address(scope: Scope) -> str:
    """Return where a request comes from; of an IPv6 address the part that cannot be made up."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host  # a proxy may name none
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), _IPV6_PREFIX), strict=False))
