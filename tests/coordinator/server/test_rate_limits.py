"""How often one may ask: hand-turned time for the arithmetic, real requests for the answers."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient

from coordinator.errors import CredentialRefusedError
from coordinator.protocol import ENROLMENTS_PATH, ErrorReply
from coordinator.server.rate_limits import Allowance, Rate, RateLimits, guesses_are_counted
from coordinator.server.settings import read_settings
from coordinator.server.shown_secret import SESSION_COOKIE, shown_secret
from tests.coordinator.conftest import LiveCoordinator


class Seconds:
    """Stands still until it is turned."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def allowed_count(rate: Rate, key: str, tries: int) -> int:
    """Count how many of so many events at once are allowed."""
    count = 0
    for _ in range(tries):
        if rate.wait_s(key) == 0:
            rate.count(key)
            count += 1
    return count


@pytest.mark.parametrize("per_minute", [1, 7, 60, 1200, 59_999])
def test_a_minutes_events_may_come_at_once(seconds: Seconds, per_minute: int) -> None:
    assert allowed_count(Rate(per_minute, seconds), "a", per_minute + 5) == per_minute


def test_after_them_one_more_is_allowed_every_sixtieth_of_a_minute(seconds: Seconds) -> None:
    rate = Rate(60, seconds)
    allowed_count(rate, "a", 60)
    assert rate.wait_s("a") == pytest.approx(1.0)
    seconds.now_s += 3.0
    assert allowed_count(rate, "a", 10) == 3


def test_after_a_minute_of_silence_all_are_allowed_again_and_no_more(seconds: Seconds) -> None:
    rate = Rate(10, seconds)
    allowed_count(rate, "a", 10)
    seconds.now_s += 600.0
    assert allowed_count(rate, "a", 20) == 10


def test_keys_do_not_share(seconds: Seconds) -> None:
    rate = Rate(5, seconds)
    assert allowed_count(rate, "a", 9) == 5
    assert allowed_count(rate, "b", 9) == 5


def test_keys_that_fell_silent_are_forgotten(seconds: Seconds) -> None:
    rate = Rate(5, seconds)
    for number in range(1000):
        rate.count(f"key {number}")
    seconds.now_s += 61.0
    rate.count("a")
    assert list(rate._paid_until_s) == ["a"]


ALLOWANCE = Allowance(per_credential=5, per_address=100, failures_per_address=3)


def bearer(words: str) -> str:
    """Make a header of words, as long as a credential is."""
    return f"Bearer {words.replace(' ', '_'):x<43}"


def knock(client: TestClient, credential: str | None = None, path: str = "/who") -> Any:
    headers = {} if credential is None else {"Authorization": bearer(credential)}
    return client.get(path, headers=headers)


def app_with(allowance: Allowance, seconds: Seconds) -> FastAPI:
    """An application with one secret, “right” until it is revoked, and a code that is wrong."""
    app = FastAPI()
    app.state.secret = "right"

    def check(request: Request) -> None:
        secret = bearer(app.state.secret).removeprefix("Bearer ")
        with guesses_are_counted(request):
            if shown_secret(request) != secret:
                raise CredentialRefusedError("no")

    @app.get("/who")
    def who(request: Request) -> Response:
        try:
            check(request)
        except CredentialRefusedError:
            return Response(status_code=401)
        return Response()

    @app.get("/page")
    def page(request: Request) -> Response:
        """Lead whoever is not known to the login, as the dashboard does."""
        with suppress(CredentialRefusedError):
            check(request)
        return Response(status_code=303)

    @app.get("/open")
    def get_open() -> None:
        return None

    @app.post(ENROLMENTS_PATH)
    def enrol() -> Response:
        return Response(status_code=403)

    @app.get("/forbidden")
    def forbidden() -> Response:
        return Response(status_code=403)

    app.add_middleware(RateLimits, allowance=allowance, clock_s=seconds)
    return app


@pytest.fixture
def app(seconds: Seconds) -> FastAPI:
    return app_with(ALLOWANCE, seconds)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, client=("192.0.2.1", 1)) as near:
        yield near


@pytest.fixture
def other(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, client=("192.0.2.2", 1)) as far:
        yield far


def test_who_asks_too_often_is_told_when_to_ask_again(client: TestClient, seconds: Seconds) -> None:
    # The first is only then known to be right.
    assert [knock(client, "right").status_code for _ in range(6)] == [200] * 6
    refused = knock(client, "right")
    error = ErrorReply.model_validate_json(refused.content)
    assert (refused.status_code, error.code) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "12"  # 60 s / 5
    assert error.message == "Too many requests came from this credential; ask again in 12 s"
    seconds.now_s += 12.0
    assert knock(client, "right").status_code == 200


