"""Every route there is, with the credentials and ids of others: what is not yours is not there."""

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from coordinator.access.auth import invite_sites
from coordinator.access.ending import revoke_site
from coordinator.access.owners import issue_owner, open_session
from coordinator.app import create_app
from coordinator.protocol import (
    DIGEST_HEADER,
    ENROLMENTS_PATH,
    INVITED_PATH,
    LENGTH_HEADER,
    PROTOCOL_VERSION,
)
from coordinator.rounds.initial import create_study
from coordinator.server.settings import read_settings
from coordinator.server.shown_secret import SESSION_COOKIE
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.store import Store
from tests.coordinator.conftest import Clock, tiny_study

PUBLIC: Final = {
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("post", ENROLMENTS_PATH),
    ("post", INVITED_PATH),  # what a code is for, to whoever holds it
    ("get", "/"),
    ("get", "/dashboard/style.css"),
    ("get", "/dashboard/icon.svg"),
    ("get", "/dashboard/login"),
    ("post", "/dashboard/login"),
    ("post", "/dashboard/logout"),
}
"""What anyone may ask; a route that is new has to be entered here or ask who is there."""

Route = tuple[str, str]
Headers = Mapping[str, str]


class World:
    """Two studies with a site and an owner each, at a coordinator that forgives many guesses."""

    def __init__(self, store: Store, clock: Clock, folder: Path) -> None:
        self.store, self.clock = store, clock
        blobs = BlobFolder(folder / "parameters")
        settings = read_settings(data_folder=folder, failures_per_minute_per_address=10_000)
        settings.arriving_path.mkdir()
        self.app: FastAPI = create_app(store, blobs, clock, settings)
        study = tiny_study()
        self.mine, self.theirs = (
            create_study(store, blobs, study.model_copy(update={"name": name}), (), clock())
            for name in ("Mine", "Hidden")
        )

    @property
    def routes(self) -> set[Route]:
        """All routes, as method and path."""
        paths: dict[str, dict[str, Any]] = self.app.openapi()["paths"]
        return {(method, path) for path, methods in paths.items() for method in methods}

    def site(self, client: TestClient, study_id: str) -> tuple[str, Headers]:
        """Enrol a site; give its id and what it shows."""
        with self.store.writing() as connection:
            (code,) = invite_sites(connection, study_id, self.clock())
        credential = secrets.token_urlsafe(32)
        message = {
            "protocol_version": PROTOCOL_VERSION,
            "code": code,
            "credential": credential,
            "site_name": "Ward",
        }
        reply = client.post(ENROLMENTS_PATH, json=message)
        assert reply.status_code == 200, reply.text
        return reply.json()["site_id"], bearer(credential)

    def owner(self, study_id: str | None) -> tuple[Headers, Headers]:
        """Issue an owner credential; give what a program and what a browser shows."""
        with self.store.writing() as connection:
            credential = issue_owner(connection, "Owner", study_id, self.clock()).credential
            token = open_session(connection, credential, self.clock())
        return bearer(credential), {"Cookie": f"{SESSION_COOKIE}={token}"}


def bearer(credential: str) -> Headers:
    return {"Authorization": f"Bearer {credential}"}


def ask(
    client: TestClient, route: Route, study_id: str, headers: Headers | None = None
) -> httpx2.Response:
    """Ask a route, with everything in its path filled in."""
    method, path = route
    path = path.replace("{study_id}", study_id).replace("{round_number}", "1")
    return client.request(
        method, re.sub(r"{[^}]*}", "x", path), headers=headers, follow_redirects=False
    )


@pytest.fixture
def world(store: Store, clock: Clock, tmp_path: Path) -> World:
    return World(store, clock, tmp_path)


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    # Far away: what is only for programs on this machine is not for this one.
    with TestClient(world.app, client=("192.0.2.1", 1)) as connected:
        yield connected


def routes_of_sites(world: World) -> list[Route]:
    return sorted(route for route in world.routes if route[1].startswith("/v1/studies/"))


def routes_of_owners(world: World) -> list[Route]:
    return sorted(world.routes - PUBLIC - set(routes_of_sites(world)))


def test_each_route_is_public_a_sites_or_an_owners(world: World) -> None:
    assert world.routes >= PUBLIC
    assert all("{study_id}" in path for _, path in routes_of_sites(world))
    assert len(routes_of_sites(world)) >= 7
    owned = routes_of_owners(world)
    assert all(path.startswith(("/dashboard", "/metrics")) for _, path in owned)
    assert len(owned) >= 6