def test_an_address_has_a_limit_of_its_own(seconds: Seconds) -> None:
    app = app_with(Allowance(per_credential=99, per_address=2, failures_per_address=99), seconds)
    with TestClient(app, client=("192.0.2.1", 1)) as client:
        assert [client.get("/open").status_code for _ in range(3)] == [200, 200, 429]
    with TestClient(app, client=("192.0.2.2", 1)) as other:
        assert other.get("/open").status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", 429),  # one customer's /64
        ("2001:db8::1", "2001:db8:0:1::1", 200),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", 200),  # IPv4 on an IPv6 socket
        ("::ffff:192.0.2.1", "192.0.2.1", 429),
        ("unix", "unix", 429),
    ],
)
def test_an_address_is_what_nobody_can_make_up(
    seconds: Seconds, first: str, second: str, status: int
) -> None:
    app = app_with(Allowance(per_credential=99, per_address=1, failures_per_address=99), seconds)
    with TestClient(app, client=(first, 1)) as client:
        client.get("/open")
    with TestClient(app, client=(second, 1)) as client:
        assert client.get("/open").status_code == status


def test_guessing_is_stopped_for_the_address_that_guesses(
    client: TestClient, other: TestClient
) -> None:
    statuses = [knock(client, f"guess {number}").status_code for number in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert knock(client, "right").status_code == 429  # a lucky guess would not be noticed either
    assert knock(other, "guess").status_code == 401


def test_guessing_goes_on_slowly_after_a_while(client: TestClient, seconds: Seconds) -> None:
    for number in range(3):
        knock(client, f"guess {number}")
    seconds.now_s += 20.0  # 60 s / 3
    assert [knock(client, "guess").status_code for _ in range(2)] == [401, 429]


def test_a_right_credential_goes_on_beside_those_who_guess(client: TestClient) -> None:
    knock(client, "right")
    for number in range(5):
        knock(client, f"guess {number}")
    assert knock(client, "right").status_code == 200


def test_a_credential_that_was_revoked_is_no_longer_known(client: TestClient, app: FastAPI) -> None:
    knock(client, "right")
    app.state.secret = "another"
    assert [knock(client, "right").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_a_guess_is_not_made_known_by_a_page_that_anyone_may_see(client: TestClient) -> None:
    for number in range(4):
        client.get("/open", headers={"Authorization": bearer(f"guess {number}")})
    statuses = [knock(client, f"guess {number}").status_code for number in range(4)]
    assert statuses == [401, 401, 401, 429]


def test_guessing_codes_counts_as_well(client: TestClient) -> None:
    statuses = [client.post(ENROLMENTS_PATH).status_code for _ in range(4)]
    assert statuses == [403, 403, 403, 429]


def test_what_is_merely_forbidden_is_no_guess(client: TestClient) -> None:
    assert [client.get("/forbidden").status_code for _ in range(5)] == [403] * 5


def test_guessing_is_noticed_whatever_is_answered(client: TestClient) -> None:
    statuses = [knock(client, f"guess {number}", "/page").status_code for number in range(4)]
    assert statuses == [303, 303, 303, 429]


def test_guessing_a_session_counts_as_well(client: TestClient) -> None:
    cookies = [f"{SESSION_COOKIE}=guess-{number}" for number in range(4)]
    asked = [client.get("/page", headers={"Cookie": cookie}) for cookie in cookies]
    assert [response.status_code for response in asked] == [303, 303, 303, 429]


def test_who_shows_no_secret_guesses_nothing(client: TestClient) -> None:
    assert [knock(client, path="/page").status_code for _ in range(5)] == [303] * 5


@pytest.mark.parametrize(
    "variant",
    [
        {"Authorization": bearer("right").replace("Bearer", "bEARER")},
        {"Authorization": bearer("right"), "Cookie": "another=one"},
        {"Cookie": f"{SESSION_COOKIE}={bearer('right').removeprefix('Bearer ')}; x=1"},
        {"Cookie": f"y=2; {SESSION_COOKIE}={bearer('right').removeprefix('Bearer ')}"},
    ],
)
def test_a_credential_is_the_same_whatever_is_written_around_it(
    client: TestClient, variant: dict[str, str]
) -> None:
    statuses = [knock(client, "right").status_code for _ in range(6)]
    assert statuses == [200] * 6
    assert client.get("/who", headers=variant).status_code == 429


def test_pages_and_studies_that_are_guessed_count_as_failures(live: LiveCoordinator) -> None:
    guess = {"Authorization": bearer("guess")}
    asked = [
        live.request("GET", path, headers=guess, allow_redirects=False).status_code
        for path in ("/dashboard", "/v1/studies/unknown", "/dashboard/nothing")
    ]
    assert asked == [303, 404, 303]
    began = time.monotonic()
    left = 0
    while live.request("GET", "/dashboard", headers=guess, allow_redirects=False).ok:
        left += 1
    # 60 failures a minute are allowed: one more for each second that this takes.
    assert 57 <= left <= 58 + time.monotonic() - began


def test_several_processes_together_allow_an_address_no_more_than_one_alone() -> None:
    alone = Allowance(per_credential=1200, per_address=60_000, failures_per_address=60)
    assert alone.share_of(3) == Allowance(1200, 20_000, 20)
    assert alone.share_of(1000) == Allowance(1200, 60, 1)
    assert read_settings(coordinators=3).allowance == alone.share_of(3)