def test_route_of_sites_wants_the_credential_of_a_member_of_that_study(
    world: World, client: TestClient
) -> None:
    _, stranger = world.site(client, world.mine)
    former_id, former = world.site(client, world.theirs)
    with world.store.writing() as connection:
        revoke_site(connection, world.theirs, former_id, world.clock())
    shown: dict[str, Headers] = {
        "nothing": {},
        "another scheme": {"Authorization": "Basic dTpw"},
        "a guess": bearer(secrets.token_urlsafe(32)),
        "a site of another study": stranger,
        "a site that was revoked": former,
        "the study's owner": world.owner(world.theirs)[0],
        "the owner's session": world.owner(None)[1],
    }
    for route in routes_of_sites(world):
        for who, headers in shown.items():
            answer = ask(client, route, world.theirs, headers)
            assert answer.status_code == 401, (route, who, answer.text)
            assert answer.json()["code"] == "credential_refused", (route, who)
            assert answer.headers["WWW-Authenticate"] == "Bearer", (route, who)
            assert "Hidden" not in answer.text, (route, who)


def test_study_that_is_not_there_is_named_to_whoever_has_a_credential(
    world: World, client: TestClient
) -> None:
    _, member = world.site(client, world.mine)
    for route in routes_of_sites(world):
        answer = ask(client, route, "nowhere", member)
        assert (answer.status_code, answer.json()["code"]) == (404, "study_unknown"), route
        assert "'nowhere'" in answer.json()["message"], route


def test_route_of_owners_wants_an_owner(world: World, client: TestClient) -> None:
    _, member = world.site(client, world.theirs)
    shown: dict[str, Headers] = {
        "nothing": {},
        "a guess": bearer(secrets.token_urlsafe(32)),
        "a guessed session": {"Cookie": f"{SESSION_COOKIE}={secrets.token_urlsafe(32)}"},
        "a member of the study": member,
    }
    for route in routes_of_owners(world):
        for who, headers in shown.items():
            answer = ask(client, route, world.theirs, headers)
            assert answer.status_code in (303, 401), (route, who, answer.text)
            assert "Hidden" not in answer.text, (route, who)
            if answer.status_code == 303:
                assert answer.headers["Location"].startswith("/dashboard/login"), (route, who)


def test_owner_of_one_study_finds_another_as_little_as_one_that_does_not_exist(
    world: World, client: TestClient
) -> None:
    for headers in world.owner(world.mine):
        for route in routes_of_owners(world):
            answer = ask(client, route, world.theirs, headers)
            assert "Hidden" not in answer.text, route
            if "{study_id}" in route[1]:
                nowhere = ask(client, route, "0" * 32, headers)
                assert (answer.status_code, nowhere.status_code) == (404, 404), route
                said, of_nowhere = (
                    reply.text.replace(study_id, "…")
                    for reply, study_id in ((answer, world.theirs), (nowhere, "0" * 32))
                )
                assert said == of_nowhere, route


def test_figures_of_all_studies_are_not_for_the_owner_of_one(
    world: World, client: TestClient
) -> None:
    of_one, of_all = world.owner(world.mine)[0], world.owner(None)[0]
    assert client.get("/metrics", headers=of_one).status_code == 401
    assert client.get("/metrics", headers=of_all).status_code == 200


def test_what_a_site_has_begun_to_send_is_not_there_for_another(
    world: World, client: TestClient
) -> None:
    """An upload is asked about by its digest, which another site could learn."""
    body = bytes(5000)
    digest = hashlib.sha256(body).hexdigest()
    about = {DIGEST_HEADER: digest, LENGTH_HEADER: str(len(body))}
    path = f"/v1/studies/{world.mine}/proposal"
    (_, first), (_, second) = (world.site(client, world.mine) for _ in range(2))
    sent = client.put(path, content=body[:2000], headers={**about, **first, "Upload-Offset": "0"})
    assert (sent.status_code, sent.json()["received_bytes"]) == (202, 2000)
    assert client.get(path, headers={**about, **first}).json()["received_bytes"] == 2000
    assert client.get(path, headers={**about, **second}).json()["received_bytes"] == 0


def test_a_request_that_is_refused_writes_nothing_about_the_study(
    world: World, client: TestClient
) -> None:
    _, stranger = world.site(client, world.mine)
    count = text("SELECT count(*) FROM audit_entries WHERE study_id = :study")
    with world.store.reading() as connection:
        before = connection.execute(count, {"study": world.theirs}).scalar_one()
    for route in routes_of_sites(world):
        ask(client, route, world.theirs, stranger)
    with world.store.reading() as connection:
        assert connection.execute(count, {"study": world.theirs}).scalar_one() == before
